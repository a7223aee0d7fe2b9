package resume

import (
	"fmt"
	"math"
	"time"

	"github.com/SupermanScott/Elva/internal/entry"
	"github.com/SupermanScott/Elva/internal/gap"
	"github.com/SupermanScott/Elva/internal/history"
)

// Progress tracks what a viewer has seen of the streams, as long as the cursor alone does not tell: the history may hold
// entries that another instance sent to the viewer, and may lack entries that the viewer has not seen.
type Progress struct {
	*Resumer
	seen     []entry.Entry // by stream: the last entry that was sent to the viewer, or reported to it as missing
	skip     []uint64      // by stream, from 1, and 0 for channels: the viewer has seen the items up to this number
	reported bool          // whether the viewer was told that older records have left the history
	arrived  time.Time     // when the viewer arrived
}

// Last returns the last entry of each stream that the viewer has seen. The caller must not change or keep it.
func (p *Progress) Last() []entry.Entry { return p.seen }

// GapReported notes that the viewer was sent a gap for everything that has left the history.
func (p *Progress) GapReported() { p.reported = true }

// findStart returns the cursor behind which the viewer may lack entries, and gaps to send first. The viewer has seen
// everything from channels up to the number seq.
func (p *Progress) findStart(seq uint64) (c *history.Cursor, gaps []gap.Gap) {
	p.skip[0] = seq
	for i := range p.seen {
		p.skip[i+1] = p.streams[i].recreated.Load()
	}
	if p.channels {
		return p.history.Cursor(0), nil
	}
	c = p.history.Find(func(last []entry.Entry) bool {
		gaps = p.missing(last) // the last call is at the beginning of the history
		return len(gaps) == 0
	})
	return c, gaps
}

// FindRecreated finds streams that were deleted and created again before the viewer arrived: the viewer has seen an entry
// that is newer than any that Redis knows. It returns the cursor behind which the viewer lacks entries of the new streams,
// and gaps to send first; a nil cursor if there is no such stream. The viewer has seen everything from channels up to the
// number seq.
func (p *Progress) FindRecreated(seq uint64) (c *history.Cursor, gaps []gap.Gap) {
	read := p.pad(p.history.Cursor(math.MaxUint64).Last())
	for i, seen := range p.seen {
		n := p.streams[i].newest.Load()
		if n != nil && n.at.After(p.arrived) && n.id.Compare(seen.ID) < 0 && read[i].Compare(seen.ID) < 0 {
			p.seen[i] = entry.Entry{}
			gaps = append(gaps, p.gap(i, gap.Recreated, recreated))
		}
	}
	if gaps == nil {
		return nil, nil
	}
	c, more := p.findStart(seq)
	return c, append(gaps, more...)
}

// GapsBefore returns the gaps to send before a run.
func (p *Progress) GapsBefore(run *history.Run) (gaps []gap.Gap) {
	if run.Retained { // a gap before these has reported what is missing around them
		return nil
	}
	last := p.pad(run.Last(0))
	for i := range last {
		if run.Item(0).Seq <= p.skip[i+1] { // an entry of the old stream
			last[i] = p.seen[i]
		}
	}
	if !p.reported {
		gaps = p.missing(last)
	}
	p.reported = false
	for i, e := range last {
		gaps = p.compareIndex(gaps, i, e)
		if e.Compare(p.seen[i].ID) > 0 {
			p.seen[i] = e
		}
	}
	for n := range run.Len() {
		item := run.Item(n)
		i := item.Stream - 1
		if i < 0 || run.Gap {
			continue
		}
		gaps = p.compareIndex(gaps, i, item.Entry)
		if last[i] == (entry.Entry{}) && p.seen[i] != (entry.Entry{}) && p.seen[i].Compare(item.Entry.ID) < 0 {
			gaps = append(gaps, p.gap(i, gap.Recreated, recreated)) // this is the first entry of the stream
		}
		last[i] = item.Entry
	}
	return gaps
}

// missing returns a gap for each stream of which the viewer has not seen everything up to last.
func (p *Progress) missing(last []entry.Entry) (gaps []gap.Gap) {
	for i, e := range last {
		if e.Compare(p.seen[i].ID) > 0 {
			gaps = append(gaps, p.gap(i, gap.Evicted, "older records of the stream %q are not in memory"))
		}
	}
	return gaps
}

// compareIndex appends a gap if e is the last entry that the viewer has seen, but with another index: the instance that
// sent it had missed entries before it without noticing.
func (p *Progress) compareIndex(gaps []gap.Gap, i int, e entry.Entry) []gap.Gap {
	seen := &p.seen[i]
	if e.ID != seen.ID || e.Index == seen.Index || e.Index == 0 || seen.Index == 0 {
		return gaps
	}
	seen.Index = e.Index
	return append(gaps, p.gap(i, gap.Trimmed, "entries of the stream %q before these may be missing"))
}

const recreated = "the stream %q was deleted and created again: what follows is the new one"

func (p *Progress) gap(i int, kind gap.Kind, reason string) gap.Gap {
	return gap.Gap{Kind: kind, Reason: fmt.Sprintf(reason, p.streams[i].key)}
}

// pad appends zero entries for the streams that last lacks.
func (p *Progress) pad(last []entry.Entry) []entry.Entry {
	return append(last[:len(last):len(last)], make([]entry.Entry, len(p.seen)-len(last))...)
}

// Advance moves to the next item of a run and reports whether the viewer has not seen it.
func (p *Progress) Advance(run *history.Run, item *history.Item) bool {
	if item.Seq <= p.skip[item.Stream] {
		return false
	}
	if item.Stream == 0 {
		return true
	}
	seen := &p.seen[item.Stream-1]
	show := seen.Compare(item.Entry.ID) < 0
	if run.Gap && !show {
		// Smaller IDs can follow a gap: in a stream that was created again they start again, and after a failover some are
		// smaller. The viewer has seen them only if it has seen a later entry than the one before the gap.
		show = item.Entry.ID == entry.ID{} || seen.Compare(p.pad(run.Last(0))[item.Stream-1].ID) <= 0
	}
	if show {
		*seen = item.Entry
	}
	return show
}

// CaughtUp reports whether the viewer has seen nothing that follows a run, so that the cursor alone tells from now on.
func (p *Progress) CaughtUp(run *history.Run) bool {
	seq := run.Item(run.Len() - 1).Seq
	last := p.pad(run.Last(run.Len()))
	for i, seen := range p.seen {
		if begun := p.streams[i].begun.Load(); seen.ID != last[i].ID || begun == 0 || seq < begun || seq < p.skip[i+1] {
			return false
		}
	}
	return seq >= p.skip[0]
}
