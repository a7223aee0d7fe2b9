package filter

import (
	"bytes"

	"github.com/SupermanScott/Elva/internal/record"
)

// partSet is a set of parts.
type partSet uint32

func (s partSet) has(p part) bool { return s&(1<<p) != 0 }

// shown are the parts that anyText looks at, beside the fields. What matches most often comes first. It is read only.
var shown = [...]part{partMessage, partLogger, partSource, partHost, partChannel, partWorker, partTrace}

const shownSet partSet = 1<<partMessage | 1<<partLogger | 1<<partSource | 1<<partHost | 1<<partChannel | 1<<partWorker | 1<<partTrace | 1<<field

// maxScratch is how much memory a reader keeps for the next record. Longer records than that are rare.
const maxScratch = 64 << 10

// reader gives the texts of one record as they are compared: unescaped, in NFC, and folded if case is ignored. It is used
// again for the next record, so that reading makes no garbage.
type reader struct {
	ignoreCase bool
	level      record.Level
	parts      [partCount]value
	folded     partSet // which parts' texts are worked out
	texts      [partCount][]byte
	scratch    []byte // where texts are that are not as they were encoded
	line       []byte // a leaf's text
	plain      []byte // unescaped
	leaves     leaves
}

// reset forgets the last record.
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

// text returns a part's text; ok is false if the record has none.
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

// appendText appends a value's text as it is compared.
func (r *reader) appendText(dst []byte, v value) []byte {
	return appendFolded(dst, r.exact(v), r.ignoreCase)
}

// exact returns a value's text as it was logged. It is good until the next one.
func (r *reader) exact(v value) []byte {
	if v.kind != aText || bytes.IndexByte(v.raw, '\\') < 0 {
		return v.raw
	}
	r.plain = appendUnescaped(r.plain[:0], v.raw)
	return r.plain
}

// fields begins the walk over the fields' leaves.
func (r *reader) fields() *leaves { return r.walk(field) }

// walk begins the walk over a part's leaves.
func (r *reader) walk(p part) *leaves {
	r.leaves.ignoreCase = r.ignoreCase
	r.leaves.begin(r.parts[p].raw)
	return &r.leaves
}

// leaf returns the text of the walk's current leaf.
func (r *reader) leaf() []byte {
	r.line = r.appendText(r.line[:0], r.leaves.value)
	return r.line
}

// shownLeaf returns the same as the page shows it, path=value.
func (r *reader) shownLeaf() []byte {
	r.line = append(append(r.line[:0], r.leaves.path...), '=')
	r.line = r.appendText(r.line, r.leaves.value)
	return r.line
}
