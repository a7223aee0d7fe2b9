package history_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/SupermanScott/Elva/internal/entry"
	"github.com/SupermanScott/Elva/internal/filter"
	"github.com/SupermanScott/Elva/internal/gap"
	"github.com/SupermanScott/Elva/internal/group"
	"github.com/SupermanScott/Elva/internal/history"
	"github.com/SupermanScott/Elva/internal/record"
)

// appended is an item that was appended.
type appended struct {
	seq     uint64
	level   record.Level
	gap     bool
	at      time.Time // the time to which a filter's range applies
	json    string
	payload string
}

// reference is a history together with a plain list of everything that was appended to it.
type reference struct {
	*history.History
	rng  *rand.Rand
	all  []appended // by number, less 1
	held []appended // what the history still had when it was last compared
}

func (m *reference) append() {
	rng := m.rng
	seq := uint64(len(m.all) + 1)
	at := start.Add(time.Duration(seq) * 300 * time.Millisecond)
	if rng.IntN(40) == 0 {
		g := gap.Gap{Seq: seq, Kind: gap.Redis, From: at, To: at}
		m.AppendGap(at, history.Source{}, g)
		m.all = append(m.all, appended{seq: seq, gap: true, json: string(g.JSON())})
		return
	}
	r := record.Record{Level: record.Level(rng.IntN(7)), Logger: fmt.Sprintf("shop.part%d", seq/200), Message: fmt.Sprint("message ", seq, strings.Repeat("x", rng.IntN(200)))}
	if rng.IntN(500) == 0 {
		r.Message += strings.Repeat("y", rng.IntN(20<<10))
	}
	if rng.IntN(3) == 0 {
		r.Level = record.Info
	}
	from := history.Source{Channel: "app"}
	text := fmt.Sprintf(`{"seq":%d,"at":"%s","channel":"app","worker":"shop"`, seq, at.Format("2006-01-02T15:04:05.000000Z"))
	if rng.IntN(4) == 0 {
		from.Stream, from.Entry = 1+rng.IntN(3), entry.Entry{ID: entry.ID{MS: rng.Uint64(), Seq: seq}, Index: rng.Uint64()}
		text += `,"entry":"` + from.Entry.String() + `"`
	}
	a := appended{seq: seq, level: r.Level, at: at, payload: strings.Repeat("p", rng.IntN(300))}
	if rng.IntN(2) == 0 {
		r.Time = at.Add(time.Duration(rng.IntN(60)-30) * time.Second)
		a.at = r.Time
	}
	a.json = text + string(r.AppendMembers(nil)) + `,"pattern":"` + string(group.AppendPattern(nil, new(group.Patterns).Hash(&r))) + `"}`
	m.Append(at, from, a.payload, &r)
	m.all = append(m.all, a)
}

// compare reads everything and compares each item with the list.
func (m *reference) compare(t *testing.T) {
	t.Helper()
	m.held = m.held[:0]
	count := uint64(0)
	for c := m.Since(0); ; {
		run := c.Read()
		if run.Lost > 0 {
			t.Fatalf("%d are lost of what is held", run.Lost)
		}
		if run.Len() == 0 {
			break
		}
		for i := range run.Len() {
			item := run.Item(i)
			want := m.all[item.Seq-1]
			if string(item.JSON) != want.json || item.Level != want.level || item.Gap != want.gap {
				t.Fatalf("number %d is %+v, want %+v", item.Seq, item, want)
			}
			if item.Seq <= count {
				t.Fatalf("number %d after %d", item.Seq, count)
			}
			count = item.Seq
			m.held = append(m.held, want)
		}
	}
	s := m.Stats()
	if s.Records != len(m.held) || s.First != m.held[0].seq || s.Last != m.held[len(m.held)-1].seq || s.Last != uint64(len(m.all)) {
		t.Fatalf("holds %d items: %+v", len(m.held), s)
	}
	for range 20 {
		a := m.held[m.rng.IntN(len(m.held))]
		if got, ok := m.Payload(a.seq); ok == a.gap || string(got) != a.payload {
			t.Fatalf("payload of %d is %q, %v, want %q", a.seq, got, ok, a.payload)
		}
	}
}

// selected returns the numbers of the records in memory that f selects, between two numbers.
func (m *reference) selected(f *filter.Filter, after, before uint64) (seqs []uint64) {
	for _, a := range m.held {
		if !a.gap && a.seq > after && a.seq < before && f.Match(a.level, []byte(a.json)) {
			seqs = append(seqs, a.seq)
		}
	}
	return seqs
}

// search compares the results of searches with the list.
func (m *reference) search(t *testing.T, params string) {
	t.Helper()
	f, err := filter.Parse(params, start)
	if err != nil {
		t.Fatal(err)
	}
	last := uint64(len(m.all))
	after, before := m.rng.Uint64N(last), m.rng.Uint64N(last+10)
	if m.rng.IntN(2) == 0 {
		after, before = 0, last+1
	}
	var got []uint64
	for b := m.Backward(f, after, before); b.Next(nil, func(run *history.Run) int {
		n := 1 + m.rng.IntN(run.Len())
		for i := range n {
			if item := run.Item(run.Len() - 1 - i); !item.Gap && f.Match(item.Level, item.JSON) {
				got = append(got, item.Seq)
			}
		}
		return n
	}); {
		m.checkLatest(t, b, after)
	}
	slices.Reverse(got)
	if want := m.selected(f, after, before); !slices.Equal(got, want) {
		t.Fatalf("%s from %d back to %d: %v, want %v", params, before, after, got, want)
	}
	got = nil
	for c := m.Since(after).SkipUnselected(f); ; {
		run := c.Read()
		if run.Len() == 0 && !run.Skipped {
			break
		}
		for i := range run.Len() {
			if item := run.Item(i); !item.Gap && f.Match(item.Level, item.JSON) {
				got = append(got, item.Seq)
			}
		}
	}
	if want := m.selected(f, after, last+1); !slices.Equal(got, want) {
		t.Fatalf("%s from %d on: %v, want %v", params, after, got, want)
	}
	m.count(t)
}

// checkLatest checks that no record that is still to be read is later than Latest, and that Latest is known if one is left.
func (m *reference) checkLatest(t *testing.T, b *history.Backward, after uint64) {
	t.Helper()
	latest, ok := b.Latest()
	for _, a := range m.held {
		if !a.gap && a.seq > after && a.seq < b.Pos() && (!ok || a.at.After(latest)) {
			t.Fatalf("number %d is of %v, but the latest below %d is %v, %v", a.seq, a.at, b.Pos(), latest, ok)
		}
	}
}

// count compares the counts of indexes with the list.
func (m *reference) count(t *testing.T) {
	t.Helper()
	got, want := map[int64]history.Levels{}, map[int64]history.Levels{}
	add := func(slot int64, level record.Level, n uint32) {
		counts := got[slot]
		counts[level] += n
		got[slot] = counts
	}
	for b := m.Backward(nil, 0, uint64(len(m.all)+1)); b.Next(func(x *history.Index) bool {
		for _, s := range x.Slots {
			for level, n := range s.Counts {
				add(s.Start, record.Level(level), n)
			}
		}
		return x.Slots != nil
	}, func(run *history.Run) int {
		for i := range run.Len() {
			if item := run.Item(i); !item.Gap {
				add(history.SlotOf(m.all[item.Seq-1].at), item.Level, 1)
			}
		}
		return run.Len()
	}); {
	}
	for _, a := range m.held {
		if !a.gap {
			counts := want[history.SlotOf(a.at)]
			counts[a.level]++
			want[history.SlotOf(a.at)] = counts
		}
	}
	if len(got) != len(want) {
		t.Fatalf("%d slots, want %d", len(got), len(want))
	}
	for slot, counts := range want {
		if got[slot] != counts {
			t.Fatalf("slot %d: %v, want %v", slot, got[slot], counts)
		}
	}
}

// seeds returns the number of seeds that a random test tries: n, or fewer with -short and under the race detector, where packing takes more
// than ten times as long.
func seeds(n uint64) uint64 {
	switch {
	case raceDetector:
		return n/10 + 1
	case testing.Short():
		return n/4 + 1
	}
	return n
}

// TestHistory_AgreesWithAList compares a history that packs, drops, retains and searches with a plain list.
func TestHistory_AgreesWithAList(t *testing.T) {
	for seed := range seeds(10) {
		synctest.Test(t, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 5))
			m := &reference{History: history.New(500+rng.IntN(20_000), 300<<10+rng.IntN(2<<20), time.Millisecond), rng: rng}
			defer m.Close()
			for range 8 {
				for range rng.IntN(5000) + 1 {
					m.append()
				}
				synctest.Wait() // until the keeper is idle
				m.compare(t)
				for _, params := range []string{"", "level=error", "logger=shop.part7", "q=message", "q=absent", "q=" + fmt.Sprint(rng.IntN(len(m.all)+1)),
					"level=info,&q=7x", "from=2026-11-22T17:10:00Z&to=2026-11-22T17:12:00Z", "q=seq>" + fmt.Sprint(rng.IntN(len(m.all)+1))} {
					m.search(t, params)
				}
			}
		})
	}
}
