package wire

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/SupermanScott/Elva/internal/history"
	"github.com/SupermanScott/Elva/internal/position"
)

// IDs writes and reads the ids of events: EPOCH-SEQ, and where there are streams EPOCH-SEQ@ and how far they
// were read. The epoch is one handler's, the places in streams mean the same to every handler.
type IDs struct {
	Epoch       string
	Fingerprint string // of the streams
	Streams     int    // how many there are
	History     *history.History
}

// append appends an id.
func (i *IDs) append(dst []byte, seq uint64, at position.Vector) []byte {
	dst = append(append(dst, i.Epoch...), '-')
	dst = strconv.AppendUint(dst, seq, 10)
	if len(at) == 0 {
		return dst
	}
	return at.Append(append(dst, '@'), i.Fingerprint)
}

// Parse reads an id. own says that its number is one of this handler's; at is nil when it says nothing of
// this handler's streams.
func (i *IDs) Parse(id string) (seq uint64, own bool, at position.Vector) {
	id, places, _ := strings.Cut(id, "@")
	if i.Streams > 0 {
		at, _ = position.Parse(places, i.Fingerprint, i.Streams)
	}
	number, own := strings.CutPrefix(id, i.Epoch+"-")
	if own {
		var err error
		seq, err = strconv.ParseUint(number, 10, 64)
		own = err == nil
	}
	return seq, own, at
}

// had reports whether the viewer has the record already.
func (s *SSE) had(item *history.Item) bool {
	switch {
	case s.has == nil:
		return false
	case item.Stream == 0:
		return item.Seq <= s.heard
	}
	return item.Seq <= s.upTo || item.Position.Compare(s.has[item.Stream-1].Entry) <= 0
}

// overtaken looks whether a run is of the reserve. The viewer may have come further in the main lane, of which the
// reserve knows less.
func (s *SSE) overtaken(run *history.Run) {
	if !run.Reserve || s.ids.Streams == 0 {
		return
	}
	if came := s.place.Vector(); s.has == nil {
		s.has = came
	} else {
		s.has.Raise(came)
	}
}

// passed keeps how far a run that was written goes.
func (s *SSE) passed(run *history.Run) {
	if !run.Reserve {
		s.place = run.Place()
	}
}

// reached looks whether a run ends where the viewer has nothing any more that is still to come.
func (s *SSE) reached(run *history.Run) {
	if s.has == nil {
		return
	}
	// Before a stream begins, its place says nothing.
	begun := s.ids.History.Begun()
	if begun == 0 || run.Item(run.Len()-1).Seq < max(begun, s.upTo, s.heard) {
		return
	}
	at := run.Read(run.Len())
	for i, has := range s.has {
		if c := at[i].Compare(has.Entry); c < 0 || c == 0 && at[i].Index < has.Index { // a loss may follow that was told
			return
		}
	}
	s.has = nil
}

// stands returns what is to be told by a gap that has a place in a stream, where a stream begins, or begins anew,
// or has lost entries: nothing if the viewer has all that was there before.
func (s *SSE) stands(item *history.Item) []byte {
	if s.has == nil {
		return item.JSON
	}
	has := &s.has[item.Stream-1]
	switch {
	case item.Seq <= s.upTo:
		return nil
	case item.Loss:
		return lacking(item, has)
	case item.Onward: // what the viewer has tells by its ID which one it is of
		return item.JSON
	case len(item.JSON) > 0: // what the viewer has is of another stream
		*has = item.Position
		return item.JSON
	case item.Position.Compare(has.Entry) <= 0:
		return nil
	}
	g := history.Gap{Seq: item.Seq, Kind: "stream", To: item.Position.Time(time.Now()).UTC(), Reason: "the history begins behind these entries of the stream"}
	if item.Position.Index > 0 && item.Position.Index >= has.Index && (has.Index > 0 || has.Entry == position.Entry{}) {
		if g.Lost = item.Position.Index - has.Index; g.Lost == 0 {
			return nil
		}
	}
	return g.JSON()
}

// lacking returns what is to be told a viewer who has come to has of entries that this handler could not read:
// another one may have shown some.
func lacking(item *history.Item, has *position.Position) []byte {
	var g history.Gap
	if err := json.Unmarshal(item.JSON, &g); err != nil { // the encoding is Elva's own
		panic(err)
	}
	if g.Lost == 0 {
		return item.JSON
	}
	lost := item.Lacks(*has, g.Lost)
	if has.Index > 0 || has.Entry == (position.Entry{}) {
		has.Index = max(has.Index, item.Position.Index)
	}
	switch lost {
	case 0:
		return nil
	case g.Lost:
		return item.JSON
	}
	g.Lost = lost
	return g.JSON()
}
