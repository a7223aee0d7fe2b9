package streams

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"github.com/SupermanScott/Elva/internal/status"
)

// TestCompare_FailoverIsReportedOnce has a new master that lacks the newest entries and gave others in their place. What
// both have in common is read again and not shown again; a connection that is lost before that is no other failover.
func TestCompare_FailoverIsReportedOnce(t *testing.T) {
	server := miniredis.RunT(t)
	client := redis.NewClient(&redis.Options{Addr: server.Addr()})
	t.Cleanup(func() { client.Close() })
	add := func(from, to int, text string) {
		for n := from; n <= to; n++ {
			if _, err := server.XAdd("a", fmt.Sprintf("%d-0", n), []string{"record", fmt.Sprint(text, n)}); err != nil {
				t.Fatal(err)
			}
		}
	}
	n := &notes{}
	r := &Reader{host: client, client: client, sink: n, tracker: n, streams: []*stream{{key: "a", sink: n}},
		newest: 500, bytes: 1 << 20, count: maxCount, link: status.NewBoard(nil, []string{"a"}, "", slog.New(slog.DiscardHandler), 0)}
	read := func() {
		t.Helper()
		if _, err := r.read(context.Background(), false, -1); err != nil {
			t.Fatal(err)
		}
	}
	add(1, 200, "old ")
	read()
	server.Del("a")
	add(1, 195, "old ")
	add(200, 203, "new ")
	for range 3 { // each is a new connection
		if _, err := r.reconnected(context.Background(), r.streams); err != nil {
			t.Fatal(err)
		}
	}
	read()
	if moved, err := r.reconnected(context.Background(), r.streams); moved || err != nil {
		t.Errorf("moved once more (%v)", err)
	}

	var gaps []string
	records := map[string]int{}
	for _, text := range n.list {
		if record, _, ok := strings.Cut(text, " at "); ok {
			records[record]++
			continue
		}
		gaps = append(gaps, text)
	}
	if want := []string{"1: failover 0 up to 195-0"}; !slices.Equal(gaps, want) {
		t.Errorf("gaps %q, want %q", gaps, want)
	}
	for record, times := range records {
		if times != 1 {
			t.Errorf("%q was read %d times", record, times)
		}
	}
	if len(records) != 204 {
		t.Errorf("%d records, want 200 old ones and 4 new", len(records))
	}
	if last := n.list[len(n.list)-4:]; slices.ContainsFunc(last, func(text string) bool { return !strings.Contains(text, "new") }) {
		t.Errorf("the last records are %q", last)
	}
}
