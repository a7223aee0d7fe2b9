// Command std mounts Elva in the standard library's mux.
package main

import (
	"log"
	"net/http"

	elva "github.com/SupermanScott/Elva"
	"github.com/redis/go-redis/v9"
)

func main() {
	rdb := redis.NewClient(&redis.Options{Addr: "localhost:6379"})
	logs := elva.New(rdb, "my:channel")

	mux := http.NewServeMux()
	mux.Handle("/debug/logs/", logs)
	log.Fatal(http.ListenAndServe("localhost:8080", mux))
}
