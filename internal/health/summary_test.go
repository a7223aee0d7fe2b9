package health_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/SupermanScott/Elva/internal/health"
	"github.com/SupermanScott/Elva/internal/record"
	"github.com/SupermanScott/Elva/internal/status"
)

// TestSummary_UnusualStates checks the whole sentence where there is little or nothing to report. Without an active worker
// the state is never ok.
func TestSummary_UnusualStates(t *testing.T) {
	info := func(host, logger string) *record.Record {
		return &record.Record{Level: record.Info, Host: host, Logger: logger, Message: "work"}
	}
	jobThenNothing := func(h *health.Health, at time.Duration) {
		if at < 15*time.Second {
			h.Observe(epoch.Add(at), "app", info("job-1", "job"), 1)
		}
	}
	twoUntilNine := func(h *health.Health, at time.Duration) {
		if at < 3*hours {
			h.Observe(epoch.Add(at), "app", info("web-1", "shop"), 1)
			h.Observe(epoch.Add(at), "app", info("web-2", "shop"), 1)
		}
	}
	thousand := func(h *health.Health, at time.Duration) {
		for i := range 1000 {
			if at < hours || i%5 > 0 {
				h.Observe(epoch.Add(at), "app", info(fmt.Sprint("web-", i), fmt.Sprintf("shop%c", 'a'+i%7)), 1)
			}
		}
	}
	nameless := func(h *health.Health, at time.Duration) {
		if at < hours {
			h.Observe(epoch.Add(at), "app", &record.Record{Message: "work"}, 1)
		}
	}
	nothing := func(*health.Health, time.Duration) {}
	down := status.Link{State: status.Down, Since: epoch, Text: "No connection to Redis: connection refused"}
	neverReceived := status.Link{State: status.Live, Since: epoch, Sources: []status.Source{{Name: "app"}, {Name: "mail"}}}
	for _, c := range []struct {
		name        string
		link        status.Link
		observe     func(h *health.Health, at time.Duration)
		at          time.Duration
		state, text string
	}{
		{"nothing was ever received", neverReceived, nothing, day, status.Unknown, "Connected. No messages on app, mail yet. Check the channel name."},
		{"not connected yet", status.Link{State: status.Connecting}, nothing, minutes, status.Unknown, "Connecting to Redis."},
		{"Redis unreachable from the start", down, nothing, minutes, status.Down, "No connection to Redis: connection refused. Since 06:00:00."},
		{"a one-shot worker, soon", live().Redis, jobThenNothing, minutes, status.Unknown, "No errors in the last minute. 1 worker active. Still learning what is normal (1 of 10 min)."},
		{"a one-shot worker, later", live().Redis, jobThenNothing, hours, status.Unknown, "No worker is active. The last record came at 06:00:10."},
		{"a one-shot worker, the next day", live().Redis, jobThenNothing, 25 * hours, status.Unknown, "No worker is active. The last record came at 23 Nov 06:00."},
		{"all stopped a minute ago", live().Redis, twoUntilNine, 3*hours + minutes, status.Down, "All of shop: no logs since 08:59:55 (65 s; 2 workers, normally every 5 s). No errors in the last minute. 0 of 2 workers active."},
		{"all stopped a day ago", live().Redis, twoUntilNine, 27 * hours, status.Down, "All of shop: no logs since 23 Nov 08:59 (24 h; 2 workers, normally every 5 s). No errors in the last minute. 0 of 2 workers active."},
		{"all stopped nine days ago", live().Redis, twoUntilNine, 9 * day, status.Unknown, "No worker is active. The last record came at 23 Nov 08:59."},
		{"200 of 1,000 workers", live().Redis, thousand, hours + minutes, status.Degraded, "29 of 143 workers of shopa: no logs since 06:59:55 (web-0, web-105, web-140, 26 more). 29 of 143 workers of shopb: no logs since 06:59:55 (web-120, web-15, web-155, 26 more). And 5 more. No errors in the last minute. 800 of 1,000 workers active."},
		{"neither host nor logger", live().Redis, nameless, 30 * minutes, status.OK, "No errors in the last minute. 1 worker active."},
		{"neither host nor logger, stopped", live().Redis, nameless, hours + minutes, status.Down, "app: no logs since 06:59:55 (65 s; normally every 5 s). No errors in the last minute. 0 of 1 worker active."},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := health.New(epoch)
			var d status.Document
			for at := time.Duration(0); at <= c.at; at += 5 * time.Second {
				c.observe(h, at)
				d = status.Document{Redis: c.link}
				if !c.link.LastRecord.IsZero() {
					d.Redis.LastRecord = epoch.Add(min(at, map[bool]time.Duration{true: 10 * time.Second, false: 3*hours - 5*time.Second}[c.name[:2] == "a "]))
				}
				h.Fill(&d, epoch.Add(at))
			}
			if d.Health.State != c.state || d.Health.Text != c.text {
				t.Errorf("got  %s, %q\nwant %s, %q", d.Health.State, d.Health.Text, c.state, c.text)
			}
		})
	}
}
