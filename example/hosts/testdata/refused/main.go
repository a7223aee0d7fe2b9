// Command refused mounts Elva in Fiber with the fasthttp that Fiber itself asks for, whose adaptor can't stream. Its arguments are
// Fiber's version, an address to listen at, and that of Redis.
package main

import (
	"log"
	"os"

	elva "github.com/SupermanScott/Elva"
	fiber2 "github.com/gofiber/fiber/v2"
	adaptor2 "github.com/gofiber/fiber/v2/middleware/adaptor"
	fiber3 "github.com/gofiber/fiber/v3"
	adaptor3 "github.com/gofiber/fiber/v3/middleware/adaptor"
	"github.com/redis/go-redis/v9"
)

func main() {
	version, address := os.Args[1], os.Args[2]
	logs := elva.New(redis.NewClient(&redis.Options{Addr: os.Args[3]}), "my:channel")
	if version == "2" {
		app := fiber2.New()
		app.All("/debug/logs/*", adaptor2.HTTPHandler(logs))
		log.Fatal(app.Listen(address))
	}
	app := fiber3.New()
	app.All("/debug/logs/*", adaptor3.HTTPHandler(logs))
	log.Fatal(app.Listen(address))
}
