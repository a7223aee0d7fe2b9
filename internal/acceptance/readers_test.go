package acceptance_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	elva "github.com/SupermanScott/Elva"
)

// pipes is a listener whose connections are pipes without buffers, so that the next write blocks when a client does not read.
type pipes struct {
	accepted chan net.Conn
	closed   chan struct{}
	close    sync.Once
}

func newPipes() *pipes { return &pipes{accepted: make(chan net.Conn), closed: make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.accepted:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error { p.close.Do(func() { close(p.closed) }); return nil }

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

func (p *pipes) dial(ctx context.Context) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case p.accepted <- server:
		return client, nil
	case <-p.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// running counts the requests that a handler has not finished, by the name in their header X-Reader.
type running struct {
	mu    sync.Mutex
	names map[string]int
	begun int
}

func (r *running) count(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if name := req.Header.Get("X-Reader"); name != "" {
			r.add(name, 1)
			defer r.add(name, -1)
		}
		next.ServeHTTP(w, req)
	})
}

func (r *running) add(name string, n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.names == nil {
		r.names = make(map[string]int)
	}
	r.names[name] += n
	r.begun += max(n, 0)
}

// left returns the names of the requests that still run, of those with of in their name.
func (r *running) left(of string) (names []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for name, n := range r.names {
		if n > 0 && strings.Contains(name, of) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// TestReaders_Slow sends requests to every endpoint from clients that never read, read a byte a second, or disconnect immediately. Ingest and other
// clients must not be affected, and the requests must end when their client disconnects or at the write deadline.
func TestReaders_Slow(t *testing.T) {
	for name, read := range map[string]func(*testing.T, *pipes, string, string, string){"HTTP/1.1": readHTTP1, "HTTP/2": readHTTP2} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var requests running
			h := newHost(t, elva.Config{}, requests.count, "app*")
			fill(h)
			hostile := newPipes()
			server := &http.Server{Handler: requests.count(h.Handler), Protocols: new(http.Protocols)}
			server.Protocols.SetHTTP1(true)
			server.Protocols.SetUnencryptedHTTP2(true)
			go server.Serve(hostile)
			t.Cleanup(func() { server.Close() })

			_, page := get(t, h.URL+"/")
			script := reference.FindAllStringSubmatch(page, -1)[2][1]
			raw := fmt.Sprintf("?raw=%s-%d", status(t, h.Handler).Epoch, h.published)
			viewer := open(t, h.URL+"/?events")
			viewer.records(h.published)
			queries := []string{"", script, raw, "?health", "?health=document", "?health=prometheus", "?records", "?records&q=x&download",
				"?records&limit=400", "?records&limit=400&newest", "?records&limit=400&q=order&after=" + raw[len("?raw="):strings.LastIndex(raw, "-")] + "-1",
				"?histogram", "?histogram&q=order&step=10s", "?patterns&limit=1000", "?patterns&q=order", "?facets&limit=1000", "?facets&q=order&field=logger",
				"?operations&from=9000h", "?changes&q=order", "?tail=400", "?events", "?events&level=error"}
			for _, query := range queries {
				for _, how := range []string{"never reads", "reads a byte a second", "leaves at once"} {
					read(t, hostile, query, how, how+" /"+query)
				}
			}
			waitFor(t, "all requests to come in", func() bool {
				requests.mu.Lock()
				defer requests.mu.Unlock()
				return requests.begun >= 3*len(queries)
			})
			began := time.Now()
			waitFor(t, "those who left to be gone", func() bool { return len(requests.left("leaves")) == 0 })
			if took := time.Since(began); took >= 10*time.Second { // the shortest write deadline
				t.Errorf("those who left were gone after %v, by a deadline", took)
			}
			for i := range 3 {
				h.publish(fmt.Sprint("meanwhile ", i))
				if got := viewer.messages(1); got != fmt.Sprint("meanwhile ", i) {
					t.Errorf("the other viewer got %q", got)
				}
				for _, query := range queries[:len(queries)-3] {
					if res, body := get(t, h.URL+"/"+query); res.StatusCode != 200 || len(body) == 0 {
						t.Errorf("/%s: status %d", query, res.StatusCode)
					}
				}
			}
			t.Logf("still running after %v: %q", time.Since(began).Round(time.Millisecond), requests.left("read"))
			waitFor(t, "the others to be disconnected", func() bool { return len(requests.left("read")) == 0 })
			t.Logf("all were disconnected after %v", time.Since(began).Round(time.Millisecond))
			waitFor(t, "one viewer to be left", func() bool { return status(t, h.Handler).Viewers == 1 })
		})
	}
}

// fill publishes records that make every response long: many workers, loggers and channels, and a large payload at the end.
func fill(h *host) {
	payloads := make([]string, 400)
	for i := range payloads {
		payloads[i] = fmt.Sprintf(`{"time":"2026-11-22T17:00:00Z","level":"ERROR","msg":"order failed in %s","logger":"shop.%d","hostname":"web-%d","traceback":"%s"}`,
			strings.Repeat(string(rune('a'+i%26)), 1+i/26), i, i, strings.Repeat(`Traceback x\n`, 100))
	}
	h.publish(payloads...)
	for i := range 200 {
		h.Redis.Publish(fmt.Sprintf("app:%0100d", i), "a channel")
	}
	h.published += 200
	h.publish(`{"msg":"large","blob":"` + strings.Repeat("y", 200<<10) + `"}`)
}

// readHTTP1 sends a request on a separate connection and reads the response as how says, until the test ends.
func readHTTP1(t *testing.T, server *pipes, query, how, name string) {
	t.Helper()
	conn, err := server.dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if _, err := fmt.Fprintf(conn, "GET /%s HTTP/1.1\r\nHost: localhost\r\nX-Reader: %s\r\n\r\n", query, name); err != nil {
		t.Fatal(err)
	}
	switch how {
	case "leaves at once":
		conn.Close()
	case "reads a byte a second":
		go trickle(t.Context(), conn)
	}
}

// readHTTP2 is like readHTTP1 over HTTP/2, whose flow control has a window for each stream.
func readHTTP2(t *testing.T, server *pipes, query, how, name string) {
	t.Helper()
	transport := &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return server.dial(ctx) },
		Protocols:   new(http.Protocols), HTTP2: &http.HTTP2Config{MaxReceiveBufferPerStream: 64 << 10},
	}
	transport.Protocols.SetUnencryptedHTTP2(true)
	t.Cleanup(transport.CloseIdleConnections)
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	request, err := http.NewRequestWithContext(ctx, "GET", "http://localhost/"+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Reader", name)
	response, err := transport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { response.Body.Close() })
	switch how {
	case "leaves at once":
		cancel()
	case "reads a byte a second":
		go trickle(ctx, response.Body)
	}
}

// trickle reads a byte a second until ctx or the answer ends.
func trickle(ctx context.Context, from io.Reader) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for one := make([]byte, 1); ; {
		if _, err := from.Read(one); err != nil {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
