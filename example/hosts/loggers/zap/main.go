// Command zap ends as programs do that log through zap, and its last record arrives: go run ./loggers/zap fatal
package main

import (
	"os"

	elva "github.com/SupermanScott/Elva"
	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

func main() {
	rdb := redis.NewClient(&redis.Options{Addr: "localhost:6379"})
	out := elva.NewWriter(rdb, "my:channel")
	defer out.Close()
	encoder := zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig())
	logger := zap.New(zapcore.NewCore(encoder, out, zap.InfoLevel)) // zap calls out.Sync above the level of errors

	logger.Info("shop opens")
	switch os.Args[1] {
	case "fatal":
		logger.Fatal("last words")
	case "panic":
		logger.Panic("last words")
	case "goroutine":
		go logger.Panic("last words")
		select {}
	}
}
