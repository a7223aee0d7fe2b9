// Command size is an ordinary host of Elva's. A test builds it with and without the lines that name
// Elva.
package main

import (
	"fmt"
	"log"
	"log/slog"
	"net/http"

	elva "github.com/SupermanScott/Elva"
	"github.com/redis/go-redis/v9"
)

func main() {
	rdb := redis.NewClient(&redis.Options{Addr: "localhost:6379"})
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		slog.Info("asked", "path", r.URL.Path)
		fmt.Fprintln(w, "hello", rdb.Ping(r.Context()))
	})
	mux.Handle("/debug/logs/", elva.New(rdb, "my:channel"))
	log.Fatal(http.ListenAndServe("localhost:8080", mux))
}
