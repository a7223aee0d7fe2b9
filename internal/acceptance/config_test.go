package acceptance_test

import (
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"weak"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	elva "github.com/SupermanScott/Elva"
	"github.com/SupermanScott/Elva/internal/redistest"
)

func TestNew_InvalidConfig(t *testing.T) {
	many := make([]string, 251)
	for i := range many {
		many[i] = fmt.Sprint("s", i)
	}
	for name, c := range map[string]struct {
		config   elva.Config
		channels []string
		want     string
	}{
		"nothing to read":                 {elva.Config{}, nil, "without a channel or a stream"},
		"an empty channel":                {elva.Config{}, []string{""}, "an empty name"},
		"an empty stream":                 {elva.Config{Streams: []string{""}}, nil, "an empty name"},
		"the same stream twice":           {elva.Config{Streams: []string{"a", "b", "a"}}, nil, `the stream "a" twice`},
		"more streams than an ID carries": {elva.Config{Streams: many}, nil, "more than 250"},
		"a sharded pattern":               {elva.Config{Sharded: true}, []string{"a", "job:*"}, `the pattern "job:*"`},
		"sharded streams alone":           {elva.Config{Sharded: true, Streams: []string{"s"}}, nil, "Sharded without a channel"},
		"a list of sharded channels":      {elva.Config{Sharded: true, HistoryList: "l"}, []string{"a", "b"}, "HistoryList with several sharded channels"},
		"more sharded channels":           {elva.Config{Sharded: true}, many, "more than 250"},
		"a huge title":                    {elva.Config{Title: strings.Repeat("t", 2001)}, []string{"a"}, "more than 2000 bytes"},
		"a huge address of the host":      {elva.Config{Home: strings.Repeat("h", 2001)}, []string{"a"}, "more than 2000 bytes"},
		"a list without a channel":        {elva.Config{Streams: []string{"s"}, HistoryList: "l"}, nil, "HistoryList without a channel"},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if text := fmt.Sprint(recover()); !strings.HasPrefix(text, "elva: ") || !strings.Contains(text, c.want) {
					t.Errorf("panic %q, want one that contains %q", text, c.want)
				}
			}()
			c.config.New(deadClient(t), c.channels...)
		})
	}
}

func TestNew_AnyHistoryBounds(t *testing.T) {
	for name, c := range map[string]struct{ records, bytes, want int }{
		"negative":     {math.MinInt, math.MinInt, 3},
		"huge":         {math.MaxInt, math.MaxInt, 3},
		"huge records": {math.MaxInt, 0, 3},
		"one byte":     {0, 1, 1},
		"one record":   {1, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHost(t, elva.Config{History: c.records, HistoryBytes: c.bytes}, nil)
			h.publish("one", "two", "three")
			if got := status(t, h.Handler).History.Records; got != c.want {
				t.Errorf("%d records are kept, want %d", got, c.want)
			}
		})
	}
}

// TestNew_HostileNames subscribes to thousands of channels, some of them with names that JSON can't carry.
func TestNew_HostileNames(t *testing.T) {
	names := []string{"a\xff", "a\xfe", strings.Repeat("n", 300) + "1", strings.Repeat("n", 300) + "2", "\u202eevil\x1b[2J"}
	for i := range 3000 {
		names = append(names, fmt.Sprint("channel:", i))
	}
	mini := miniredis.RunT(t)
	client := redis.NewClient(&redis.Options{Addr: mini.Addr()})
	defer client.Close()
	exact := make([]string, len(names))
	for i, name := range names {
		exact[i] = elva.Exact(name)
	}
	h := quiet.New(client, exact...)
	defer h.Close()
	waitFor(t, "the link to be live", func() bool { return status(t, h).Redis.State == "live" })
	for i, name := range names[:5] {
		mini.Publish(name, "record")
		waitFor(t, "the record", func() bool { return status(t, h).History.LastSeq == i+1 })
	}
	d := status(t, h)
	seen := make(map[string]bool)
	for i, s := range d.Redis.Sources {
		if seen[s.Name] {
			t.Errorf("two sources are called %q", s.Name)
		}
		if seen[s.Name] = true; i < 5 && s.Records != 1 {
			t.Errorf("source %q counts %d records, want 1", s.Name, s.Records)
		}
	}
	if len(seen) != len(names) {
		t.Errorf("%d sources of %d names", len(seen), len(names))
	}
}

func TestClose_WaitsForViewers(t *testing.T) {
	var open atomic.Int64
	h := newHost(t, elva.Config{}, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			open.Add(1)
			defer open.Add(-1)
			next.ServeHTTP(w, r)
		})
	})
	for range 20 {
		response, err := http.Get(h.URL + "/?events")
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
	}
	waitFor(t, "the viewers", func() bool { return status(t, h.Handler).Viewers == 20 })
	h.Handler.Close()
	// After Close, the viewer only has to return through the host's wrapper.
	waitFor(t, "the viewers to leave", func() bool { return open.Load() == 0 })
	if n := status(t, h.Handler).Viewers; n != 0 {
		t.Errorf("%d viewers are left", n)
	}
}

// TestClose_HandlerIsGarbageCollected checks that a server doesn't keep a handler alive whose streams it served.
func TestClose_HandlerIsGarbageCollected(t *testing.T) {
	var handler atomic.Pointer[elva.Handler]
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.Load().ServeHTTP(w, r) }))
	defer server.Close()
	mini := miniredis.RunT(t)
	client := redis.NewClient(&redis.Options{Addr: mini.Addr()})
	defer client.Close()
	closed := func() weak.Pointer[elva.Handler] {
		h := quiet.New(client, "app")
		handler.Store(h)
		response, err := http.Get(server.URL + "/?events")
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		waitFor(t, "the viewer", func() bool { return status(t, h).Viewers == 1 })
		h.Close()
		handler.Store(nil)
		return weak.Make(h)
	}()
	http.DefaultClient.CloseIdleConnections()
	waitFor(t, "the handler to be collected", func() bool {
		runtime.GC()
		return closed.Value() == nil
	})
}

// TestSubscribe_ClosedAfterConfirmation connects to a server that confirms each subscription and closes the connection. Elva must not dial it
// without pause, nor fill the history with gaps.
func TestSubscribe_ClosedAfterConfirmation(t *testing.T) {
	t.Parallel()
	var connections atomic.Int64
	fake := redistest.NewFake(t, func(c *redistest.FakeConn, _ int) {
		connections.Add(1)
		c.ConfirmSubscription(2)
	})
	client := redis.NewClient(&redis.Options{Addr: fake.Addr, Protocol: 2})
	defer client.Close()
	h := quiet.New(client, "app")
	defer h.Close()
	began := time.Now()
	waitFor(t, "the back-off to grow", func() bool { return connections.Load() >= 20 })
	// The waits grow to one second, and go-redis dials once more by itself. Without the back-off this would take a second.
	if took := time.Since(began); took < 4*time.Second {
		t.Errorf("20 connections within %v", took)
	}
	if d := status(t, h); d.History.Records > 15 {
		t.Errorf("%d items for a gap that grows, %d gaps", d.History.Records, d.Gaps)
	}
	if n := status(t, h).Gaps; n > 2 {
		t.Errorf("%d gaps, want one that grows", n)
	}
}
