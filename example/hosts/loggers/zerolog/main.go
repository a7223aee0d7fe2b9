// Command zerolog ends as programs do that log through zerolog, and its last record arrives: go run ./loggers/zerolog fatal
package main

import (
	"os"

	elva "github.com/SupermanScott/Elva"
	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"
)

func main() {
	rdb := redis.NewClient(&redis.Options{Addr: "localhost:6379"})
	out := elva.NewWriter(rdb, "my:channel")
	defer out.Close() // a panic in this goroutine comes by here
	logger := zerolog.New(out).With().Timestamp().Logger()

	logger.Info().Msg("shop opens")
	switch os.Args[1] {
	case "fatal":
		logger.Fatal().Msg("last words") // zerolog calls out.Close
	case "panic":
		logger.Panic().Msg("last words")
	case "goroutine":
		go func() {
			defer out.Sync()
			logger.Panic().Msg("last words")
		}()
		select {}
	}
}
