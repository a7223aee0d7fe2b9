// Command echo mounts Elva in an Echo server.
package main

import (
	"log"

	elva "github.com/SupermanScott/Elva"
	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
	"github.com/redis/go-redis/v9"
)

func main() {
	rdb := redis.NewClient(&redis.Options{Addr: "localhost:6379"})
	logs := elva.New(rdb, "my:channel")

	e := echo.New()
	e.Use(middleware.RequestLogger(), middleware.Recover())
	e.Any("/debug/logs*", echo.WrapHandler(logs)) // with a slash before the *, /debug/logs itself would be a 404
	log.Fatal(e.Start("localhost:8080"))
}
