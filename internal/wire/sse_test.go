package wire_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/SupermanScott/Elva/internal/filter"
	"github.com/SupermanScott/Elva/internal/gap"
	"github.com/SupermanScott/Elva/internal/history"
	"github.com/SupermanScott/Elva/internal/record"
	"github.com/SupermanScott/Elva/internal/resume"
	"github.com/SupermanScott/Elva/internal/wire"
)

// recorder is a connection that stores what was written and counts the writes.
type recorder struct {
	strings.Builder
	writes int
}

func (w *recorder) Write(p []byte) (int, error) {
	w.writes++
	return w.Builder.Write(p)
}

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

func TestARunIsOneEventWithTheIDOfItsLastRecord(t *testing.T) {
	for _, records := range []int{1, 2, 10, 100} {
		h := holding(t, records, strings.Repeat("x", 200))
		var want string
		shared := events(h)
		for range 100 {
			run := h.Cursor(0).Read()
			var out recorder
			if err := shared.NewSSE(&out, start(h)).Records(&run, nil); err != nil {
				t.Fatal(err)
			}
			want = fmt.Sprintf("data: [%s]\nid: EPOCH-%d\n\n", run.Joined(), records)
			if got := out.String(); got != want {
				t.Errorf("%d records: got\n%s\nwant\n%s", records, got, want)
			}
			if out.writes != 1 { // whatever the number of records
				t.Errorf("%d records take %d writes, want 1", records, out.writes)
			}
		}
	}
}

func TestAFilteredRunKeepsTheIDOfTheLastRecordThatItSelects(t *testing.T) {
	h := holding(t, 10, "x")
	f, err := filter.Parse("level=error", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	run := h.Cursor(0).Read()
	var out recorder
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
	var out recorder
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
		var out recorder
		if err := write(events(h).NewSSE(&out, start(h))); err != nil {
			t.Fatal(err)
		}
		if got := out.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// slow is a connection that blocks the first write until free is closed.
type slow struct {
	strings.Builder
	writing *sync.WaitGroup
	free    chan struct{}
	once    sync.Once
}

func (w *slow) Write(p []byte) (int, error) {
	w.once.Do(func() { w.writing.Done(); <-w.free })
	return w.Builder.Write(p)
}

// TestRecords_ManySlowViewersTakeABoundedNumberOfBuffers has more viewers in the middle of a write than there are
// buffers. All get the same.
func TestRecords_ManySlowViewersTakeABoundedNumberOfBuffers(t *testing.T) {
	h := holding(t, 100, strings.Repeat("x", 400))
	run := h.Cursor(0).Read()
	f, err := filter.Parse("level=error", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for name, f := range map[string]*filter.Filter{"all": nil, "filtered": f} {
		var want recorder
		shared := events(h)
		if err := shared.NewSSE(&want, start(h)).Records(&run, wire.NewSearch(h, f, nil)); err != nil {
			t.Fatal(err)
		}
		const viewers = 100
		writers := make([]*slow, viewers)
		var writing, done sync.WaitGroup
		writing.Add(viewers)
		free := make(chan struct{})
		for i := range writers {
			writers[i] = &slow{writing: &writing, free: free}
			done.Go(func() {
				if err := shared.NewSSE(writers[i], start(h)).Records(&run, wire.NewSearch(h, f, nil)); err != nil {
					t.Error(err)
				}
			})
		}
		writing.Wait()
		close(free)
		done.Wait()
		for i, w := range writers {
			if w.String() != want.String() {
				t.Fatalf("%s: viewer %d got\n%.300s\nwant\n%.300s", name, i, w, want.String())
			}
		}
	}
}
