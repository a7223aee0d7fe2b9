// Command logrus ends as programs do that log through logrus, and its last record arrives: go run ./loggers/logrus fatal
package main

import (
	"os"

	elva "github.com/SupermanScott/Elva"
	"github.com/redis/go-redis/v9"
	"github.com/sirupsen/logrus"
)

func main() {
	rdb := redis.NewClient(&redis.Options{Addr: "localhost:6379"})
	out := elva.NewWriter(rdb, "my:channel")
	defer out.Close() // a panic in this goroutine comes by here
	logger := logrus.New()
	logger.SetOutput(out)
	logger.SetFormatter(&logrus.JSONFormatter{})
	logrus.RegisterExitHandler(func() { out.Sync() })

	logger.Info("shop opens")
	switch os.Args[1] {
	case "fatal":
		logger.Fatal("last words")
	case "panic":
		logger.Panic("last words")
	case "goroutine":
		go func() {
			defer out.Sync()
			logger.Panic("last words")
		}()
		select {}
	}
}
