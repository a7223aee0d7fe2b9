package alert

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/SupermanScott/Elva/internal/status"
)

// calls lets an Alert observe each state every 2 s for a number of seconds, and returns the states of its calls, each of
// which takes slow.
func calls(t *testing.T, slow time.Duration, states ...any) []string {
	t.Helper()
	var got []string
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		a := New(func(s status.Summary) {
			got = append(got, s.State)
			time.Sleep(slow)
		}, slog.Default())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			a.Run(ctx)
		}()
		for i := 0; i < len(states); i += 2 {
			for range states[i+1].(int) / 2 {
				a.Observe(time.Now(), status.Summary{State: states[i].(string)})
				time.Sleep(2 * time.Second)
			}
		}
		time.Sleep(slow)
		synctest.Wait()
		cancel()
		<-ended
	})
	return got
}

func TestAlert_Damping(t *testing.T) {
	for _, c := range []struct {
		name   string
		states []any
		want   string
	}{
		{"ok from the start", []any{"unknown", 600, "ok", 600}, "[]"},
		{"a change that holds, and the recovery", []any{"ok", 60, "down", 60, "ok", 90}, "[down ok]"},
		{"down from the start", []any{"down", 20}, "[down]"},
		{"a short change", []any{"ok", 60, "down", 8, "ok", 90}, "[]"},
		{"a flap is one call", []any{"ok", 60, "down", 20, "ok", 20, "down", 20, "ok", 20, "down", 20, "ok", 90}, "[down ok]"},
		{"worse again before the recovery holds", []any{"ok", 60, "degraded", 20, "down", 20, "degraded", 30, "down", 30, "ok", 70}, "[degraded down ok]"},
		{"worse in a flap", []any{"ok", 60, "degraded", 6, "down", 6, "degraded", 6, "down", 20}, "[down]"},
		{"from down to unknown", []any{"ok", 60, "down", 30, "unknown", 90, "ok", 90}, "[down unknown ok]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := fmt.Sprint(calls(t, 0, c.states...)); got != c.want {
				t.Errorf("called with %s, want %s", got, c.want)
			}
		})
	}
}

func TestAlert_SlowCall(t *testing.T) {
	got := fmt.Sprint(calls(t, 5*time.Minute, "ok", 60, "down", 30, "ok", 70, "degraded", 30, "ok", 70, "degraded", 200))
	if want := "[down degraded]"; got != want {
		t.Errorf("called with %s, want %s", got, want)
	}
}

func TestAlert_Panic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		n := 0
		a := New(func(status.Summary) { n++; panic("no webhook") }, slog.New(slog.NewTextHandler(&log, nil)))
		ctx, cancel := context.WithCancel(t.Context())
		go a.Run(ctx)
		for _, state := range []string{"down", "ok"} {
			for range 40 {
				a.Observe(time.Now(), status.Summary{State: state})
				time.Sleep(2 * time.Second)
			}
		}
		synctest.Wait()
		cancel()
		if n != 2 || strings.Count(log.String(), "no webhook") != 2 {
			t.Errorf("%d calls, log %s", n, log.String())
		}
	})
}

func TestAlert_NilCall(t *testing.T) {
	New(nil, nil).Observe(time.Now(), status.Summary{State: status.Down})
}
