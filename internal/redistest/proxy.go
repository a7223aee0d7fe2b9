package redistest

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"testing"
	"time"
)

// Proxy forwards connections to a server, like a network that can stall and break.
type Proxy struct {
	Addr string

	t        testing.TB
	listener net.Listener
	running  sync.WaitGroup

	mu      sync.Mutex
	target  string
	pairs   map[*pair]bool
	stalled chan struct{} // not nil during a stall, and closed at its end
	closed  bool
}

// pair is one connection through the proxy.
type pair struct{ client, server *net.TCPConn }

// NewProxy starts a proxy for the server at the address target. It ends with the test.
func NewProxy(t testing.TB, target string) *Proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{Addr: listener.Addr().String(), t: t, listener: listener, target: target, pairs: make(map[*pair]bool)}
	p.running.Go(p.accept)
	t.Cleanup(p.close)
	return p
}

// Stall stops all forwarding. Connections stay open, and new ones are accepted but receive nothing, like half-open
// connections.
func (p *Proxy) Stall() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stalled == nil {
		p.stalled = make(chan struct{})
		for pair := range p.pairs { // end blocked reads, which would still forward one read
			pair.interrupt()
		}
	}
}

// Resume ends a stall. Data that was sent meanwhile arrives now.
func (p *Proxy) Resume() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stalled != nil {
		close(p.stalled)
		p.stalled = nil
	}
}

// Cut resets (RST) every connection on both sides.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for pair := range p.pairs {
		pair.reset()
	}
}

// Connections returns the number of connections.
func (p *Proxy) Connections() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.pairs)
}

func (p *Proxy) close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.listener.Close()
	p.Resume()
	p.Cut()
	p.running.Wait()
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return // closed
		}
		server, err := net.DialTimeout("tcp", p.target, patience)
		if err != nil {
			client.Close() // similar to a refused connection
			continue
		}
		both := &pair{client.(*net.TCPConn), server.(*net.TCPConn)}
		p.mu.Lock()
		if p.closed {
			p.mu.Unlock()
			both.reset()
			return
		}
		p.pairs[both] = true
		p.mu.Unlock()
		p.running.Go(func() {
			var copies sync.WaitGroup
			copies.Go(func() { p.copy(both.server, both.client) })
			copies.Go(func() { p.copy(both.client, both.server) })
			copies.Wait()
			p.mu.Lock()
			delete(p.pairs, both)
			p.mu.Unlock()
			both.client.Close()
			both.server.Close()
		})
	}
}

// copy forwards data until src ends, and then closes dst, both outside of stalls.
func (p *Proxy) copy(dst, src *net.TCPConn) {
	buffer := make([]byte, 64<<10)
	for {
		p.wait()
		_ = src.SetReadDeadline(time.Time{})
		if p.isStalled() {
			continue // a stall began after wait, so its interruption was cleared
		}
		n, err := src.Read(buffer)
		p.wait()
		if n > 0 {
			if _, err := dst.Write(buffer[:n]); err != nil {
				src.Close()
				return
			}
		}
		if errors.Is(err, os.ErrDeadlineExceeded) {
			continue
		}
		if err != nil {
			if err != io.EOF { // forward a reset as a reset
				_ = dst.SetLinger(0)
			}
			dst.Close()
			return
		}
	}
}

func (p *Proxy) isStalled() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stalled != nil
}

// wait waits for the end of a stall.
func (p *Proxy) wait() {
	p.mu.Lock()
	stalled := p.stalled
	p.mu.Unlock()
	if stalled != nil {
		<-stalled
	}
}

// interrupt ends blocked reads, so that copy notices the stall.
func (c *pair) interrupt() {
	_ = c.client.SetReadDeadline(time.Unix(1, 0))
	_ = c.server.SetReadDeadline(time.Unix(1, 0))
}

func (c *pair) reset() {
	for _, side := range []*net.TCPConn{c.client, c.server} {
		_ = side.SetLinger(0) // Close then sends RST, not FIN
		side.Close()
	}
}
