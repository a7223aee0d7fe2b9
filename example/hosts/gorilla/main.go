// Command gorilla mounts Elva in a router of gorilla/mux.
package main

import (
	"log"
	"net/http"

	elva "github.com/SupermanScott/Elva"
	"github.com/gorilla/mux"
	"github.com/redis/go-redis/v9"
)

func main() {
	rdb := redis.NewClient(&redis.Options{Addr: "localhost:6379"})
	logs := elva.New(rdb, "my:channel")

	r := mux.NewRouter()
	r.PathPrefix("/debug/logs").Handler(logs) // with a slash at the end, /debug/logs itself would be a 404
	log.Fatal(http.ListenAndServe("localhost:8080", r))
}
