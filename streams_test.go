//go:build unix

package elva_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	elva "github.com/SupermanScott/Elva"
	"github.com/SupermanScott/Elva/internal/redistest"
)

// add adds records to a stream, numbered from first on.
func add(t *testing.T, client redis.UniversalClient, key string, first, n int, maxLen int64) {
	t.Helper()
	pipe := client.Pipeline()
	for i := range n {
		pipe.XAdd(context.Background(), &redis.XAddArgs{Stream: key, MaxLen: maxLen, Values: []any{"record", fmt.Sprintf(`{"level":"INFO","msg":"r#%d"}`, first+i)}})
	}
	if _, err := pipe.Exec(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// follower is a viewer of one or several handlers, with what it was shown.
func follow(t *testing.T, url string) *redistest.Viewer {
	v := &redistest.Viewer{URL: url + "/?events"}
	v.Start()
	t.Cleanup(v.Stop)
	return v
}

// shownOnce fails unless the viewer was shown the messages r#from to r#to, each once and in order.
func shownOnce(t *testing.T, v *redistest.Viewer, from, to int) {
	t.Helper()
	waitFor(t, fmt.Sprintf("%d records", to-from), func() bool { return len(v.Seen()) >= to-from })
	for i, s := range v.Seen() {
		if want := fmt.Sprintf("r#%d", from+i); s.Message != want {
			t.Fatalf("record %d is %q, want %q", i, s.Message, want)
		}
	}
}

func TestAStreamIsShownFromItsNewestRecordsOn(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	for _, protocol := range []int{2, 3} {
		key := fmt.Sprint("jobs", protocol)
		client := server.Client(func(o *redis.Options) { o.Protocol = protocol })
		add(t, client, key, 0, 700, 600)
		h := elva.Config{Streams: []string{key}, History: 1000}.New(client)
		web := httptest.NewServer(h)
		t.Cleanup(func() { h.Close(); web.Close() })
		v := follow(t, web.URL)
		waitFor(t, "the history", func() bool { return status(t, h).History.LastSeq >= 600 })
		add(t, client, key, 700, 50, 10_000)
		shownOnce(t, v, 100, 750)
		if s := v.Seen()[0]; s.Channel != key || time.Since(s.At) > time.Minute {
			t.Errorf("record %+v", s)
		}
		d := status(t, h)
		if s := d.Redis.Sources; d.Redis.State != "live" || len(s) != 1 || s[0].Kind != "stream" || s[0].Records != 650 {
			t.Errorf("state %q, sources %+v", d.Redis.State, s)
		}
	}
}

// TestAViewerGoesFromInstanceToInstance lets a viewer's every stream be served by another instance, as a load
// balancer does, while records flow: it must be shown each once, and no gap.
func TestAViewerGoesFromInstanceToInstance(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	client := server.Client(nil)
	add(t, client, "a", 0, 300, 1_000_000)
	var hosts []string
	for range 3 {
		h := elva.Config{Streams: []string{"a"}}.New(client)
		web := httptest.NewServer(h)
		t.Cleanup(func() { h.Close(); web.Close() })
		hosts = append(hosts, web.URL)
	}
	id := ""
	var seen []string
	stop := time.Now().Add(3 * time.Second)
	next := 300
	for turn := 0; time.Now().Before(stop) || len(seen) < next; turn++ {
		if turn < 40 {
			add(t, client, "a", next, 37, 1_000_000)
			next += 37
		}
		messages, gaps, last := readFor(t, hosts[turn%3], id, 60*time.Millisecond)
		if len(gaps) > 0 {
			t.Fatalf("turn %d after %q: gaps %v", turn, id, gaps)
		}
		seen = append(seen, messages...)
		if last != "" {
			id = last
		}
	}
	for i, m := range seen {
		if want := fmt.Sprintf("r#%d", i); m != want {
			t.Fatalf("record %d is %q, want %q", i, m, want)
		}
	}
	if !strings.Contains(id, "@") {
		t.Errorf("the id %q has no place in a stream", id)
	}
}
