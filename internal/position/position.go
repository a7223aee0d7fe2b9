// Package position says how far Redis Streams were read: for each stream the last entry's ID, and its
// number among all that were ever added. A viewer's ids carry it, so that any instance of Elva can go on
// where another one ended, and can tell how many entries are missing when it can't.
package position

import (
	"cmp"
	"hash/fnv"
	"strconv"
	"strings"
	"time"
)

// Entry is the ID of a stream's entry (redis.io, Streams, "Entry IDs"). The zero value stands before all.
type Entry struct{ MS, Seq uint64 }

// ParseEntry reads MS-SEQ.
func ParseEntry(s string) (Entry, bool) {
	ms, seq, ok := strings.Cut(s, "-")
	if !ok {
		return Entry{}, false
	}
	var e Entry
	var err1, err2 error
	e.MS, err1 = strconv.ParseUint(ms, 10, 64)
	e.Seq, err2 = strconv.ParseUint(seq, 10, 64)
	return e, err1 == nil && err2 == nil
}

// String returns MS-SEQ.
func (e Entry) String() string { return string(e.append(nil)) }

func (e Entry) append(dst []byte) []byte {
	dst = append(strconv.AppendUint(dst, e.MS, 10), '-')
	return strconv.AppendUint(dst, e.Seq, 10)
}

// Compare returns -1, 0 or 1 as e stands before, at or behind f.
func (e Entry) Compare(f Entry) int {
	return cmp.Or(cmp.Compare(e.MS, f.MS), cmp.Compare(e.Seq, f.Seq))
}

// Time returns when the entry was added, by the clock of Redis, if its ID was made by that; now if not.
func (e Entry) Time(now time.Time) time.Time {
	at := time.UnixMilli(int64(min(e.MS, 1<<62)))
	if at.Year() < 2010 || at.After(now) { // an ID of the producer's own, before Redis knew streams; or another clock
		return now
	}
	return at
}

// Position is a place in a stream.
type Position struct {
	Entry
	// Index is how many entries had been added to the stream up to this one, since it was made; 0 when
	// that isn't known, or nothing was added.
	Index uint64
}

// Vector is a place in each of several streams. In a text a fingerprint of their keys goes before them, so
// that a handler with other streams does not take them for its own.
type Vector []Position

// Fingerprint returns what tells one list of streams from another.
func Fingerprint(keys []string) string {
	h := fnv.New32a()
	for _, key := range keys {
		_, _ = h.Write([]byte(strconv.Itoa(len(key)) + ":" + key))
	}
	return strconv.FormatUint(uint64(h.Sum32()), 36)
}

// Append appends the text of v: FINGERPRINT~MS-SEQ.INDEX~MS-SEQ.INDEX, without characters that have a
// meaning in a header or in a query.
func (v Vector) Append(dst []byte, fingerprint string) []byte {
	dst = append(dst, fingerprint...)
	for _, p := range v {
		dst = append(p.append(append(dst, '~')), '.')
		dst = strconv.AppendUint(dst, p.Index, 10)
	}
	return dst
}

// Parse reads what Append has written for n streams with that fingerprint.
func Parse(text, fingerprint string, n int) (Vector, bool) {
	parts := strings.Split(text, "~")
	if parts[0] != fingerprint || len(parts) != n+1 {
		return nil, false
	}
	v := make(Vector, n)
	for i, part := range parts[1:] {
		entry, index, _ := strings.Cut(part, ".")
		e, ok := ParseEntry(entry)
		number, err := strconv.ParseUint(index, 10, 64)
		if !ok || err != nil {
			return nil, false
		}
		v[i] = Position{e, number}
	}
	return v, true
}

// Reaches reports whether v stands at w or behind it in every stream.
func (v Vector) Reaches(w Vector) bool {
	for i, p := range w {
		if v[i].Compare(p.Entry) < 0 {
			return false
		}
	}
	return true
}

// Raise makes v stand at least at w in every stream.
func (v Vector) Raise(w Vector) {
	for i, p := range w {
		if v[i].Compare(p.Entry) < 0 {
			v[i] = p
		}
	}
}
