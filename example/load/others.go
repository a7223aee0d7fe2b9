//go:build linux

package main

import (
	"fmt"
	"net/http"
	"sync"

	gosse "github.com/tmaxmax/go-sse"
)

// naiveQueue is more than the window of records that throughput allows, so that the naive way is not
// judged by what it drops there.
const naiveQueue = 1024

// naive is what a tutorial shows: a channel and a goroutine a viewer, Fprintf and Flush a record.
type naive struct {
	mu      sync.Mutex
	viewers map[chan string]bool
}

func (n *naive) add(payload string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for queue := range n.viewers {
		select {
		case queue <- payload:
		default: // a viewer that is too slow loses the record
		}
	}
}

func (n *naive) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	queue := make(chan string, naiveQueue)
	n.mu.Lock()
	n.viewers[queue] = true
	n.mu.Unlock()
	defer func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		delete(n.viewers, queue)
	}()
	flusher := w.(http.Flusher)
	flusher.Flush()
	for {
		select {
		case payload := <-queue:
			fmt.Fprintf(w, "data: %s\n\n", payload)
			flusher.Flush()
		case <-r.Context().Done():
			return
		}
	}
}

// newGoSSE is go-sse with its default provider and no replay.
func newGoSSE() (publish func(string), handler http.Handler) {
	server := &gosse.Server{}
	return func(payload string) {
		m := &gosse.Message{}
		m.AppendData(payload)
		_ = server.Publish(m) // fails only after Shutdown
	}, server
}
