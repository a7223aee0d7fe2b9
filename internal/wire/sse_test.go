package wire_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/SupermanScott/Elva/internal/filter"
	"github.com/SupermanScott/Elva/internal/gap"
	"github.com/SupermanScott/Elva/internal/history"
	"github.com/SupermanScott/Elva/internal/record"
	"github.com/SupermanScott/Elva/internal/resume"
	"github.com/SupermanScott/Elva/internal/wire"
)

// holding returns a history with that many records, every third one an error.
func holding(t *testing.T, records int, message string) *history.History {
	h := history.New(10_000, 8<<20, time.Hour)
	t.Cleanup(h.Close)
	for i := range records {
		level := record.Info
		if i%3 == 2 {
			level = record.Error
		}
		h.Append(time.Unix(1_763_800_000, 0), history.Source{Channel: "app"}, message, &record.Record{Level: level, Message: message})
	}
	return h
}

// events returns the encoders of a handler without streams.
func events(h *history.History) *wire.Encoders {
	return &wire.Encoders{IDs: resume.NewIDFormat("EPOCH", nil), History: h}
}

func start(h *history.History) resume.Start { return resume.Start{Cursor: h.Cursor(0)} }

func TestSSE_RunIsOneEvent(t *testing.T) {
	for _, records := range []int{1, 2, 10, 100} {
		h := holding(t, records, strings.Repeat("x", 200))
		var want string
		shared := events(h)
		for range 100 {
			run := h.Cursor(0).Read()
			var out strings.Builder
			if err := shared.NewSSE(&out, start(h)).Records(&run, nil); err != nil {
				t.Fatal(err)
			}
			want = fmt.Sprintf("data: [%s]\nid: EPOCH-%d\n\n", run.Joined(), records)
			if got := out.String(); got != want {
				t.Errorf("%d records: got\n%s\nwant\n%s", records, got, want)
			}
		}
	}
}

func TestSSE_FilteredRunID(t *testing.T) {
	h := holding(t, 10, "x")
	f, err := filter.Parse("level=error", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	run := h.Cursor(0).Read()
	var out strings.Builder
	w := events(h).NewSSE(&out, start(h))
	if err := w.Records(&run, wire.NewSearch(h, f, nil)); err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("data: [%s,%s,%s]\nid: EPOCH-9\n\n", run.Item(2).JSON, run.Item(5).JSON, run.Item(8).JSON)
	if got := out.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	out.Reset()
	if _, err := w.Heartbeat(wire.StatusEvent([]byte("{}\n")), h.Cursor(10)); err != nil {
		t.Fatal(err)
	}
	if got, want := out.String(), "id: EPOCH-10\n\nevent: status\ndata: {}\n\n"; got != want {
		t.Errorf("the heartbeat is %q, want %q", got, want)
	}
	out.Reset()
	if _, err := w.Heartbeat(wire.StatusEvent([]byte("{}")), h.Cursor(10)); err != nil {
		t.Fatal(err)
	}
	if got, want := out.String(), "event: status\ndata: {}\n\n"; got != want {
		t.Errorf("the next heartbeat is %q, want %q", got, want)
	}
}

func TestAnArrayHasABoundedLength(t *testing.T) {
	h := holding(t, 1500, strings.Repeat("x", 900))
	f, err := filter.Parse("q=x", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	w := events(h).NewSSE(&out, start(h))
	reader := h.Cursor(0)
	for run := reader.Read(); run.Len() > 0; run = reader.Read() {
		if err := w.Records(&run, wire.NewSearch(h, f, nil)); err != nil {
			t.Fatal(err)
		}
	}
	records := 0
	for line := range strings.Lines(out.String()) {
		if data, ok := strings.CutPrefix(line, "data: "); ok {
			records += strings.Count(data, `"seq":`)
			if len(data) > 128<<10+10 {
				t.Errorf("an array of %d bytes", len(data))
			}
		}
	}
	if records != 1500 {
		t.Errorf("%d records, want 1500", records)
	}
}

func TestGap_OnlyOneOfTheHistoryMovesTheCursor(t *testing.T) {
	h := history.New(10, 1<<20, time.Hour)
	defer h.Close()
	h.AppendGap(time.Unix(1_763_800_000, 0), history.Source{}, gap.Gap{Kind: gap.Redis})
	run := h.Cursor(0).Read()
	for want, write := range map[string]func(*wire.SSE) error{
		"event: gap\ndata: {\"kind\":\"slow\",\"lost\":7}\n\n":              func(s *wire.SSE) error { return s.Report(gap.Gap{Kind: gap.Slow, Lost: 7}) },
		"event: gap\ndata: {\"seq\":1,\"kind\":\"redis\"}\nid: EPOCH-1\n\n": func(s *wire.SSE) error { return s.Gap(&run, nil) },
	} {
		var out strings.Builder
		if err := write(events(h).NewSSE(&out, start(h))); err != nil {
			t.Fatal(err)
		}
		if got := out.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
