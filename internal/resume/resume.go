// Package resume finds where a returning viewer continues, given the ID of the last event that it received, from this
// process or from another one that reads the same streams.
//
// In the same epoch the number in the ID is exact. With an ID of another epoch, the viewer gets a gap and then everything
// in memory from channels, and continues each stream behind the entry in the ID.
package resume

import (
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
	key       string
	begun     atomic.Uint64 // the number of the first item after reading began; 0 before that
	recreated atomic.Uint64 // the number of the last gap behind which its IDs began again
	newest    atomic.Pointer[newest]
}

// newest is the newest ID that a stream ever had, by Redis's reply to a request of the time at.
type newest struct {
	id entry.ID
	at time.Time
}

// New returns a Resumer for a handler that reads the streams with those keys. channels says whether it subscribes to
// channels, too.
func New(ids *IDFormat, h *history.History, keys []string, channels bool) *Resumer {
	r := &Resumer{ids: ids, history: h, channels: channels, streams: make([]stream, len(keys))}
	for i, key := range keys {
		r.streams[i].key = key
	}
	return r
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

// Start returns where a viewer starts that sends the ID of the last event that it received, or "" if it received none.
func (r *Resumer) Start(id string) (s Start) {
	seq, own, has := r.ids.Parse(id)
	if id != "" && !own && (r.channels || has == nil) {
		s.Gaps = append(s.Gaps, gap.Gap{Kind: gap.Restart, Reason: "Elva was restarted, or this is another instance: what follows is its whole history"})
	}
	if has != nil {
		s.Progress = &Progress{Resumer: r, seen: has, skip: make([]uint64, len(has)+1), arrived: time.Now()}
	}
	if own || has == nil {
		s.Cursor = r.history.Cursor(seq)
		return s
	}
	var gaps []gap.Gap
	s.Cursor, gaps = s.Progress.findStart(0)
	s.Gaps = append(s.Gaps, gaps...)
	return s
}
