package history_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/SupermanScott/Elva/internal/gap"
	"github.com/SupermanScott/Elva/internal/history"
	"github.com/SupermanScott/Elva/internal/position"
	"github.com/SupermanScott/Elva/internal/record"
)

// stream is a history of a stream whose entries' IDs are their numbers, and of another one.
type stream struct {
	*history.History
	counted bool // Redis tells how many entries were added
}

func newStream(t *testing.T, records int, counted bool) *stream {
	h := history.New(records, 1<<20, time.Hour)
	t.Cleanup(h.Close)
	h.Streams(2)
	s := &stream{h, counted}
	h.Begin(start, 0, s.at(0))
	h.Begin(start, 1, position.Position{})
	return s
}

func (s *stream) at(n uint64) position.Position {
	p := position.Position{Entry: position.Entry{MS: n}}
	if s.counted {
		p.Index = n
	}
	return p
}

func (s *stream) entries(from, to uint64) {
	for n := from; n <= to; n++ {
		s.AppendEntry(start, 0, s.at(n), "key", fmt.Sprint(n), &record.Record{Level: record.Info, Message: fmt.Sprint(n)})
	}
}

// other adds an entry to the other stream.
func (s *stream) other() {
	s.AppendEntry(start, 1, s.at(1), "other", "", &record.Record{Level: record.Info})
}

// TestALossOfUnknownSizeIsToldWhereverItStands lets a viewer come from elsewhere who has come to just where this
// history lost entries of which it does not know how many. What was lost has no place, so only the item tells of it,
// and that goes from the main lane into the reserve, and is forgotten.
func TestALossOfUnknownSizeIsToldWhereverItStands(t *testing.T) {
	// While one of these is the oldest, the loss has gone and what follows it has not.
	for _, between := range []string{"other entries", "gaps, which fill the reserve"} {
		t.Run(between, func(t *testing.T) { loseSome(t, between == "other entries") })
	}
}

func loseSome(t *testing.T, others bool) {
	s := newStream(t, 100, false)
	s.entries(1, 5)
	s.AppendLoss(start, 0, s.at(5), gap.Gap{Kind: gap.Stream})
	for range 60 {
		if others {
			s.other()
			continue
		}
		s.AppendGap(start, gap.Gap{Kind: gap.Redis, Lost: 1})
	}
	look := func(when string, last uint64) {
		t.Helper()
		reader, missing := s.Resume(position.Vector{s.at(5), s.at(1)})
		told := missing != nil && missing.Entries == 0
		for run := reader.Read(); run.Len() > 0 || run.Lost > 0; run = reader.Read() {
			told = told || run.Uncounted || run.Gap && run.Item(0).Loss && run.Item(0).Position == s.at(5)
		}
		if !told {
			t.Fatalf("nothing tells of it %s, at entry %d", when, last)
		}
		if _, missing := s.Resume(position.Vector{s.at(last), s.at(1)}); missing != nil {
			t.Fatalf("a viewer that has all is told %+v", missing)
		}
	}
	last := uint64(9)
	for range 3 {
		last++
		s.entries(last, last)
		look("before others come", last)
	}
	for range 150 {
		s.other()
		look("while others come", last)
	}
	for range 100 { // what fills the reserve
		s.AppendGap(start, gap.Gap{Kind: gap.Redis, Lost: 1})
		s.other()
		look("while it leaves the reserve", last)
	}
}

// TestAHoleThatWasNotNoticedElsewhereIsToldHere lets a viewer come who has entry 20 as the 15th of the stream: five were
// missed before it by whoever showed it, who did not know yet.
func TestAHoleThatWasNotNoticedElsewhereIsToldHere(t *testing.T) {
	s := newStream(t, 100, true)
	s.entries(1, 30)
	reader, missing := s.Resume(position.Vector{{Entry: position.Entry{MS: 20}, Index: 15}, {}})
	if missing == nil || missing.Entries != 5 || !missing.Unread {
		t.Errorf("missing %+v, want 5 that were not read", missing)
	}
	run := reader.Read()
	if run.Len() != 10 || run.Item(0).Position.MS != 21 {
		t.Errorf("goes on with %d items from %v on", run.Len(), run.Item(0).Position)
	}
}
