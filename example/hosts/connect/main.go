// Command connect mounts Elva beside a service of connectrpc.com/connect, in the same mux. grpc-gateway's runtime.ServeMux, too, is a
// handler to mount at "/" beside it.
package main

import (
	"context"
	"log"
	"net/http"

	"connectrpc.com/connect"
	elva "github.com/SupermanScott/Elva"
	"github.com/redis/go-redis/v9"
	"google.golang.org/protobuf/types/known/emptypb"
)

func main() {
	rdb := redis.NewClient(&redis.Options{Addr: "localhost:6379"})
	logs := elva.New(rdb, "my:channel")

	const ping = "/shop.v1.Shop/Ping"
	mux := http.NewServeMux()
	mux.Handle(ping, connect.NewUnaryHandler(ping, func(context.Context, *connect.Request[emptypb.Empty]) (*connect.Response[emptypb.Empty], error) {
		return connect.NewResponse(&emptypb.Empty{}), nil
	}))
	mux.Handle("/debug/logs/", logs)

	server := &http.Server{Addr: "localhost:8080", Handler: mux, Protocols: new(http.Protocols)}
	server.Protocols.SetHTTP1(true)
	server.Protocols.SetUnencryptedHTTP2(true) // for gRPC without TLS
	log.Fatal(server.ListenAndServe())
}
