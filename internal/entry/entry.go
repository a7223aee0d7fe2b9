// Package entry has the IDs of the entries of Redis Streams.
package entry

import (
	"cmp"
	"math"
	"strconv"
	"strings"
)

// ID is the ID of an entry (redis.io, Streams, "Entry IDs"). The zero ID is before all entries.
type ID struct{ MS, Seq uint64 }

// Entry is an entry of a stream. It also stands for all entries up to that one.
type Entry struct {
	ID
	// Index is how many entries had been added up to this one since the stream was created; 0 when that is unknown.
	Index uint64
}

// Parse parses MS-SEQ.
func Parse(s string) (id ID, ok bool) {
	ms, seq, _ := strings.Cut(s, "-")
	var err1, err2 error
	id.MS, err1 = strconv.ParseUint(ms, 10, 64)
	id.Seq, err2 = strconv.ParseUint(seq, 10, 64)
	return id, err1 == nil && err2 == nil
}

// String returns MS-SEQ.
func (id ID) String() string { return string(id.Append(nil)) }

// Append appends MS-SEQ.
func (id ID) Append(dst []byte) []byte {
	dst = append(strconv.AppendUint(dst, id.MS, 10), '-')
	return strconv.AppendUint(dst, id.Seq, 10)
}

// Compare returns -1, 0 or 1 when id is before, the same as or after other.
func (id ID) Compare(other ID) int {
	return cmp.Or(cmp.Compare(id.MS, other.MS), cmp.Compare(id.Seq, other.Seq))
}

// Previous returns the largest ID before id, which must not be zero.
func (id ID) Previous() ID {
	if id.Seq > 0 {
		return ID{id.MS, id.Seq - 1}
	}
	return ID{id.MS - 1, math.MaxUint64}
}
