package resume

import (
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"

	"github.com/SupermanScott/Elva/internal/entry"
)

// IDFormat is the format of event IDs: EPOCH-SEQ, and with streams EPOCH-SEQ@STREAMS~MS-SEQ.INDEX~…, the last entry of
// each stream. SEQ is a number of the handler with that epoch. The entries mean the same to every handler of these streams.
type IDFormat struct {
	Epoch   string
	keys    []string
	streams string // distinguishes the list of keys from another
}

// NewIDFormat returns the format of a handler that reads the streams with those keys. Their order matters.
func NewIDFormat(epoch string, keys []string) *IDFormat {
	h := fnv.New32a()
	_, _ = fmt.Fprintf(h, "%q", keys)
	return &IDFormat{Epoch: epoch, keys: keys, streams: strconv.FormatUint(uint64(h.Sum32()), 36)}
}

// Append appends the ID of the item with the number seq. last are the last entries of the streams; missing ones are zero.
// The ID needs no escaping in a header or a query.
func (i *IDFormat) Append(dst []byte, seq uint64, last []entry.Entry) []byte {
	dst = append(append(dst, i.Epoch...), '-')
	dst = strconv.AppendUint(dst, seq, 10)
	if len(i.keys) > 0 {
		dst = append(append(dst, '@'), i.streams...)
	}
	for _, e := range append(last[:len(last):len(last)], make([]entry.Entry, len(i.keys)-len(last))...) {
		dst = append(e.Append(append(dst, '~')), '.')
		dst = strconv.AppendUint(dst, e.Index, 10)
	}
	return dst
}

// Parse parses an event ID. own reports whether seq is a number of this handler; last is nil when the ID has no
// entries of these streams.
func (i *IDFormat) Parse(id string) (seq uint64, own bool, last []entry.Entry) {
	id, entries, _ := strings.Cut(id, "@")
	if number, ok := strings.CutPrefix(id, i.Epoch+"-"); ok {
		n, err := strconv.ParseUint(number, 10, 64)
		seq, own = n, err == nil
	}
	parts := strings.Split(entries, "~")
	if len(i.keys) == 0 || parts[0] != i.streams || len(parts) != len(i.keys)+1 {
		return seq, own, nil
	}
	for _, part := range parts[1:] {
		text, index, _ := strings.Cut(part, ".")
		entryID, ok := entry.Parse(text)
		n, err := strconv.ParseUint(index, 10, 64)
		if !ok || err != nil {
			return seq, own, nil
		}
		last = append(last, entry.Entry{ID: entryID, Index: n})
	}
	return seq, own, last
}
