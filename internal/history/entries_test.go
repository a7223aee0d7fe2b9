package history_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/SupermanScott/Elva/internal/entry"
	"github.com/SupermanScott/Elva/internal/gap"
	"github.com/SupermanScott/Elva/internal/history"
	"github.com/SupermanScott/Elva/internal/record"
)

// model has the stream and the entry of each item, by its number less 1.
type model struct {
	*history.History
	sources []history.Source
	begun   []entry.Entry // by stream
}

// last returns the last entry of each stream up to an item.
func (m *model) last(seq uint64) []entry.Entry {
	last := slices.Clone(m.begun)
	for _, from := range m.sources[:seq] {
		if from.Stream > 0 {
			last[from.Stream-1] = from.Entry
		}
	}
	return last
}

// fill appends items of two streams and a channel, and gaps of all kinds.
func fill(t *testing.T, rng *rand.Rand, records, items int) *model {
	m := &model{History: history.New(records, 64<<10, time.Hour), begun: []entry.Entry{{ID: entry.ID{MS: 5}}, {}}}
	t.Cleanup(m.Close)
	m.Begin(1, m.begun[0])
	m.Begin(2, m.begun[1])
	for n := range items {
		from := history.Source{Channel: "c", Stream: rng.IntN(3)}
		if from.Stream > 0 {
			from.Entry.MS = uint64(10 + n)
		}
		m.sources = append(m.sources, from)
		if rng.IntN(20) == 0 {
			m.AppendGap(start, from, gap.Gap{Kind: gap.Trimmed})
			continue
		}
		m.Append(start, from, "", &record.Record{Level: record.Level(rng.IntN(7)), Message: strings.Repeat("x", rng.IntN(300))})
	}
	return m
}

func TestCursor_LastEntriesAtEveryItemThatTheLogHolds(t *testing.T) {
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 1))
		m := fill(t, rng, 20+rng.IntN(400), 500)
		for seq := m.Stats().Last; seq > 0; seq-- {
			c := m.Cursor(seq)
			last := c.Last()
			if run := c.Read(); run.Lost > 0 || run.Retained { // the log begins after it
				break
			}
			if want := m.last(seq); !slices.Equal(last, want) {
				t.Fatalf("seed %d: at %d of 500: %v, want %v", seed, seq, last, want)
			}
		}
	}
}

// TestRead_LastEntriesOfRuns reads everything. In the log, the last entries are exact after each item. Among retained items,
// they cover at least the items that were read, and no item that follows.
func TestRead_LastEntriesOfRuns(t *testing.T) {
	retained := 0
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 2))
		m := fill(t, rng, 20+rng.IntN(200), 500)
		for c := m.Cursor(0); ; {
			run := c.Read()
			if run.Lost > 0 {
				continue
			}
			if run.Len() == 0 {
				break
			}
			for n := range run.Len() {
				item, got := run.Item(n), run.Last(n+1)
				if from := m.sources[item.Seq-1]; item.Stream != from.Stream || item.Entry != from.Entry {
					t.Fatalf("seed %d: number %d is %+v, want %+v", seed, item.Seq, item, from)
				}
				want := m.last(item.Seq)
				if !run.Retained && !slices.Equal(got, want) {
					t.Fatalf("seed %d: after item %d: %v, want %v", seed, item.Seq, got, want)
				}
				if !run.Retained {
					continue
				}
				retained++
				if item.Stream > 0 && got[item.Stream-1] != item.Entry {
					t.Fatalf("seed %d: after retained item %d: %v, its entry is %v", seed, item.Seq, got, item.Entry)
				}
				for i := range got {
					if got[i].Compare(want[i].ID) > 0 {
						t.Fatalf("seed %d: after retained item %d: %v, later than %v", seed, item.Seq, got, want)
					}
				}
			}
			if got := run.Last(run.Len()); !slices.Equal(c.Last(), got) {
				t.Fatalf("seed %d: the cursor is at %v, and the run ends at %v", seed, c.Last(), got)
			}
		}
	}
	if retained == 0 {
		t.Error("nothing was retained")
	}
}

// TestFind_BeginsWhereNothingIsLacking looks for entries that are in memory and for entries that are not.
func TestFind_BeginsWhereNothingIsLacking(t *testing.T) {
	for seed := range uint64(20) {
		synctest.Test(t, func(t *testing.T) { findWhereNothingIsLacking(t, seed) })
	}
}

func findWhereNothingIsLacking(t *testing.T, seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 3))
	m := fill(t, rng, 20+rng.IntN(400), 500)
	synctest.Wait() // until the keeper has dropped everything it must
	for seq := range uint64(501) {
		has := m.last(seq)
		c := m.Find(func(last []entry.Entry) bool {
			for i, e := range last {
				if e.Compare(has[i].ID) > 0 {
					return false
				}
			}
			return true
		})
		begin := c.Pos()
		run := c.Read()
		if run.Lost > 0 {
			t.Fatalf("seed %d: behind %d it reports %d as lost", seed, seq, run.Lost)
		}
		for i, e := range m.last(begin) {
			if begin > 0 && e.Compare(has[i].ID) > 0 {
				t.Fatalf("seed %d: behind %d it begins at %d, where stream %d has come to %v, not %v", seed, seq, begin, i+1, e, has[i])
			}
		}
		if begin == 0 && run.Retained && slices.Equal(m.Cursor(seq).Last(), has) && !m.Cursor(seq).Read().Retained && m.Cursor(seq).Read().Lost == 0 {
			t.Errorf("seed %d: behind %d, which the log holds, it begins at the oldest item", seed, seq)
		}
	}
	all, lost := drain(t, m.Find(func([]entry.Entry) bool { return false }))
	if held := m.Stats(); len(all) != held.Records || lost > 0 || all[0] != held.First {
		t.Errorf("seed %d: %d items from %d on, lost %d; %d are held, from %d on", seed, len(all), all[0], lost, held.Records, held.First)
	}
}

func TestAppend_AStreamsRecordHasItsEntryID(t *testing.T) {
	h := history.New(1000, 1<<20, time.Hour)
	defer h.Close()
	h.Append(start, history.Source{Channel: "jobs", Stream: 1, Entry: entry.Entry{ID: entry.ID{MS: 1700000000000, Seq: 7}}}, "", &record.Record{Message: "m"})
	h.Append(start, history.Source{Channel: "jobs"}, "", &record.Record{Message: "m"})
	want := `{"seq":1,"at":"2026-11-22T17:00:00.000000Z","channel":"jobs","worker":"jobs","entry":"1700000000000-7","message":"m","pattern":"2cb37f77"},` +
		`{"seq":2,"at":"2026-11-22T17:00:00.000000Z","channel":"jobs","worker":"jobs","message":"m","pattern":"2cb37f77"}`
	run := h.Cursor(0).Read()
	if got := string(run.Joined()); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
