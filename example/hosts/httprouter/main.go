// Command httprouter mounts Elva in a router of julienschmidt/httprouter.
package main

import (
	"log"
	"net/http"

	elva "github.com/SupermanScott/Elva"
	"github.com/julienschmidt/httprouter"
	"github.com/redis/go-redis/v9"
)

func main() {
	rdb := redis.NewClient(&redis.Options{Addr: "localhost:6379"})
	logs := elva.New(rdb, "my:channel")

	r := httprouter.New()
	r.Handler("GET", "/debug/logs/*any", logs)
	log.Fatal(http.ListenAndServe("localhost:8080", r))
}
