package sse

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

// had reports whether the viewer has the entry of a stream already.
func (s *Writer) had(item *history.Item) bool {
	return s.has != nil && item.Stream > 0 && item.Position.Compare(s.has[item.Stream-1].Entry) <= 0
}

// reached looks whether a run ends where the viewer has nothing any more that is still to come.
func (s *Writer) reached(run *history.Run) {
	if s.has != nil && run.Read(run.Len()).Reaches(s.has) {
		s.has = nil
	}
}

// begin returns what is to be told where a stream begins, or begins anew: nothing if the viewer has all that
// was there before.
func (s *Writer) begin(item *history.Item) []byte {
	if s.has == nil {
		return item.JSON
	}
	has := &s.has[item.Stream-1]
	if len(item.JSON) > 0 { // what the viewer has is of another stream
		*has = item.Position
		return item.JSON
	}
	if item.Position.Compare(has.Entry) <= 0 {
		return nil
	}
	g := history.Gap{Seq: item.Seq, Kind: "stream", To: item.Position.Time(time.Now()).UTC(), Reason: "the history begins behind these entries of the stream"}
	if item.Position.Index >= has.Index && (has.Index > 0 || has.Entry == position.Entry{}) {
		if g.Lost = item.Position.Index - has.Index; g.Lost == 0 {
			return nil
		}
	}
	text, err := json.Marshal(g)
	if err != nil { // two strings and a number: there is no such error
		panic(err)
	}
	return text
}
