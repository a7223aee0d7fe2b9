package wire

import (
	"net/http"
	"runtime"
	"sync"
	"weak"
)

// Shutdowns ends streams when the server that carries them shuts down. Without it
// http.Server.Shutdown waits for every open stream (golang/go#41344). Its methods are safe for concurrent use.
type Shutdowns struct {
	// This is a pointer, since each server references it for as long as the server exists, and must not keep a closed handler in memory.
	servers *servers
}

type servers struct {
	mu sync.Mutex
	// The channel of a server stays in the map, closed, for as long as the server exists, so that a request that arrives during
	// shutdown finds it closed. The pointer is weak, since a handler can outlive its servers.
	done map[weak.Pointer[http.Server]]chan struct{}
}

// NewShutdowns returns Shutdowns.
func NewShutdowns() Shutdowns {
	return Shutdowns{&servers{done: make(map[weak.Pointer[http.Server]]chan struct{})}}
}

// Done returns a channel that is closed when the request's server begins to shut down. If the server is not net/http's, the channel is
// nil, and thus never ready.
//
// It finds the server in the request's context (http.ServerContextKey), so the host need not wire anything.
func (s Shutdowns) Done(r *http.Request) <-chan struct{} {
	server, ok := r.Context().Value(http.ServerContextKey).(*http.Server)
	if !ok {
		return nil
	}
	all := s.servers
	all.mu.Lock()
	defer all.mu.Unlock()
	key := weak.Make(server)
	if done, ok := all.done[key]; ok {
		return done
	}
	done := make(chan struct{})
	all.done[key] = done
	server.RegisterOnShutdown(sync.OnceFunc(func() { close(done) }))
	runtime.AddCleanup(server, all.forget, key)
	return done
}

func (s *servers) forget(key weak.Pointer[http.Server]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.done, key)
}
