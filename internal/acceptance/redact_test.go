//go:build unix

package acceptance_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"

	elva "github.com/SupermanScott/Elva"
	"github.com/SupermanScott/Elva/internal/redistest"
)

// TestRedact_EverySource checks for every source that Redact is called once for each payload, and that no response contains what it removed.
func TestRedact_EverySource(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	direct := server.Client(nil)
	payload := func(way string) string {
		return fmt.Sprintf(`{"level":"error","logger":"shop","msg":"login by %s with token=hunter2","password":"hunter2","err":"refused: secret=hunter2"}`, way)
	}
	pipe := direct.Pipeline()
	pipe.RPush(context.Background(), "log", payload("list"), "drop by list hunter2")
	pipe.XAdd(context.Background(), &redis.XAddArgs{Stream: "jobs", Values: []string{"record", payload("first")}})
	pipe.XAdd(context.Background(), &redis.XAddArgs{Stream: "jobs", Values: []string{"msg", "login by fields", "password", "hunter2"}})
	if _, err := pipe.Exec(context.Background()); err != nil {
		t.Fatal(err)
	}

	var mu sync.Mutex
	calls := map[string]int{}
	client := server.Client(nil)
	h := hurry(elva.Config{HistoryList: "log", Streams: []string{"jobs"}, Redact: func(payload string) string {
		mu.Lock()
		defer mu.Unlock()
		calls[payload]++
		if strings.HasPrefix(payload, "drop") {
			return ""
		}
		return elva.RedactSecrets(payload)
	}}).New(client, "app")
	t.Cleanup(func() { h.Close() })
	waitFor(t, "the link", func() bool { return status(t, h).Redis.State == "live" })
	waitFor(t, "what was there before", func() bool { return status(t, h).History.Records >= 3 })
	direct.Publish(context.Background(), "app", payload("channel"))
	direct.Publish(context.Background(), "app", "drop by channel hunter2")
	direct.XAdd(context.Background(), &redis.XAddArgs{Stream: "jobs", Values: []string{"record", payload("entry")}})

	ask := func(path string) string {
		answer := httptest.NewRecorder()
		h.ServeHTTP(answer, httptest.NewRequest("GET", path, nil))
		return answer.Body.String()
	}
	waitFor(t, "the records, and what is dropped", func() bool {
		return status(t, h).History.Records >= 5 && strings.Contains(ask("/?health=prometheus"), "elva_redact_dropped_records_total 2\n")
	})
	for _, path := range []string{"/", "/?records", "/?health", "/?health=document", "/?health=prometheus"} {
		if body := ask(path); strings.Contains(body, "hunter2") {
			t.Errorf("%s has the secret: %s", path, body)
		}
	}
	records := ask("/?records")
	for _, way := range []string{"list", "first", "fields", "channel", "entry"} {
		if strings.Count(records, "login by "+way) < 1 {
			t.Errorf("there is no record by %s", way)
		}
	}
	first := status(t, h).History.LastSeq - 4
	for seq := first; seq < first+5; seq++ {
		if raw := ask(fmt.Sprintf("/?raw=%s-%d", status(t, h).Epoch, seq)); !strings.Contains(raw, "[redacted]") || strings.Contains(raw, "hunter2") {
			t.Errorf("?raw of record %d is %q", seq, raw)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if len(calls) != 7 {
		t.Errorf("%d payloads were seen, want 7: %v", len(calls), calls)
	}
	for payload, n := range calls {
		if n != 1 {
			t.Errorf("%q was seen %d times", payload, n)
		}
	}
}
