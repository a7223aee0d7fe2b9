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

	"github.com/SupermanScott/Elva/internal/link"
)

// TestAStreamThatIsComparedAgainBeforeItIsReadIsToldOnce has a new master that lacks the newest entries and gave
// others in their place. What both have in common is read again, to be passed over; a connection that is lost
// before that must not make it new.
func TestAStreamThatIsComparedAgainBeforeItIsReadIsToldOnce(t *testing.T) {
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
	r := &Reader{host: client, client: client, sink: n, streams: []*stream{{key: "a", sink: n}}, newest: 500, bytes: 1 << 20,
		count: maxCount, link: link.New(nil, []string{"a"}, "", slog.New(slog.DiscardHandler), 0)}
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
		if _, err := r.verify(context.Background(), r.streams); err != nil {
			t.Fatal(err)
		}
	}
	read()
	if again, err := r.verify(context.Background(), r.streams); again || err != nil {
		t.Errorf("turned once more (%v)", err)
	}

	var told []string
	entries := map[string]int{}
	for _, text := range n.list {
		if entry, _, ok := strings.Cut(text, " at "); ok {
			entries[entry]++
			continue
		}
		told = append(told, text)
	}
	if len(told) != 2 || !strings.Contains(told[1], "begins anew") {
		t.Errorf("told %q, want one beginning and one turn", told)
	}
	for entry, times := range entries {
		if times != 1 {
			t.Errorf("%q was handed on %d times", entry, times)
		}
	}
	if len(entries) != 204 {
		t.Errorf("%d entries, want 200 old ones and 4 new", len(entries))
	}
	if last := n.list[len(n.list)-4:]; slices.ContainsFunc(last, func(text string) bool { return !strings.Contains(text, "new") }) {
		t.Errorf("the last entries are %q", last)
	}
}
