//go:build unix

package acceptance_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	elva "github.com/SupermanScott/Elva"
	"github.com/SupermanScott/Elva/internal/redistest"
)

// listHost is a handler that is subscribed to a channel through a proxy and fills gaps from a list.
type listHost struct {
	*elva.Handler
	t      *testing.T
	server *redistest.Server
	proxy  *redistest.Proxy
	direct *redis.Client
	viewer *redistest.Viewer
}

func newListHost(t *testing.T, before int, change func(*redis.Options)) *listHost {
	t.Helper()
	server := redistest.Start(t)
	h := &listHost{t: t, server: server, proxy: redistest.NewProxy(t, server.Addr), direct: server.Client(nil)}
	h.write(0, before, 1000, false)
	options := &redis.Options{Addr: h.proxy.Addr}
	if change != nil {
		change(options)
		server.Do("ACL", "SETUSER", "viewer", "on", ">secret", "resetkeys", "resetchannels", "&*", "+@all")
	}
	client := redis.NewClient(options)
	h.Handler = hurry(elva.Config{HistoryList: "log"}).New(client, "app")
	web := httptest.NewServer(h)
	t.Cleanup(func() { h.Close(); web.Close(); client.Close() })
	h.viewer = follow(t, web.URL)
	waitFor(t, "the link", func() bool { return status(t, h).Redis.State == "live" })
	return h
}

// write pushes the records r#from to r#to to the list, which is trimmed, and publishes them.
func (h *listHost) write(from, to, keep int, publish bool) {
	h.t.Helper()
	pipe := h.direct.Pipeline()
	for i := from; i < to; i++ {
		payload := fmt.Sprintf(`{"level":"INFO","msg":"r#%d"}`, i)
		pipe.RPush(context.Background(), "log", payload)
		pipe.LTrim(context.Background(), "log", int64(-keep), -1)
		if publish {
			pipe.Publish(context.Background(), "app", payload)
		}
	}
	if _, err := pipe.Exec(context.Background()); err != nil && to > from {
		h.t.Fatal(err)
	}
}

// cut disconnects the handler from Redis until it has noticed, while records are written.
func (h *listHost) cut(from, to, keep int) {
	h.t.Helper()
	h.proxy.Stall()
	h.write(from, to, keep, true)
	waitFor(h.t, "the link to be down", func() bool { return status(h.t, h).Redis.State == "down" })
	h.proxy.Resume()
	waitFor(h.t, "the link", func() bool { return status(h.t, h).Redis.State == "live" })
}

// list returns the source for the list in the status document.
func (h *listHost) list() (kind, denied string, confirmed time.Time, records int) {
	s := status(h.t, h).Redis.Sources[1]
	return s.Kind, s.Denied, s.Confirmed, s.Records
}

func TestList_FillsGaps(t *testing.T) {
	t.Parallel()
	h := newListHost(t, 100, nil)
	h.write(100, 120, 1000, true) // during the first fill or after it
	shownOnce(t, h.viewer, 0, 120)
	if kind, denied, confirmed, _ := h.list(); kind != "list" || denied != "" || confirmed.IsZero() {
		t.Errorf("the source is a %q, denied %q, confirmed %v", kind, denied, confirmed)
	}
	h.cut(120, 170, 1000)
	h.write(170, 180, 1000, true)
	shownOnce(t, h.viewer, 0, 180)
	if gaps := h.viewer.Gaps(); len(gaps) > 0 {
		t.Errorf("gaps %+v", gaps)
	}
	// At least the records from before the start and those during the interruption.
	if _, _, _, records := h.list(); records < 150 || records > 180 {
		t.Errorf("the list brought %d records", records)
	}
}

func TestList_TooShort(t *testing.T) {
	t.Parallel()
	h := newListHost(t, 20, nil)
	shownOnce(t, h.viewer, 0, 20)
	h.cut(20, 120, 30)
	waitFor(t, "the gap and what the list has", func() bool { return len(h.viewer.Gaps()) == 1 && len(h.viewer.Seen()) == 50 })
	if s := h.viewer.Seen()[20]; s.Message != "r#90" {
		t.Errorf("behind the gap comes %q", s.Message)
	}
	if g := h.viewer.Gaps()[0]; g.Kind != "redis" || !strings.Contains(g.Reason, `the list "log" does not reach back`) || !strings.Contains(g.Reason, "filled in 30 records") {
		t.Errorf("gap %+v", g)
	}
}

func TestList_Denied(t *testing.T) {
	t.Parallel()
	for want, broken := range map[string]func(h *listHost){
		"WRONGTYPE": func(h *listHost) { h.direct.Set(context.Background(), "log", "a string", 0) },
		"NOPERM":    func(*listHost) {},
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			change := asViewer
			if want == "WRONGTYPE" {
				change = nil
			}
			h := newListHost(t, 0, change)
			broken(h)
			h.proxy.Stall()
			waitFor(t, "the link to be down", func() bool { return status(t, h).Redis.State == "down" })
			h.proxy.Resume()
			waitFor(t, "the gap", func() bool { return len(h.viewer.Gaps()) == 1 })
			if g := h.viewer.Gaps()[0]; !strings.Contains(g.Reason, `the list "log" can't be read`) || !strings.Contains(g.Reason, want) {
				t.Errorf("gap %+v", g)
			}
			if kind, denied, confirmed, _ := h.list(); kind != "list" || !strings.Contains(denied, want) || !confirmed.IsZero() {
				t.Errorf("the source is a %q, denied %q, confirmed %v", kind, denied, confirmed)
			}
			// Published records are still received.
			h.direct.Publish(context.Background(), "app", `{"msg":"r#0"}`)
			shownOnce(t, h.viewer, 0, 1)
		})
	}
}

// TestList_OlderThanTheFirstFill starts with a list that is longer than what is read before the page is live, while a producer pushes,
// publishes and trims. Each record is there once and in order, up to where the list was trimmed.
func TestList_OlderThanTheFirstFill(t *testing.T) {
	t.Parallel()
	mini := miniredis.RunT(t)
	for name, direct := range map[string]*redis.Client{
		"Redis":     redistest.Start(t).Client(nil),
		"miniredis": redis.NewClient(&redis.Options{Addr: mini.Addr()}),
	} {
		t.Run(name, func(t *testing.T) {
			const before, keep = 30_000, 28_000
			h := &listHost{t: t, direct: direct}
			for i := 0; i < before; i += 10_000 {
				h.write(i, i+10_000, 1_000_000, false)
			}
			h.Handler = hurry(elva.Config{HistoryList: "log"}).New(direct, "app")
			web := httptest.NewServer(h)
			t.Cleanup(func() { h.Close(); web.Close(); direct.Close() })
			h.viewer = follow(t, web.URL)
			waitFor(t, "the link", func() bool { return status(t, h).Redis.State == "live" })
			n, stop := before, time.Now().Add(10*time.Second)
			for ; status(t, h).History.Loading && time.Now().Before(stop); n += 20 {
				h.write(n, n+20, keep, true)
				if n == before+10_000 { // with 20,000 records during the first fill, the list would not be read
					waitFor(t, "the first fill", func() bool { return status(t, h).History.Records > 0 })
				}
			}
			waitFor(t, "the last record", func() bool { return strings.Contains(records(t, h), fmt.Sprintf("r#%d\"", n-1)) })
			list := numbersIn(records(t, h))
			consecutive(t, "in memory", list, n-len(list), n-1)
			if len(list) < keep || len(h.viewer.Gaps()) > 0 {
				t.Errorf("%d records of %d, gaps %+v", len(list), n, h.viewer.Gaps())
			}
		})
	}
}
