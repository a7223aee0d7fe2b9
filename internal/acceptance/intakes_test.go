//go:build unix

package acceptance_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	elva "github.com/SupermanScott/Elva"
	"github.com/SupermanScott/Elva/internal/record/recordtest"
	"github.com/SupermanScott/Elva/internal/redistest"
)

// TestIngest_EveryIntakeHostile brings the same hostile payloads by a channel, a pattern, a stream, the first fill from a list and the
// fill of a gap: each way goes on to its end, and every record is one line of JSON that has arrived lately.
func TestIngest_EveryIntakeHostile(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	began := time.Now()
	server := redistest.Start(t)
	direct := server.Client(nil)
	hostile := slices.Sorted(maps.Values(payloads()))
	for _, h := range recordtest.HostileTimes() {
		hostile = append(hostile, h.Payload)
	}
	many := func(end string) (list []any) {
		for _, payload := range hostile {
			list = append(list, payload)
		}
		return append(list, "the end of "+end)
	}
	send := func(add func(redis.Pipeliner)) {
		t.Helper()
		if _, err := direct.TxPipelined(ctx, func(p redis.Pipeliner) error { add(p); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	send(func(p redis.Pipeliner) { p.RPush(ctx, "log", many("the first fill")...) })
	quiet := slog.New(slog.DiscardHandler)
	h := elva.Config{HistoryList: "log", Streams: []string{"jobs"}, Logger: quiet}.New(server.Client(nil), "app")
	t.Cleanup(func() { h.Close() })
	patterns := elva.Config{Logger: quiet}.New(server.Client(nil), "ap?")
	t.Cleanup(func() { patterns.Close() })
	ask := func(h *elva.Handler) string {
		answer := httptest.NewRecorder()
		h.ServeHTTP(answer, httptest.NewRequest("GET", "/?records", nil))
		return answer.Body.String()
	}
	ends := func(h *elva.Handler, way string) {
		t.Helper()
		waitFor(t, way, func() bool { return strings.Contains(ask(h), `"the end of `+way+`"`) })
	}
	ends(h, "the first fill")
	waitFor(t, "the links", func() bool { return status(t, h).Redis.State == "live" && status(t, patterns).Redis.State == "live" })
	send(func(p redis.Pipeliner) {
		for _, payload := range many("the channel") {
			p.Publish(ctx, "app", payload)
		}
		for _, payload := range many("the stream") {
			p.XAdd(ctx, &redis.XAddArgs{Stream: "jobs", Values: []any{"record", payload}})
		}
	})
	ends(h, "the channel")
	ends(h, "the stream")
	ends(patterns, "the channel")
	send(func(p redis.Pipeliner) {
		p.Do(ctx, "CLIENT", "KILL", "TYPE", "pubsub")
		p.RPush(ctx, "log", many("the fill of the gap")...)
	})
	ends(h, "the fill of the gap")
	for name, handler := range map[string]*elva.Handler{"channel, stream and list": h, "pattern": patterns} {
		count := 0
		for line := range strings.Lines(ask(handler)) {
			var r struct {
				At      time.Time
				Channel string
			}
			if err := json.Unmarshal([]byte(line), &r); err != nil {
				t.Fatalf("%s: %v in %.200q", name, err, line)
			}
			if r.At.Before(began.AddDate(0, 0, -32)) || r.At.After(time.Now().Add(time.Second)) {
				t.Errorf("%s: it arrived at %v: %.200s", name, r.At, line)
			}
			if count++; r.Channel == "" {
				t.Errorf("%s: it has no channel: %.200s", name, line)
			}
		}
		if count < len(hostile) {
			t.Errorf("%s: %d records of %d", name, count, len(hostile))
		}
	}
}
