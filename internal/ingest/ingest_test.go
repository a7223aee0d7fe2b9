package ingest_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/SupermanScott/Elva/internal/entry"
	"github.com/SupermanScott/Elva/internal/gap"
	"github.com/SupermanScott/Elva/internal/health"
	"github.com/SupermanScott/Elva/internal/history"
	"github.com/SupermanScott/Elva/internal/ingest"
	"github.com/SupermanScott/Elva/internal/record/recordtest"
	"github.com/SupermanScott/Elva/internal/status"
)

// Whichever source a record comes from, its own time must not break anything or shift counts. Entries that are found when Elva starts
// have no lower bound for their arrival.
func TestIngest_HostileTimes(t *testing.T) {
	now := time.Date(2026, 11, 29, 16, 0, 0, 0, time.UTC)
	for name, from := range map[string]func(n uint64) ingest.Record{
		"channel":             func(uint64) ingest.Record { return ingest.Record{At: now, Channel: "c"} },
		"channel, in a storm": func(uint64) ingest.Record { return ingest.Record{At: now, Channel: "c", Decoded: &ingest.Decoded{}} },
		"stream": func(n uint64) ingest.Record {
			return ingest.Record{At: now, Channel: "s", Stream: 1, Entry: entry.Entry{ID: entry.ID{MS: n + 1}}}
		},
		"first fill": func(uint64) ingest.Record { return ingest.Record{At: now, Channel: "c", Recovered: true} },
		"gap fill": func(uint64) ingest.Record {
			return ingest.Record{At: now, Channel: "c", Recovered: true, Since: now.Add(-time.Minute)}
		},
	} {
		t.Run(name, func(t *testing.T) {
			in := &ingest.Ingest{History: history.New(1000, 1<<20, 0), Health: health.New(now.Add(-time.Hour))}
			hostile := recordtest.HostileTimes()
			for i, h := range hostile {
				r := from(uint64(i))
				if r.Payload = h.Payload; r.Decoded != nil {
					in.Decode(h.Payload, r.Decoded)
				}
				in.Record(r)
				alone := &ingest.Ingest{History: history.New(10, 1<<20, 0), Health: health.New(now.Add(-time.Hour))}
				alone.Record(r)
				alone.History.Close()
				if oldest := alone.History.Stats().Oldest; oldest.Before(now.AddDate(0, 0, -31)) || oldest.After(now) {
					t.Errorf("%s: it arrived at %v", h.Name, oldest)
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

// Case E7: a logger with a buffer publishes two lines at once. An entry of a stream is always one record, so that a viewer that resumes
// after it has seen all of it.
func TestIngest_SeveralObjectsInOnePayload(t *testing.T) {
	t.Run("in turn", func(t *testing.T) { testSeveralObjects(t, false) })
	t.Run("decoded ahead", func(t *testing.T) { testSeveralObjects(t, true) })
}

func testSeveralObjects(t *testing.T, ahead bool) {
	now := time.Date(2026, 11, 29, 16, 0, 0, 0, time.UTC)
	const one, two = `{"level":"info","ts":1795968000.1,"msg":"one"}`, `{"level":"error","ts":1795968000.2,"msg":"two"}`
	in := &ingest.Ingest{History: history.New(1000, 1<<20, 0), Health: health.New(now.Add(-time.Hour))}
	several := ingest.Record{At: now, Channel: "c", Payload: one + "\n" + two + "\n"}
	if ahead {
		several.Decoded = new(ingest.Decoded)
		in.Decode(several.Payload, several.Decoded)
	}
	in.Record(several)
	for seq, want := range map[uint64]string{1: one, 2: two} {
		if got, ok := in.History.Payload(seq); !ok || string(got) != want {
			t.Errorf("the payload of record %d is %q, want %q", seq, got, want)
		}
	}
	document := status.Document{Redis: status.Link{State: status.Live, LastRecord: now}}
	in.Health.FillAll(&document, now)
	if info, errors := document.Counts["info"], document.Counts["error"]; info != 1.0 || errors != 1.0 {
		t.Errorf("%v infos and %v errors are counted, want one of each", info, errors)
	}

	in.Record(ingest.Record{At: now, Channel: "s", Stream: 1, Entry: entry.Entry{ID: entry.ID{MS: 1}}, Payload: one + "\n" + two})
	if got := in.History.Stats().Records; got != 3 {
		t.Errorf("the history holds %d records, want 3", got)
	}
}

func TestIngest_Redact(t *testing.T) {
	t.Run("in turn", func(t *testing.T) { testRedact(t, false) })
	t.Run("decoded ahead", func(t *testing.T) { testRedact(t, true) })
}

func testRedact(t *testing.T, ahead bool) {
	now := time.Date(2026, 11, 29, 16, 0, 0, 0, time.UTC)
	var log strings.Builder
	calls := map[string]int{}
	in := &ingest.Ingest{
		History: history.New(1000, 1<<20, 0), Health: health.New(now.Add(-time.Hour)), Log: slog.New(slog.NewTextHandler(&log, nil)),
		Redact: func(payload string) string {
			calls[payload]++
			switch {
			case strings.Contains(payload, "drop"):
				return ""
			case strings.Contains(payload, "value"):
				panic("cannot read " + payload)
			case strings.Contains(payload, "index"):
				return payload[len(payload)+calls[payload]:]
			}
			return strings.ReplaceAll(payload, "hunter2", "[redacted]")
		},
	}
	payloads := []string{
		`{"level":"error","msg":"login","password":"hunter2"}`, "drop hunter2", "value hunter2", "index hunter2", "value again hunter2",
		`{"msg":"one hunter2"}` + "\n" + `{"msg":"two"}`,
	}
	for _, payload := range payloads {
		r := ingest.Record{At: now, Channel: "c", Payload: payload}
		if ahead {
			r.Decoded = new(ingest.Decoded)
			in.Decode(payload, r.Decoded)
		}
		in.Record(r)
	}
	for _, payload := range payloads {
		if calls[payload] != 1 {
			t.Errorf("%q was seen %d times", payload, calls[payload])
		}
	}
	want := []string{`{"level":"error","msg":"login","password":"[redacted]"}`, `{"msg":"one [redacted]"}`, `{"msg":"two"}`}
	for i, want := range want {
		if got, _ := in.History.Payload(uint64(i + 1)); string(got) != want {
			t.Errorf("record %d is %q, want %q", i+1, got, want)
		}
	}
	if got := in.History.Stats().Records; got != len(want) {
		t.Errorf("the history holds %d records, want %d", got, len(want))
	}
	if got := in.Dropped(); got != 4 {
		t.Errorf("%d were dropped, want 4", got)
	}
	document := status.Document{Redis: status.Link{State: status.Live, LastRecord: now}}
	in.Health.FillAll(&document, now)
	if got := document.Counts["error"]; got != 1.0 {
		t.Errorf("%v errors are counted, want 1", got)
	}
	if got := log.String(); strings.Contains(got, "hunter2") || strings.Contains(got, "cannot read") || strings.Count(got, "level=ERROR") != 1 || !strings.Contains(got, "ingest_test.go") {
		t.Errorf("logged: %s", got)
	}
}

func TestIngest_GapListHasTheNewestAsTheyEnded(t *testing.T) {
	now := time.Date(2026, 11, 29, 16, 0, 0, 0, time.UTC)
	in := &ingest.Ingest{History: history.New(1000, 1<<20, 0), Health: health.New(now)}
	defer in.History.Close()
	lost := func(at time.Duration) {
		in.Gap(ingest.Gap{At: now.Add(at), Gap: gap.Gap{Kind: gap.Redis, From: now.Add(at - time.Second), To: now.Add(at), Connections: 1}})
	}
	lost(0)
	lost(2 * time.Second) // continues the previous gap
	if list := in.GapList(); len(list) != 1 || !list[0].From.Equal(now.Add(-time.Second)) || !list[0].To.Equal(now.Add(2*time.Second)) {
		t.Errorf("the gaps are %+v", list)
	}
	for i := range 200 {
		lost(time.Duration(i+1) * time.Minute)
	}
	if list := in.GapList(); len(list) != 100 || !list[99].To.Equal(now.Add(200*time.Minute)) {
		t.Errorf("%d gaps, the last %+v", len(list), list[len(list)-1])
	}
}
