// Command instances is one of several instances of a host that shows a channel and a stream. run.sh starts two of them behind nginx
// or HAProxy.
package main

import (
	"context"
	"flag"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"

	elva "github.com/SupermanScott/Elva"
	"github.com/redis/go-redis/v9"
)

func main() {
	address := flag.String("redis", "localhost:6379", "where Redis is")
	listen := flag.String("listen", "localhost:8080", "where to listen")
	flag.Parse()
	rdb := redis.NewClient(&redis.Options{Addr: *address})
	logs := elva.Config{Streams: []string{"my:stream"}}.New(rdb, "my:channel")

	mux := http.NewServeMux()
	mux.Handle("/debug/logs/", logs)
	server := &http.Server{Addr: *listen, Handler: mux}
	go func() { log.Print(server.ListenAndServe()) }()

	// A deployment ends an instance by SIGTERM. Its viewers come back to the other one.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	<-ctx.Done()
	_ = server.Shutdown(context.Background())
	_ = logs.Close()
}
