//go:build unix

package acceptance_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"

	elva "github.com/SupermanScott/Elva"
	"github.com/SupermanScott/Elva/internal/redistest"
)

// slowRedis lets each request for older entries through only when a token is sent to tokens. After open, it lets all through.
type slowRedis struct {
	tokens chan struct{}
	mu     sync.Mutex
	conns  []net.Conn
}

func (s *slowRedis) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conns = append(s.conns, conn)
	return &slowConn{conn, s}, nil
}

func (s *slowRedis) open() { close(s.tokens) }

// cut closes all connections.
func (s *slowRedis) cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, conn := range s.conns {
		conn.Close()
	}
	s.conns = nil
}

type slowConn struct {
	net.Conn
	redis *slowRedis
}

func (c *slowConn) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte("xrevrange")) {
		<-c.redis.tokens
	}
	return c.Conn.Write(p)
}

// numbersIn returns the numbers of the messages r#N in NDJSON or lines.
func numbersIn(text string) (list []int) {
	for _, part := range strings.Split(text, "r#")[1:] {
		var n int
		if _, err := fmt.Sscanf(part, "%d", &n); err == nil {
			list = append(list, n)
		}
	}
	return list
}

// consecutive fails unless the numbers are from to to, each once and in order.
func consecutive(t *testing.T, what string, list []int, from, to int) {
	t.Helper()
	if len(list) != to-from+1 {
		t.Errorf("%s: %d records, want %d", what, len(list), to-from+1)
	}
	for i, n := range list {
		if n != from+i {
			t.Fatalf("%s: record %d is r#%d, want r#%d", what, i, n, from+i)
		}
	}
}

// older adds records to a stream and returns a handler that reads them through a slow Redis.
func older(t *testing.T, n int, key string) (*redis.Client, *slowRedis, *elva.Handler, string) {
	server := redistest.Start(t)
	direct := server.Client(nil)
	add(t, direct, key, 0, n, 1_000_000)
	slow := &slowRedis{tokens: make(chan struct{})}
	client := server.Client(func(o *redis.Options) { o.Dialer = slow.dial })
	h := hurry(elva.Config{Streams: []string{key}}).New(client)
	web := httptest.NewServer(h)
	t.Cleanup(func() { h.Close(); web.Close() })
	return direct, slow, h, web.URL
}

func TestStream_OlderEntriesAreReadNewestFirst(t *testing.T) {
	t.Parallel()
	direct, slow, h, url := older(t, 9000, "a")
	for status(t, h).History.Records == 0 {
		slow.tokens <- struct{}{}
	}
	ask := func(path string) string {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		return w.Body.String()
	}
	waitFor(t, "all that the first reply brought", func() bool { return status(t, h).History.Records >= 1000 })
	first := numbersIn(records(t, h))
	if len(first) < 1000 || len(first) > 3000 {
		t.Errorf("%d records are there at first, want about 1,000", len(first))
	}
	consecutive(t, "at first", first, 9000-len(first), 8999)
	if page := ask("/"); !strings.Contains(page, "r#8999") || !strings.Contains(page, "r#8950") {
		t.Error("the page lacks the newest records")
	}
	v := &redistest.Viewer{URL: url + "/?events&last=1000"}
	v.Start()
	t.Cleanup(v.Stop)
	waitFor(t, "the newest records", func() bool { return len(v.Seen()) == 1000 })

	add(t, direct, "a", 9000, 5, 1_000_000)
	slow.tokens <- struct{}{}
	slow.tokens <- struct{}{}
	waitFor(t, "new records meanwhile", func() bool { return len(v.Seen()) == 1005 })
	slow.cut()
	if err := direct.XTrimMaxLen(context.Background(), "a", 6000).Err(); err != nil {
		t.Fatal(err)
	}
	slow.open()
	waitFor(t, "the rest", func() bool { return status(t, h).History.Records == 6000 })
	add(t, direct, "a", 9005, 5, 1_000_000)
	waitFor(t, "what follows", func() bool { return len(v.Seen()) == 1010 })
	consecutive(t, "in the end", numbersIn(records(t, h)), 3005, 9009)
	waitFor(t, "a status that says that all is there", func() bool { return status(t, h).History.Complete })
	shownOnce(t, v, 8000, 9010)
	if gaps := v.Gaps(); len(gaps) > 0 {
		t.Errorf("gaps %+v", gaps)
	}
	waitFor(t, "the health to observe all of them", func() bool { return status(t, h).Counts["info"] == 6005 })

	var page struct {
		Page struct {
			First string
			More  bool
		}
	}
	var all []int
	for before := ""; before == "" || page.Page.More; before = "&before=" + page.Page.First {
		lines := strings.Split(strings.TrimSpace(ask("/?records&limit=700"+before)), "\n")
		if err := json.Unmarshal([]byte(lines[len(lines)-1]), &page); err != nil {
			t.Fatal(err)
		}
		all = append(numbersIn(strings.Join(lines, "\n")), all...)
	}
	consecutive(t, "in pages", all, 3005, 9009)
}

// TestResume_WhileOlderEntriesAreRead resumes on an instance that was just started, after an entry that it has not read yet.
func TestResume_WhileOlderEntriesAreRead(t *testing.T) {
	t.Parallel()
	direct, slow, _, url := older(t, 6000, "a")
	other := elva.Config{Streams: []string{"a"}}.New(direct)
	web := httptest.NewServer(other)
	t.Cleanup(func() { other.Close(); web.Close() })
	waitFor(t, "the other instance", func() bool { return status(t, other).History.Records == 6000 })
	messages, _, id := read(t, web.URL, "", 6000)
	if len(messages) != 6000 {
		t.Fatalf("%d messages", len(messages))
	}
	add(t, direct, "a", 6000, 1500, 1_000_000) // more than are delivered first
	v := make(chan struct{})
	var got []string
	var gaps []redistest.Gap
	go func() {
		defer close(v)
		got, gaps, _ = read(t, url, id, 1500)
	}()
	slow.open()
	<-v
	consecutive(t, "after the entry", numbersIn(strings.Join(got, " ")), 6000, 7499)
	if len(gaps) > 0 {
		t.Errorf("gaps %+v", gaps)
	}
}
