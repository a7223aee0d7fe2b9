//go:build linux

package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync/atomic"

	elva "github.com/SupermanScott/Elva"
	"github.com/redis/go-redis/v9"
)

// serve starts the server and returns its address and how many records it has taken from Redis so far.
func serve(ctx context.Context, s setup) (addr string, received func() uint64, err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	client := redis.NewClient(&redis.Options{Addr: s.Redis})
	var count atomic.Uint64
	received = count.Load
	var handler http.Handler
	switch s.Server {
	case "count":
		go receive(ctx, client, func(string) { count.Add(1) })
		handler = http.NotFoundHandler()
	case "bare":
		go discard(s.Redis, &count)
		handler = http.NotFoundHandler()
	case "limit":
		hub := newLimit()
		go receive(ctx, client, func(payload string) { count.Add(1); hub.add(payload) })
		go hub.accept(listener)
		return listener.Addr().String(), received, nil
	case "naive":
		hub := &naive{viewers: make(map[chan string]bool)}
		go receive(ctx, client, func(payload string) { count.Add(1); hub.add(payload) })
		handler = hub
	case "go-sse":
		publish, h := newGoSSE()
		go receive(ctx, client, func(payload string) { count.Add(1); publish(payload) })
		handler = h
	case "elva":
		h := elva.Config{History: s.History, HistoryBytes: 2000 * s.History, Logger: slog.New(slog.DiscardHandler)}.New(client, channel)
		received = func() uint64 { return counted(h) }
		handler = h
	default:
		return "", nil, fmt.Errorf("there is no server %q", s.Server)
	}
	go func() {
		err := http.Serve(listener, handler)
		fmt.Fprintf(os.Stderr, "load: %s: %v\n", s.Server, err)
	}()
	return listener.Addr().String(), received, nil
}

// receive takes what is published in the cheapest way that go-redis has: Channel costs a third more,
// and drops what waits for a minute.
func receive(ctx context.Context, client *redis.Client, add func(payload string)) {
	subscription := client.Subscribe(ctx, channel)
	for {
		message, err := subscription.ReceiveMessage(ctx)
		if err != nil {
			fmt.Fprintln(os.Stderr, "load: receive:", err)
			os.Exit(1)
		}
		add(message.Payload)
	}
}

// discard reads what is published off the socket, over and over, and does nothing but count the records. Redis cuts it off when
// it falls behind, as it does with any subscriber.
func discard(addr string, count *atomic.Uint64) {
	buffer := make([]byte, 1<<20)
	for {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			return // Redis has ended
		}
		_, err = fmt.Fprintf(conn, "SUBSCRIBE %s\r\n", channel)
		for err == nil {
			var n int
			n, err = conn.Read(buffer)
			count.Add(uint64(bytes.Count(buffer[:n], []byte{mark})))
		}
		_ = conn.Close()
	}
}

// counted asks Elva as a monitor would, in the way that costs least.
func counted(h http.Handler) (sum uint64) {
	answer := httptest.NewRecorder()
	h.ServeHTTP(answer, &http.Request{Method: http.MethodGet, URL: &url.URL{Path: "/", RawQuery: "health=prometheus"}, Header: http.Header{}})
	for line := range strings.Lines(answer.Body.String()) {
		if strings.HasPrefix(line, "elva_records_total{") {
			n, err := strconv.ParseUint(strings.TrimSpace(line[strings.LastIndexByte(line, ' ')+1:]), 10, 64)
			if err != nil {
				fmt.Fprintln(os.Stderr, "load: elva's figures:", err)
				os.Exit(1)
			}
			sum += n
		}
	}
	return sum
}
