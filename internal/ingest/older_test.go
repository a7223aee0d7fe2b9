package ingest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/SupermanScott/Elva/internal/entry"
	"github.com/SupermanScott/Elva/internal/health"
	"github.com/SupermanScott/Elva/internal/history"
	"github.com/SupermanScott/Elva/internal/ingest"
	"github.com/SupermanScott/Elva/internal/status"
)

// TestObserveOlder_InOrder lets older entries arrive after newer ones, the newest batch first. The health must know the worker as well as if
// it had seen all records in the order of time.
func TestObserveOlder_InOrder(t *testing.T) {
	now := time.Now().Truncate(time.Millisecond).UTC()
	in := &ingest.Ingest{History: history.New(10_000, 8<<20, 0), Health: health.New(now)}
	t.Cleanup(in.History.Close)
	in.ExpectOlder(10_000, 1)
	record := func(n int) ingest.Record { // one every 2 s up to now
		at := now.Add(time.Duration(n-1000) * 2 * time.Second)
		return ingest.Record{At: at, Channel: "s", Payload: fmt.Sprintf(`{"level":"info","msg":"m%d","logger":"shop"}`, n), Stream: 1, Entry: entry.Entry{ID: entry.ID{MS: uint64(n)}}}
	}
	in.Record(ingest.Record{At: now, Channel: "c", Payload: `{"level":"warning","msg":"before"}`})
	in.BeginOlder()
	for n := 901; n <= 1000; n++ {
		in.Record(record(n))
	}
	for first := 801; first > 0; first -= 100 {
		var list []ingest.Record
		for n := first; n < first+100; n++ {
			list = append(list, record(n))
		}
		if !in.Older(list, map[int]entry.Entry{1: {ID: entry.ID{MS: uint64(first - 1)}}}) {
			t.Fatal("there is no room")
		}
	}
	document := status.Document{Redis: status.Link{State: status.Live, LastRecord: now}}
	if in.Health.FillAll(&document, now); document.Counts["info"] != 0 || document.Counts["warning"] != 1 {
		t.Errorf("before the end, the health has observed %v", document.Counts)
	}
	in.EndOlder()
	in.ObserveOlder(t.Context())
	in.Record(record(1001))
	document = status.Document{Redis: status.Link{State: status.Live, LastRecord: now}}
	in.Health.FillAll(&document, now.Add(2*time.Second))
	if document.Counts["info"] != 1001 || document.Counts["warning"] != 1 {
		t.Errorf("counts %v, want 1001 and 1", document.Counts)
	}
	found := false
	for _, w := range document.Workers {
		if w.Name == "shop" {
			found = w.FirstSeen.Equal(now.Add(-1998*time.Second)) && w.ExpectedInterval == 2
		}
	}
	if !found {
		t.Errorf("workers %+v; want shop since 1998 s with an interval of 2 s", document.Workers)
	}
}
