package resume

import (
	"fmt"
	"math"
	"time"

	"github.com/SupermanScott/Elva/internal/entry"
	"github.com/SupermanScott/Elva/internal/gap"
	"github.com/SupermanScott/Elva/internal/history"
)

// Progress is what a viewer has of the streams while its cursor does not say it: the history may hold entries that the
// viewer was shown elsewhere, and lack others.
type Progress struct {
	*Resumer
	has      []entry.Entry // by stream: the last entry that was shown to the viewer, or reported as missing
	after    []uint64      // by stream, from 1, and 0 for channels: items up to this number are not for this viewer
	reported bool          // what was dropped before the log
	came     time.Time
}

// Last returns the last entry of each stream that the viewer has. The caller must not change or keep it.
func (p *Progress) Last() []entry.Entry { return p.has }

// Reported notes that the viewer was shown a gap for everything that was dropped before the log.
func (p *Progress) Reported() { p.reported = true }

// search returns the cursor from which on the viewer lacks entries, and gaps to show first. Of the channels it has
// everything up to the number seq.
func (p *Progress) search(seq uint64) (c *history.Cursor, gaps []gap.Gap) {
	p.after[0] = seq
	for i := range p.has {
		p.after[i+1] = p.streams[i].recreated.Load()
	}
	if p.channels {
		return p.history.Cursor(0), nil
	}
	c = p.history.Find(func(last []entry.Entry) bool {
		gaps = p.missing(last) // in the end, before the log
		return len(gaps) == 0
	})
	return c, gaps
}

// Check looks whether the viewer has entries that are newer than any that a stream had after the viewer came: they are of
// an older stream with that key. If so, it returns the cursor from which on the viewer lacks entries of the new one, and
// gaps to show first; nil if not. Of the channels the viewer has everything up to the number seq.
func (p *Progress) Check(seq uint64) (c *history.Cursor, gaps []gap.Gap) {
	read := p.pad(p.history.Cursor(math.MaxUint64).Last())
	for i, has := range p.has {
		n := p.streams[i].newest.Load()
		if n != nil && n.at.After(p.came) && n.id.Compare(has.ID) < 0 && read[i].Compare(has.ID) < 0 {
			p.has[i] = entry.Entry{}
			gaps = append(gaps, p.gap(i, gap.Recreated, recreated))
		}
	}
	if gaps == nil {
		return nil, nil
	}
	c, more := p.search(seq)
	return c, append(gaps, more...)
}

// Begin returns gaps to show before a run.
func (p *Progress) Begin(run *history.Run) (gaps []gap.Gap) {
	if run.Retained { // what was dropped around these was reported before them
		return nil
	}
	last := p.pad(run.Last(0))
	for i := range last {
		if run.Item(0).Seq <= p.after[i+1] { // of the old stream
			last[i] = p.has[i]
		}
	}
	if !p.reported {
		gaps = p.missing(last)
	}
	p.reported = false
	for i, e := range last {
		gaps = p.compare(gaps, i, e)
		if e.Compare(p.has[i].ID) > 0 {
			p.has[i] = e
		}
	}
	for n := range run.Len() {
		item := run.Item(n)
		i := item.Stream - 1
		if i < 0 || run.Gap {
			continue
		}
		gaps = p.compare(gaps, i, item.Entry)
		if last[i] == (entry.Entry{}) && p.has[i] != (entry.Entry{}) && p.has[i].Compare(item.Entry.ID) < 0 {
			gaps = append(gaps, p.gap(i, gap.Recreated, recreated)) // this is the first entry that the stream ever had
		}
		last[i] = item.Entry
	}
	return gaps
}

// missing returns a gap for each stream of which the viewer has not everything up to last.
func (p *Progress) missing(last []entry.Entry) (gaps []gap.Gap) {
	for i, e := range last {
		if e.Compare(p.has[i].ID) > 0 {
			gaps = append(gaps, p.gap(i, gap.Evicted, "older records of the stream %q are not in memory"))
		}
	}
	return gaps
}

// compare appends a gap if an entry is the last that the viewer has, with another index: the instance that showed it had
// missed entries before it, and had not noticed.
func (p *Progress) compare(gaps []gap.Gap, i int, e entry.Entry) []gap.Gap {
	has := &p.has[i]
	if e.ID != has.ID || e.Index == has.Index || e.Index == 0 || has.Index == 0 {
		return gaps
	}
	has.Index = e.Index
	return append(gaps, p.gap(i, gap.Trimmed, "entries of the stream %q before these may be missing"))
}

const recreated = "the stream %q was deleted and created again: what follows is the new one"

func (p *Progress) gap(i int, kind gap.Kind, reason string) gap.Gap {
	return gap.Gap{Kind: kind, Reason: fmt.Sprintf(reason, p.streams[i].key)}
}

// pad extends last by the streams at its end that have none.
func (p *Progress) pad(last []entry.Entry) []entry.Entry {
	return append(last[:len(last):len(last)], make([]entry.Entry, len(p.has)-len(last))...)
}

// Take takes the next item of a run and reports whether to show it to the viewer.
func (p *Progress) Take(run *history.Run, item *history.Item) bool {
	if item.Seq <= p.after[item.Stream] {
		return false
	}
	if item.Stream == 0 {
		return true
	}
	has := &p.has[item.Stream-1]
	show := has.Compare(item.Entry.ID) < 0
	if run.Gap && !show {
		// Behind a gap, entries with smaller IDs can follow: all from the beginning in a stream that was created again,
		// some after a failover. Only a viewer with a later entry than was there before has seen them.
		show = item.Entry.ID == entry.ID{} || has.Compare(p.pad(run.Last(0))[item.Stream-1].ID) <= 0
	}
	if show {
		*has = item.Entry
	}
	return show
}

// Done reports whether everything behind a run is new to the viewer.
func (p *Progress) Done(run *history.Run) bool {
	seq := run.Item(run.Len() - 1).Seq
	last := p.pad(run.Last(run.Len()))
	for i, has := range p.has {
		if begun := p.streams[i].begun.Load(); has.ID != last[i].ID || begun == 0 || seq < begun || seq < p.after[i+1] {
			return false
		}
	}
	return seq >= p.after[0]
}
