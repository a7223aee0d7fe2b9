// Package resume finds out what a viewer lacks that returns with the ID of an event, of this process or of another
// one that reads the same streams.
//
// Numbers of the same epoch are exact. With an ID of another epoch, what was published on channels is replayed after a
// gap, and each stream is resumed behind the entry in the ID.
package resume

import (
	"sync/atomic"
	"time"

	"github.com/SupermanScott/Elva/internal/entry"
	"github.com/SupermanScott/Elva/internal/gap"
	"github.com/SupermanScott/Elva/internal/history"
)

// Resumer finds where viewers begin. Its methods are safe for concurrent use.
type Resumer struct {
	ids      *IDs
	history  *history.History
	channels bool
	streams  []stream
}

// stream is what viewers have to know of a stream.
type stream struct {
	key       string
	begun     atomic.Uint64 // the number of the first item after it was begun; 0 if it was not
	recreated atomic.Uint64 // the number of the last gap behind which its IDs began again
	newest    atomic.Pointer[newest]
}

// newest is the newest ID that a stream ever had, as Redis knew it at some time.
type newest struct {
	id entry.ID
	at time.Time
}

// New returns a Resumer for a handler that reads the streams with those keys, and channels beside them or not.
func New(ids *IDs, h *history.History, keys []string, channels bool) *Resumer {
	r := &Resumer{ids: ids, history: h, channels: channels, streams: make([]stream, len(keys))}
	for i, key := range keys {
		r.streams[i].key = key
	}
	return r
}

// Begin notes that a stream, counted from 1, is read from behind last on.
func (r *Resumer) Begin(stream int, last entry.Entry) {
	r.streams[stream-1].begun.Store(r.history.Begin(stream, last) + 1)
}

// Recreated notes that the IDs of a stream, counted from 1, begin again behind the gap with the number seq.
func (r *Resumer) Recreated(stream int, seq uint64) { r.streams[stream-1].recreated.Store(seq) }

// Newest notes the newest ID that a stream, counted from 1, ever had when Redis was asked at the time at.
func (r *Resumer) Newest(stream int, id entry.ID, at time.Time) {
	r.streams[stream-1].newest.Store(&newest{id, at})
}

// Start is where a viewer begins.
type Start struct {
	Cursor   *history.Cursor
	Progress *Progress // nil when all that the cursor reads is new to the viewer
	Gaps     []gap.Gap // to show first
}

// Start returns where the viewer begins that brings the ID of the last event that it has, "" for none.
func (r *Resumer) Start(id string) (s Start) {
	seq, own, has := r.ids.Parse(id)
	if id != "" && !own && (r.channels || has == nil) {
		s.Gaps = append(s.Gaps, gap.Gap{Kind: gap.Restart, Reason: "Elva was restarted, or this is another instance: what follows is its whole history"})
	}
	if has != nil {
		s.Progress = &Progress{Resumer: r, has: has, after: make([]uint64, len(has)+1), came: time.Now()}
	}
	if own || has == nil {
		s.Cursor = r.history.Cursor(seq)
		return s
	}
	var gaps []gap.Gap
	s.Cursor, gaps = s.Progress.search(0)
	s.Gaps = append(s.Gaps, gaps...)
	return s
}
