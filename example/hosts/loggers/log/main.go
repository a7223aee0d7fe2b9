// Command log ends as programs do that log through the standard library's log, and its last record arrives:
// go run ./loggers/log fatal
package main

import (
	"log"
	"os"

	elva "github.com/SupermanScott/Elva"
	"github.com/redis/go-redis/v9"
)

func main() {
	rdb := redis.NewClient(&redis.Options{Addr: "localhost:6379"})
	out := elva.NewWriter(rdb, "my:channel")
	defer out.Close() // a panic in this goroutine comes by here
	logger := log.New(out, "", log.LstdFlags)

	logger.Print("INFO shop opens")
	switch os.Args[1] {
	case "fatal":
		logger.Print("FATAL last words") // Fatal itself would end the program before Sync
		out.Sync()
		os.Exit(1)
	case "panic":
		logger.Panic("PANIC last words")
	case "goroutine":
		go func() {
			defer out.Sync()
			logger.Panic("PANIC last words")
		}()
		select {}
	}
}
