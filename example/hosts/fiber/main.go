// Command fiber mounts Elva in Fiber v3 by its adaptor. It needs fasthttp 1.77 or newer (go get github.com/valyala/fasthttp): what
// Fiber 3.1 asks for, and all of Fiber v2, can't stream, and Elva says so.
package main

import (
	"log"

	elva "github.com/SupermanScott/Elva"
	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/adaptor"
	"github.com/redis/go-redis/v9"
)

func main() {
	rdb := redis.NewClient(&redis.Options{Addr: "localhost:6379"})
	logs := elva.New(rdb, "my:channel")

	app := fiber.New()
	app.All("/debug/logs/*", adaptor.HTTPHandler(logs))
	log.Fatal(app.Listen("localhost:8080"))
}
