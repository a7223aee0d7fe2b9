package elva

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/SupermanScott/Elva/internal/history"
	"github.com/SupermanScott/Elva/internal/position"
	"github.com/SupermanScott/Elva/internal/xread"
)

const (
	// replacedWait bounds the question whether a stream is still the one that a viewer knows: it is asked while
	// the viewer waits.
	replacedWait = 2 * time.Second
	// unsureAge is when a viewer is sent away to come again, of whose place nobody knows whether it means
	// anything, since Redis did not answer. It would be kept from entries with smaller IDs. The question takes up
	// to 2 s, so it is not asked much more often than this.
	unsureAge = 5 * time.Second
)

// place is where a viewer goes on.
type place struct {
	reader *history.Reader
	has    position.Vector // what it has of the streams, though the reader may bring it again
	upTo   uint64          // it has all that stands up to this number in the streams
	heard  uint64          // and all that stands up to this one of the channels
	gaps   []history.Gap   // what it is told first
	unsure bool            // whether the streams are those that it knows
}

// place reads an id of the stream. What it says of the streams holds for every handler, its number only for
// the one that gave it: with another one's, or one that is no id of Elva's, what was published on channels
// begins at the start, and the viewer is told so.
func (h *Handler) place(ctx context.Context, id string) place {
	if id == "" {
		return place{reader: h.history.Reader(0)}
	}
	seq, own, at := h.ids.Parse(id)
	p := place{has: at}
	if !own && (h.feed.hears() || at == nil) {
		seq = 0
		p.gaps = append(p.gaps, history.Gap{Kind: "restart", Reason: "Elva was restarted, or this is another instance: what follows is its whole history"})
	}
	if at == nil {
		p.reader = h.history.Reader(seq)
		return p
	}
	replaced, unsure := h.feed.replaced(ctx, at) // also with an id of this instance, that a viewer got who was not sure
	p.unsure = unsure
	if len(replaced) > 0 {
		p.has, own = slices.Clone(at), false
	}
	for _, i := range replaced {
		p.has[i] = position.Position{}
		p.gaps = append(p.gaps, history.Gap{Kind: "stream", Reason: fmt.Sprintf("the stream %q was made anew: what follows is all that there is of it", h.feed.keys[i])})
	}
	if h.feed.hears() {
		p.reader, p.upTo = h.history.Reader(seq), p.goOn(h.history.Resume(p.has)).reader.Pos()
		if len(replaced) > 0 { // of the streams it may lack what stands before that
			p.reader, p.heard = h.history.Reader(0), seq
		}
		return p
	}
	if own {
		return p.goOn(h.history.Return(seq, p.has))
	}
	p = p.goOn(h.history.Resume(p.has))
	if len(p.gaps) == 0 {
		p.gaps = h.feed.renewed(at)
	}
	return p
}

// goOn returns the place where the history goes on for the viewer.
func (p place) goOn(r *history.Reader, missing *history.Missing) place {
	p.reader = r
	if missing != nil {
		gap := history.Gap{Kind: "evicted", Lost: missing.Entries, To: missing.Until, Reason: "these records have left the history"}
		if missing.Unread {
			gap.Kind, gap.Reason = "stream", "these entries of a stream were trimmed before they were read"
		}
		p.gaps = append(p.gaps, gap)
	}
	return p
}

// renewed returns what to tell a viewer who has come so far in the streams if one of them was made anew behind
// that, with IDs that go on: fewer were ever added to it than the viewer has had.
func (f *feed) renewed(at position.Vector) []history.Gap {
	read := f.history.At(f.history.Stats().Last)
	for i, p := range at {
		if read[i].Compare(p.Entry) > 0 && 0 < read[i].Index && read[i].Index < p.Index {
			return []history.Gap{{Kind: "stream", Reason: fmt.Sprintf("the stream %q was made anew, or entries were deleted from it: what stood behind those above may be missing", f.keys[i])}}
		}
	}
	return nil
}

// replaced returns the streams of which a viewer knows IDs that go further than any that they gave: they are not
// those that it knows. Where the history holds the beginning of the new one, that tells. unsure says that Redis did
// not tell.
func (f *feed) replaced(ctx context.Context, at position.Vector) (streams []int, unsure bool) {
	ctx, cancel := context.WithTimeout(ctx, replacedWait)
	defer cancel()
	read := f.history.At(f.history.Stats().Last)
	for i, p := range at {
		if read[i].Compare(p.Entry) >= 0 || f.history.Anew(i) {
			continue
		}
		newest, ok := xread.Generated(ctx, f.client, f.keys[i], f.timing)
		switch {
		case !ok:
			unsure = true
		case newest.Compare(p.Entry) < 0:
			streams = append(streams, i)
		}
	}
	return streams, unsure
}
