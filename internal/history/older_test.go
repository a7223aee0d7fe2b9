package history_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/SupermanScott/Elva/internal/entry"
	"github.com/SupermanScott/Elva/internal/history"
	"github.com/SupermanScott/Elva/internal/record"
)

// olderRecords returns records of stream 1 with the entries from to to, and the entry before them.
func olderRecords(rng *rand.Rand, from, to int) (list []history.Older, before map[int]entry.Entry) {
	for n := from; n <= to; n++ {
		list = append(list, history.Older{
			At: start.Add(time.Duration(n) * time.Millisecond), From: history.Source{Channel: "s", Stream: 1, Entry: entryOf(n)}, Payload: fmt.Sprint("payload ", n),
			Record: record.Record{Level: record.Level(rng.IntN(7)), Message: fmt.Sprintf("message %d %s", n, strings.Repeat("x", rng.IntN(200)))},
		})
	}
	return list, map[int]entry.Entry{1: entryOf(from - 1)}
}

func entryOf(n int) entry.Entry { return entry.Entry{ID: entry.ID{MS: uint64(n)}, Index: uint64(n)} }

// TestPrepend_WhileRecordsArrive adds older entries of a stream in batches, newest first, while new ones and records of a channel arrive.
func TestPrepend_WhileRecordsArrive(t *testing.T) {
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 7))
		const most = 10_000
		h := history.New(100_000, 8<<20, time.Hour)
		t.Cleanup(h.Close)
		h.Reserve(most)
		oldest, newest := 5000, 5000
		h.Begin(1, entryOf(oldest-1))
		early := h.Cursor(0)
		var live *history.Cursor
		add := func() {
			for range rng.IntN(300) {
				r := &record.Record{Message: "new"}
				if rng.IntN(3) == 0 {
					h.Append(start, history.Source{Channel: "c"}, "", r)
					continue
				}
				h.Append(start, history.Source{Channel: "s", Stream: 1, Entry: entryOf(newest)}, fmt.Sprint("payload ", newest), r)
				newest++
			}
		}
		for oldest > 1 {
			add()
			if live == nil && newest > 5000 {
				live = h.Tail(1)
			}
			n := min(1+rng.IntN(900), oldest-1)
			list, before := olderRecords(rng, oldest-n, oldest-1)
			if !h.Prepend(list, before) {
				t.Fatal("there is no room")
			}
			oldest -= n
		}
		if h.Stats().Complete {
			t.Fatal("complete while older records may come")
		}
		h.EndOlder()
		add()
		if got := h.Stats(); !got.Complete || got.First != most-4999+1 || got.Records != int(got.Last-got.First+1) {
			t.Fatalf("seed %d: %+v", seed, got)
		}
		next := 1
		for c := h.Cursor(0); ; {
			if want := entryOf(next - 1); c.Last()[0] != want {
				t.Fatalf("seed %d: before entry %d, the last is %v", seed, next, c.Last())
			}
			run := c.Read()
			if run.Lost > 0 {
				t.Fatalf("seed %d: %d are lost before entry %d", seed, run.Lost, next)
			}
			if run.Len() == 0 {
				break
			}
			for i := range run.Len() {
				item := run.Item(i)
				if item.Stream == 0 {
					continue
				}
				payload, ok := h.Payload(item.Seq)
				if item.Entry != entryOf(next) || !ok || string(payload) != fmt.Sprint("payload ", next) || next < 5000 && !strings.Contains(string(item.JSON), fmt.Sprintf(`"seq":%d,`, most-4999+next)) {
					t.Fatalf("seed %d: got %v with %q, want entry %d: %s", seed, item.Entry, payload, next, item.JSON)
				}
				next++
			}
		}
		if next != newest {
			t.Errorf("seed %d: %d entries, want %d", seed, next-1, newest-1)
		}
		for name, c := range map[string]*history.Cursor{"early": early, "live": live} {
			seen := uint64(0)
			for run := c.Read(); run.Len() > 0 || run.Lost > 0; run = c.Read() {
				if run.Lost > 0 || seen > 0 && run.Item(0).Seq != seen+1 {
					t.Fatalf("seed %d: the %s cursor lost %d, and got %d after %d", seed, name, run.Lost, run.Item(0).Seq, seen)
				}
				seen = run.Item(run.Len() - 1).Seq
			}
		}
	}
}

func TestPrepend_StopsWhenFull(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for name, h := range map[string]*history.History{
		"bytes":   history.New(1_000_000, 1<<20, time.Hour),
		"records": history.New(3000, 8<<20, time.Hour),
		"numbers": history.New(1_000_000, 8<<20, time.Hour),
	} {
		t.Cleanup(h.Close)
		h.Reserve(map[string]int{"bytes": 1_000_000, "records": 1_000_000, "numbers": 5000}[name])
		h.Append(start, history.Source{Channel: "c"}, "", &record.Record{Level: record.Error, Message: "the first"})
		more, n := h.Older(), 0
		for oldest := 900_000; ; oldest -= 500 {
			list, before := olderRecords(rng, oldest-500, oldest-1)
			ok := h.Prepend(list, before)
			if got := h.Stats(); got.Records < n || got.Bytes > 8<<20 || !ok && got.Records == 1 {
				t.Fatalf("%s: after %d: %+v", name, n, got)
			}
			n = h.Stats().Records
			if !ok {
				break
			}
		}
		select {
		case <-more:
		default:
			t.Errorf("%s: nobody was notified", name)
		}
		list, before := olderRecords(rng, 1, 500)
		if h.Older() != nil || h.Prepend(list, before) || h.Stats().Records != n || h.Stats().Complete {
			t.Errorf("%s: more were added after it was full", name)
		}
		if run := h.Cursor(0).Read(); run.Lost > 0 {
			t.Errorf("%s: %d are reported as lost that were never there", name, run.Lost)
		}
	}
}

func TestPrepend_AddsNothingBelowDroppedItems(t *testing.T) {
	h := history.New(1000, 1<<20, time.Hour)
	t.Cleanup(h.Close)
	h.Reserve(1000)
	for range 2000 {
		h.Append(start, history.Source{Channel: "c"}, "", &record.Record{Message: "new"})
	}
	list, before := olderRecords(rand.New(rand.NewPCG(1, 1)), 1, 10)
	if h.Prepend(list, before) || h.Older() != nil || h.Stats().Complete {
		t.Error("records were added before others that had been dropped")
	}
	if run := h.Cursor(1001).Read(); run.Lost == 0 {
		t.Error("the dropped items are not reported as lost")
	}
}

func TestEachPayload_PackedAndNot(t *testing.T) {
	h := history.New(100_000, 8<<20, time.Hour)
	t.Cleanup(h.Close)
	h.Reserve(5000)
	list, before := olderRecords(rand.New(rand.NewPCG(1, 1)), 1, 3000)
	h.Prepend(list, before)
	for n := 3001; n <= 3100; n++ {
		h.Append(start.Add(time.Duration(n)*time.Millisecond), history.Source{Channel: `s "x",`}, fmt.Sprint("payload ", n), &record.Record{Message: "new"})
	}
	var got []string
	for seq := uint64(0); ; {
		next := h.EachPayload(seq, func(p history.Payload) {
			got = append(got, fmt.Sprintf("%d %s %s %s", p.Seq, p.At.Sub(start), p.Channel, p.Text))
		})
		if next == seq {
			break
		}
		seq = next
	}
	var want []string
	for n := 1; n <= 3100; n++ {
		channel := "s"
		if n > 3000 {
			channel = `s "x",`
		}
		want = append(want, fmt.Sprintf("%d %s %s payload %d", 2000+n, time.Duration(n)*time.Millisecond, channel, n))
	}
	if !slices.Equal(got, want) {
		t.Errorf("%d payloads, want %d; the first is %q, want %q; the last is %q, want %q", len(got), len(want), got[0], want[0], got[len(got)-1], want[len(want)-1])
	}
}
