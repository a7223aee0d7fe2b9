// Package resume finds where a viewer goes on that comes back with the id of an event, be it this instance's or another
// one's.
package resume

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/SupermanScott/Elva/internal/history"
	"github.com/SupermanScott/Elva/internal/position"
	"github.com/SupermanScott/Elva/internal/wire"
)

const (
	// askFor bounds the question whether a stream is still the one that a viewer knows: it is asked while
	// the viewer waits.
	askFor = 2 * time.Second
	// UnsureAge is when a viewer is to be sent away to come again whose place is unsure. It would be kept from entries
	// with smaller IDs. The question takes up to 2 s, so it is not asked much more often than this.
	UnsureAge = 5 * time.Second
)

// Resumer finds places in a history.
type Resumer struct {
	IDs     *wire.IDs
	Streams []string // the keys
	Hears   bool     // there are channels: what is published on them has no place that another instance knows
	// Generated returns the newest ID that a stream ever gave. ok is false when Redis does not tell.
	Generated func(ctx context.Context, key string) (id position.Entry, ok bool)
}

// Place is where a viewer goes on.
type Place struct {
	Reader *history.Reader
	Had    wire.Had      // what it has, though the reader may bring it again
	Gaps   []history.Gap // what it is told first
	Unsure bool          // nobody knows whether the streams are those that the viewer knows, since Redis did not tell
}

// Place reads an id of the stream. What it says of the streams holds for every handler, its number only for
// the one that gave it: with another one's, or one that is no id of Elva's, what was published on channels
// begins at the start, and the viewer is told so.
func (r *Resumer) Place(ctx context.Context, id string) Place {
	h := r.IDs.History
	if id == "" {
		return Place{Reader: h.Reader(0)}
	}
	seq, own, at := r.IDs.Parse(id)
	p := Place{Had: wire.Had{Streams: at}}
	if !own && (r.Hears || at == nil) {
		seq = 0
		p.Gaps = append(p.Gaps, history.Gap{Kind: "restart", Reason: "Elva was restarted, or this is another instance: what follows is its whole history"})
	}
	if at == nil {
		p.Reader = h.Reader(seq)
		return p
	}
	replaced, unsure := r.replaced(ctx, at) // also with an id of this instance, that a viewer got whose place was unsure
	p.Unsure = unsure
	if len(replaced) > 0 {
		p.Had.Streams, own = slices.Clone(at), false
	}
	for _, i := range replaced {
		p.Had.Streams[i] = position.Position{}
		p.Gaps = append(p.Gaps, history.Gap{Kind: "stream", Reason: fmt.Sprintf("the stream %q was made anew: what follows is all that there is of it", r.Streams[i])})
	}
	switch {
	case r.Hears:
		resumed, _ := h.Resume(p.Had.Streams) // that the history begins anew was told
		p.Reader, p.Had.Entries = h.Reader(seq), resumed.Pos()
		if len(replaced) > 0 { // of the streams it may lack what stands before that
			p.Reader, p.Had.Published = h.Reader(0), seq
		}
		return p
	case own:
		return p.goOn(h.Return(seq, p.Had.Streams))
	}
	p = p.goOn(h.Resume(p.Had.Streams))
	if len(p.Gaps) == 0 {
		p.Gaps = r.renewed(at)
	}
	return p
}

// goOn returns the place where the history goes on for the viewer.
func (p Place) goOn(r *history.Reader, missing *history.Missing) Place {
	p.Reader = r
	if missing != nil {
		gap := history.Gap{Kind: "evicted", Lost: missing.Entries, To: missing.Until, Reason: "these records have left the history"}
		if missing.Unread {
			gap.Kind, gap.Reason = "stream", "these entries of a stream were trimmed before they were read"
		}
		p.Gaps = append(p.Gaps, gap)
	}
	return p
}

// read returns how far the streams were read.
func (r *Resumer) read() position.Vector { return r.IDs.History.At(r.IDs.History.Stats().Last) }

// renewed returns what to tell a viewer who has come so far in the streams if one of them was made anew behind
// that, with IDs that go on: fewer were ever added to it than the viewer has had.
func (r *Resumer) renewed(at position.Vector) []history.Gap {
	read := r.read()
	for i, p := range at {
		if read[i].Compare(p.Entry) > 0 && 0 < read[i].Index && read[i].Index < p.Index {
			return []history.Gap{{Kind: "stream", Reason: fmt.Sprintf("the stream %q was made anew, or entries were deleted from it: what stood behind those above may be missing", r.Streams[i])}}
		}
	}
	return nil
}

// replaced returns the streams of which a viewer knows IDs that go further than any that they gave: they are not
// those that it knows. Where the history holds the beginning of the new one, that tells. unsure says that Redis did
// not tell.
func (r *Resumer) replaced(ctx context.Context, at position.Vector) (streams []int, unsure bool) {
	ctx, cancel := context.WithTimeout(ctx, askFor)
	defer cancel()
	read := r.read()
	for i, p := range at {
		if read[i].Compare(p.Entry) >= 0 || r.IDs.History.Anew(i) {
			continue
		}
		newest, ok := r.Generated(ctx, r.Streams[i])
		switch {
		case !ok:
			unsure = true
		case newest.Compare(p.Entry) < 0:
			streams = append(streams, i)
		}
	}
	return streams, unsure
}
