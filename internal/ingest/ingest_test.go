package ingest_test

import (
	"github.com/SupermanScott/Elva/internal/status"
	"testing"
	"time"

	"github.com/SupermanScott/Elva/internal/health"
	"github.com/SupermanScott/Elva/internal/history"
	"github.com/SupermanScott/Elva/internal/ingest"
	"github.com/SupermanScott/Elva/internal/position"
	"github.com/SupermanScott/Elva/internal/record/recordtest"
)

// Whichever way a record comes in, its own time breaks nothing and moves no count. What is found when Elva starts has no lower bound
// of its own.
func TestIntake_HostileTimes(t *testing.T) {
	now := time.Date(2026, 11, 29, 16, 0, 0, 0, time.UTC)
	for name, take := range map[string]func(in *ingest.Intake, n uint64, payload string){
		"channel": func(in *ingest.Intake, _ uint64, payload string) { in.Record(now, "c", payload) },
		"stream": func(in *ingest.Intake, n uint64, payload string) {
			in.Entry(now, 0, position.Position{Entry: position.Entry{MS: n + 1}}, payload)
		},
		"first fill": func(in *ingest.Intake, _ uint64, payload string) { in.Recovered(time.Time{}, now, "c", payload) },
		"gap fill": func(in *ingest.Intake, _ uint64, payload string) {
			in.Recovered(now.Add(-time.Minute), now, "c", payload)
		},
	} {
		t.Run(name, func(t *testing.T) {
			in := &ingest.Intake{History: history.New(1000, 1<<20, 0), Health: health.New(now.Add(-time.Hour)), Streams: []string{"s"}}
			in.History.Streams(1)
			hostile := recordtest.HostileTimes()
			for i, h := range hostile {
				take(in, uint64(i), h.Payload)
				if oldest := in.History.Stats().Oldest; oldest.Before(now.AddDate(0, 0, -31)) || oldest.After(now) {
					t.Fatalf("%s: the oldest record arrived at %v", h.Name, oldest)
				}
			}
			if got := in.History.Stats().Records; got != len(hostile) {
				t.Errorf("the history holds %d records of %d", got, len(hostile))
			}
			document := status.Document{Redis: status.Link{State: status.Live, LastRecord: now}}
			in.Health.FillAll(&document, now)
			if got := document.Counts["error"]; got != float64(len(hostile)) {
				t.Errorf("%v errors are counted of %d", got, len(hostile))
			}
		})
	}
}
