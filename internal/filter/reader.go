package filter

import (
	"bytes"

	"github.com/SupermanScott/Elva/internal/record"
)

// partSet is a set of parts.
type partSet uint32

func (s partSet) has(p part) bool { return s&(1<<p) != 0 }

// shown are the parts that anyText searches, in addition to the fields. The part that matches most often comes first. It is read only.
var shown = [...]part{partMessage, partLogger, partSource, partHost, partChannel, partWorker, partTrace}

const shownSet partSet = 1<<partMessage | 1<<partLogger | 1<<partSource | 1<<partHost | 1<<partChannel | 1<<partWorker | 1<<partTrace | 1<<field

// maxScratch bounds each buffer that a reader keeps for the next record. Longer records are rare.
const maxScratch = 64 << 10

// reader returns the texts of one record in the form in which they are compared: unescaped, in NFC, and folded if case is ignored.
// It is reused for the next record to avoid allocations.
type reader struct {
	ignoreCase bool
	level      record.Level
	parts      [partCount]value
	folded     partSet // the parts that are in texts
	texts      [partCount][]byte
	scratch    []byte // the memory of texts
	line       []byte // the folded text of a leaf
	plain      []byte // an unescaped text
	leaves     leaves
}

// reset prepares the reader for another record.
func (r *reader) reset(level record.Level) {
	r.level, r.folded = level, 0
	clear(r.parts[:])
	if r.scratch = r.scratch[:0]; cap(r.scratch) > maxScratch {
		r.scratch = nil
	}
	if cap(r.line) > maxScratch || cap(r.plain) > maxScratch || cap(r.leaves.path) > maxScratch {
		r.line, r.plain, r.leaves = nil, nil, leaves{}
	}
}

// text returns the text of a part. ok is false if the record does not have it.
func (r *reader) text(p part) (text []byte, ok bool) {
	v := r.parts[p]
	if v.kind != aText {
		return nil, false
	}
	if !r.folded.has(p) {
		start := len(r.scratch)
		r.scratch = r.appendText(r.scratch, v)
		r.texts[p] = r.scratch[start:]
		r.folded |= 1 << p
	}
	return r.texts[p], true
}

// appendText appends the text of a value in the form in which it is compared.
func (r *reader) appendText(dst []byte, v value) []byte {
	return appendFolded(dst, r.exact(v), r.ignoreCase)
}

// exact returns the text of a value as logged. It is valid until the next call.
func (r *reader) exact(v value) []byte {
	if v.kind != aText || bytes.IndexByte(v.raw, '\\') < 0 {
		return v.raw
	}
	r.plain = appendUnescaped(r.plain[:0], v.raw)
	return r.plain
}

// fields starts a walk over the leaves of the fields.
func (r *reader) fields() *leaves { return r.walk(field) }

// walk starts a walk over the leaves of a part.
func (r *reader) walk(p part) *leaves {
	r.leaves.ignoreCase = r.ignoreCase
	r.leaves.begin(r.parts[p].raw)
	return &r.leaves
}

// leaf returns the text of the current leaf in the form in which it is compared.
func (r *reader) leaf() []byte {
	r.line = r.appendText(r.line[:0], r.leaves.value)
	return r.line
}

// shownLeaf returns the current leaf as the page shows it, path=value, in the form in which it is compared.
func (r *reader) shownLeaf() []byte {
	r.line = append(append(r.line[:0], r.leaves.path...), '=')
	r.line = r.appendText(r.line, r.leaves.value)
	return r.line
}
