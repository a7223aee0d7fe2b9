// Package resume finds where a returning viewer continues, given the ID of the last event that it received, from this
// process or from another one that reads the same streams.
//
// In the same epoch the number in the ID is exact. With an ID of another epoch, the viewer gets a gap and then everything
// in memory from channels, and continues each stream behind the entry in the ID.
package resume

import (
	"fmt"
	"math"
	"sync/atomic"
	"time"

	"github.com/SupermanScott/Elva/internal/entry"
	"github.com/SupermanScott/Elva/internal/gap"
	"github.com/SupermanScott/Elva/internal/history"
)

// Resumer finds where viewers start. Its methods are safe for concurrent use.
type Resumer struct {
	ids      *IDFormat
	history  *history.History
	channels bool
	streams  []stream
}

// stream is what is known of a stream.
type stream struct {
	begun     atomic.Uint64 // the number of the first item after reading began; 0 before that
	recreated atomic.Uint64 // the number of the last gap behind which its IDs began again
	newest    atomic.Pointer[newest]
}

// newest is the newest ID that a stream ever had, by Redis's reply to a request of the time at.
type newest struct {
	id entry.ID
	at time.Time
}

// New returns a Resumer for a handler with the streams of ids. channels says whether it subscribes to channels, too.
func New(ids *IDFormat, h *history.History, channels bool) *Resumer {
	return &Resumer{ids: ids, history: h, channels: channels, streams: make([]stream, len(ids.keys))}
}

// Begin notes that reading a stream, counted from 1, begins behind the entry last.
func (r *Resumer) Begin(stream int, last entry.Entry) {
	r.streams[stream-1].begun.Store(r.history.Begin(stream, last) + 1)
}

// Recreated notes that a stream, counted from 1, was created again, so that its IDs start again behind the gap with the
// number seq.
func (r *Resumer) Recreated(stream int, seq uint64) { r.streams[stream-1].recreated.Store(seq) }

// Newest notes the newest ID that a stream, counted from 1, ever had when Redis was asked at the time at.
func (r *Resumer) Newest(stream int, id entry.ID, at time.Time) {
	r.streams[stream-1].newest.Store(&newest{id, at})
}

// Start is where a viewer starts to read.
type Start struct {
	Cursor   *history.Cursor
	Progress *Progress // nil when the viewer has seen nothing that the cursor reads
	Gaps     []gap.Gap // to send first
}

// inMemory reports whether the history reaches back to what the viewer has seen of each stream.
func (p *Progress) inMemory() bool {
	for i := range p.streams {
		if p.streams[i].begun.Load() == 0 {
			return false
		}
	}
	return len(p.missing(p.pad(p.history.Cursor(0).Last()))) == 0
}

// Start returns where a viewer starts that sends the ID of the last event that it received, or "" if it received none. gone is closed when
// the viewer leaves.
func (r *Resumer) Start(id string, gone <-chan struct{}) (s Start) {
	seq, own, has := r.ids.Parse(id)
	if id != "" && !own && (r.channels || has == nil) {
		s.Gaps = append(s.Gaps, gap.Gap{Kind: gap.Restart, Reason: "Elva was restarted, or this is another instance: what follows is its whole history"})
	}
	if has != nil {
		s.Progress = &Progress{Resumer: r, Seen: has, skip: make([]uint64, len(has)+1), arrived: time.Now()}
	}
	if own || has == nil {
		s.Cursor = r.history.Cursor(seq)
	} else {
		r.history.WaitForOlder(s.Progress.inMemory, gone)
		s.Cursor, s.Gaps = s.Progress.findStart(0, s.Gaps)
	}
	return s
}

// Progress tracks which entries of the streams a viewer has seen. It is needed until the viewer has caught up: before that, the
// history may hold entries that another instance sent to the viewer, and may lack entries that the viewer has not seen.
type Progress struct {
	*Resumer
	Seen     []entry.Entry // by stream: the last entry that was sent to the viewer, or reported to it as missing
	Reported bool          // set by the caller when it has sent a gap for all records that are no longer in memory
	skip     []uint64      // by stream, from 1, and 0 for channels: the viewer has seen the items up to this number
	arrived  time.Time     // when the viewer arrived
}

// findStart returns the cursor behind which the viewer may lack entries, and gaps to send first, which begin with gaps. The
// viewer has seen everything from channels up to the number seq.
func (p *Progress) findStart(seq uint64, gaps []gap.Gap) (*history.Cursor, []gap.Gap) {
	p.skip[0] = seq
	for i := range p.Seen {
		p.skip[i+1] = p.streams[i].recreated.Load()
	}
	if p.channels {
		return p.history.Cursor(0), gaps // channels have no entry IDs, so everything follows
	}
	var missing []gap.Gap
	c := p.history.Find(func(last []entry.Entry) bool {
		missing = p.missing(last) // the last call is at the beginning of the history
		return len(missing) == 0
	})
	return c, append(gaps, missing...)
}

// FindRecreated finds streams that were deleted and created again before the viewer arrived: the viewer has seen an entry
// that is newer than any that Redis knows. It returns the cursor behind which the viewer lacks entries of the new streams,
// and gaps to send first; a nil cursor if there is no such stream. It forgets what the viewer has seen of them. The viewer
// has seen everything from channels up to the number seq.
func (p *Progress) FindRecreated(seq uint64) (c *history.Cursor, gaps []gap.Gap) {
	read := p.pad(p.history.Cursor(math.MaxUint64).Last())
	for i, seen := range p.Seen {
		n := p.streams[i].newest.Load()
		if n != nil && n.at.After(p.arrived) && n.id.Compare(seen.ID) < 0 && read[i].Compare(seen.ID) < 0 {
			p.Seen[i] = entry.Entry{}
			gaps = append(gaps, p.gap(i, gap.Recreated, recreated))
		}
	}
	if gaps == nil {
		return nil, nil
	}
	return p.findStart(seq, gaps)
}

// GapsBefore returns the gaps to send before a run.
func (p *Progress) GapsBefore(run *history.Run) (gaps []gap.Gap) {
	if run.Retained { // a gap before these has reported what is missing around them
		return nil
	}
	last := p.pad(run.Last(0))
	for i := range last {
		if run.Item(0).Seq <= p.skip[i+1] { // an entry of the old stream
			last[i] = p.Seen[i]
		}
	}
	if !p.Reported {
		gaps = p.missing(last)
	}
	p.Reported = false
	for i, e := range last {
		gaps = p.compareIndex(gaps, i, e)
		if e.Compare(p.Seen[i].ID) > 0 {
			p.Seen[i] = e
		}
	}
	for n := range run.Len() {
		item := run.Item(n)
		i := item.Stream - 1
		if i < 0 || run.Gap {
			continue
		}
		gaps = p.compareIndex(gaps, i, item.Entry)
		if last[i] == (entry.Entry{}) && p.Seen[i] != (entry.Entry{}) && p.Seen[i].Compare(item.Entry.ID) < 0 {
			gaps = append(gaps, p.gap(i, gap.Recreated, recreated)) // this is the first entry of the stream
		}
		last[i] = item.Entry
	}
	return gaps
}

// missing returns a gap for each stream of which the viewer has not seen everything up to last.
func (p *Progress) missing(last []entry.Entry) (gaps []gap.Gap) {
	for i, e := range last {
		if e.Compare(p.Seen[i].ID) > 0 {
			gaps = append(gaps, p.gap(i, gap.Evicted, "older records of the stream %q are not in memory"))
		}
	}
	return gaps
}

// compareIndex appends a gap if e is the last entry that the viewer has seen, but with another index: the instance that
// sent it had missed entries before it without noticing.
func (p *Progress) compareIndex(gaps []gap.Gap, i int, e entry.Entry) []gap.Gap {
	seen := &p.Seen[i]
	if e.ID != seen.ID || e.Index == seen.Index || e.Index == 0 || seen.Index == 0 {
		return gaps
	}
	seen.Index = e.Index
	return append(gaps, p.gap(i, gap.Trimmed, "entries of the stream %q before these may be missing"))
}

const recreated = "the stream %q was deleted and created again: what follows is the new one"

func (p *Progress) gap(i int, kind gap.Kind, reason string) gap.Gap {
	return gap.Gap{Kind: kind, Reason: fmt.Sprintf(reason, p.ids.keys[i])}
}

// pad appends zero entries for the streams that last lacks.
func (p *Progress) pad(last []entry.Entry) []entry.Entry {
	return append(last[:len(last):len(last)], make([]entry.Entry, len(p.Seen)-len(last))...)
}

// Advance moves to the next item of a run and reports whether the viewer has not seen it.
func (p *Progress) Advance(run *history.Run, item *history.Item) bool {
	if item.Stream == 0 || item.Seq <= p.skip[item.Stream] {
		return item.Seq > p.skip[item.Stream]
	}
	seen := &p.Seen[item.Stream-1]
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

// CaughtUp reports whether the viewer has seen nothing that follows a run, so that Progress is no longer needed.
func (p *Progress) CaughtUp(run *history.Run) bool {
	seq, last := run.Item(run.Len()-1).Seq, p.pad(run.Last(run.Len()))
	for i, seen := range p.Seen {
		if begun := p.streams[i].begun.Load(); seen.ID != last[i].ID || begun == 0 || seq < begun || seq < p.skip[i+1] {
			return false
		}
	}
	return seq >= p.skip[0]
}
