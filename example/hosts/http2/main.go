// Command http2 mounts Elva in a server with TLS, to which browsers speak HTTP/2: an open page then
// holds none of the six connections that HTTP/1.1 leaves a browser for one host.
//
// It reads cert.pem and key.pem. To make a pair for localhost:
//
//	go run "$(go env GOROOT)/src/crypto/tls/generate_cert.go" --host localhost
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
	log.Fatal(http.ListenAndServeTLS("localhost:8080", "cert.pem", "key.pem", mux))
}
