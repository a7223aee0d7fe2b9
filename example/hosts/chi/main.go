// Command chi mounts Elva in a chi router.
package main

import (
	"log"
	"net/http"

	elva "github.com/SupermanScott/Elva"
	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/redis/go-redis/v9"
)

func main() {
	rdb := redis.NewClient(&redis.Options{Addr: "localhost:6379"})
	logs := elva.New(rdb, "my:channel")

	r := chi.NewRouter()
	r.Use(middleware.Logger, middleware.Recoverer)
	r.Mount("/debug/logs", logs)
	log.Fatal(http.ListenAndServe("localhost:8080", r))
}
