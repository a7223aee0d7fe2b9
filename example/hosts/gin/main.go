// Command gin mounts Elva in a gin engine.
package main

import (
	"log"

	elva "github.com/SupermanScott/Elva"
	"github.com/gin-gonic/gin"
	"github.com/redis/go-redis/v9"
)

func main() {
	rdb := redis.NewClient(&redis.Options{Addr: "localhost:6379"})
	logs := elva.New(rdb, "my:channel")

	r := gin.Default()
	r.Any("/debug/logs/*any", gin.WrapH(logs))
	log.Fatal(r.Run("localhost:8080"))
}
