// Command slog ends as programs do that log through log/slog, and its last record arrives: go run ./loggers/slog fatal
package main

import (
	"log/slog"
	"os"

	elva "github.com/SupermanScott/Elva"
	"github.com/redis/go-redis/v9"
)

func main() {
	rdb := redis.NewClient(&redis.Options{Addr: "localhost:6379"})
	out := elva.NewWriter(rdb, "my:channel")
	defer out.Close() // a panic in this goroutine comes by here
	logger := slog.New(slog.NewJSONHandler(out, nil))

	logger.Info("shop opens")
	switch os.Args[1] {
	case "fatal":
		logger.Error("last words")
		out.Sync()
		os.Exit(1)
	case "panic":
		logger.Error("last words")
		panic("out of tea")
	case "goroutine":
		go func() {
			defer out.Sync()
			logger.Error("last words")
			panic("out of tea")
		}()
		select {}
	}
}
