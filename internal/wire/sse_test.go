package wire_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/SupermanScott/Elva/internal/filter"
	"github.com/SupermanScott/Elva/internal/history"
	"github.com/SupermanScott/Elva/internal/record"
	"github.com/SupermanScott/Elva/internal/wire"
)

// recorder is a connection that keeps what was written and how often.
type recorder struct {
	strings.Builder
	writes int
}

func (w *recorder) Write(p []byte) (int, error) {
	w.writes++
	return w.Builder.Write(p)
}

// holding returns a history of so many records, every third one an error.
func holding(t *testing.T, records int, message string) *history.History {
	h := history.New(10_000, 8<<20, time.Hour)
	t.Cleanup(h.Close)
	for i := range records {
		level := record.Info
		if i%3 == 2 {
			level = record.Error
		}
		h.Append(time.Unix(1_763_800_000, 0), "app", message, &record.Record{Level: level, Message: message})
	}
	return h
}

func TestARunIsOneEventWithTheIDOfItsLastRecord(t *testing.T) {
	for _, records := range []int{1, 2, 10, 100} { // small ones are written in pieces, large ones are shared
		h := holding(t, records, strings.Repeat("x", 200))
		var want string
		for range 3 {
			run := h.Reader(0).Read()
			var out recorder
			if err := wire.NewSSE(&out, &wire.IDs{Epoch: "EPOCH"}, 0, wire.Had{}).Records(&run, nil); err != nil {
				t.Fatal(err)
			}
			want = fmt.Sprintf("data: [%s]\nid: EPOCH-%d\n\n", run.Joined(), records)
			if got := out.String(); got != want {
				t.Errorf("%d records: got\n%s\nwant\n%s", records, got, want)
			}
			if records > 10 && out.writes != 1 {
				t.Errorf("%d records take %d writes, want 1", records, out.writes)
			}
		}
	}
}

func TestAFilteredRunKeepsTheIDOfTheLastRecordThatItSelects(t *testing.T) {
	h := holding(t, 10, "x")
	f, err := filter.Parse(url.Values{"level": {"error"}})
	if err != nil {
		t.Fatal(err)
	}
	run := h.Reader(0).Read()
	var out recorder
	w := wire.NewSSE(&out, &wire.IDs{Epoch: "EPOCH"}, 0, wire.Had{})
	if err := w.Records(&run, wire.NewSearch(f, nil)); err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("data: [%s,%s,%s]\nid: EPOCH-9\n\n", run.Item(2).JSON, run.Item(5).JSON, run.Item(8).JSON)
	if got := out.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	out.Reset()
	if err := w.Heartbeat(wire.StatusEvent([]byte("{}\n")), 10); err != nil {
		t.Fatal(err)
	}
	if got, want := out.String(), "id: EPOCH-10\n\nevent: status\ndata: {}\n\n"; got != want {
		t.Errorf("the heartbeat is %q, want %q", got, want)
	}
	out.Reset()
	if err := w.Heartbeat(wire.StatusEvent([]byte("{}")), 10); err != nil {
		t.Fatal(err)
	}
	if got, want := out.String(), "event: status\ndata: {}\n\n"; got != want {
		t.Errorf("the next heartbeat is %q, want %q", got, want)
	}
}

func TestAnArrayHasABoundedLength(t *testing.T) {
	h := holding(t, 1500, strings.Repeat("x", 900))
	f, err := filter.Parse(url.Values{"q": {"x"}})
	if err != nil {
		t.Fatal(err)
	}
	var out recorder
	w := wire.NewSSE(&out, &wire.IDs{Epoch: "EPOCH"}, 0, wire.Had{})
	reader := h.Reader(0)
	for run := reader.Read(); run.Len() > 0; run = reader.Read() {
		if err := w.Records(&run, wire.NewSearch(f, nil)); err != nil {
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

func TestAGapMovesThePlaceOnlyIfItIsTheHistorys(t *testing.T) {
	h := history.New(10, 1<<20, time.Hour)
	defer h.Close()
	h.AppendGap(time.Unix(1_763_800_000, 0), history.Gap{Kind: "redis"})
	run := h.Reader(0).Read()
	for want, of := range map[string]*history.Run{
		"event: gap\ndata: {\"seq\":1,\"kind\":\"redis\"}\n\n":              nil,
		"event: gap\ndata: {\"seq\":1,\"kind\":\"redis\"}\nid: EPOCH-1\n\n": &run,
	} {
		var out recorder
		w := wire.NewSSE(&out, &wire.IDs{Epoch: "EPOCH"}, 0, wire.Had{})
		if err := w.Gap(run.Item(0), of); err != nil {
			t.Fatal(err)
		}
		if got := out.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
