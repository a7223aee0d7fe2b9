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
	// A pointer: a server keeps it until it is gone itself, and must not keep the closed handler that this is a field of.
	servers *servers
}

type servers struct {
	mu sync.Mutex
	// A server's channel stays, closed, as long as the server does: a request that comes in while it
	// shuts down must find it so. The pointer is weak, for a handler can outlive its servers.
	done map[weak.Pointer[http.Server]]chan struct{}
}

// NewShutdowns returns Shutdowns.
func NewShutdowns() Shutdowns {
	return Shutdowns{&servers{done: make(map[weak.Pointer[http.Server]]chan struct{})}}
}

// Done returns a channel that is closed when the request's server begins to shut down. It is nil, and
// so never ready, when the request does not come from a net/http server.
//
// The server is found in the request's context (http.ServerContextKey), so the host wires nothing.
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
