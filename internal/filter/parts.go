package filter

import (
	"bytes"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"
)

// Part is a part of a record that a [Reader] can read.
type Part = part

// The parts that a Reader reads.
const (
	Fields  = field
	Logger  = partLogger
	Host    = partHost
	Channel = partChannel
	Worker  = partWorker
	Message = partMessage
	Trace   = partTrace
	PID     = partPID
	IDs     = partIDs
)

// Reader reads parts of records in the same form in which a filter compares them. Therefore counts by their values agree with what a
// filter selects. It does not allocate for each record. It is not safe for concurrent use.
type Reader struct {
	r       reader
	matched partSet
}

// NewReader returns a reader of the parts, which folds texts as f does.
func NewReader(f *Filter, parts ...Part) *Reader {
	x := &Reader{matched: 1<<partTime | 1<<partAt}
	x.r.ignoreCase = f == nil || !f.matchCase
	for _, p := range parts {
		x.matched |= 1 << p
	}
	return x
}

// NewExactReader returns a reader of the parts that does not fold texts.
func NewExactReader(parts ...Part) *Reader { return NewReader(&Filter{matchCase: true}, parts...) }

// Read reads a record in the encoding of [Filter.Match].
func (x *Reader) Read(encoded []byte) {
	x.r.reset(0)
	x.r.scan(encoded, x.matched) // a damaged record has the parts up to the damage
}

// ReadHead reads only the parts at the start of an encoding, whatever parts the Reader has: the arrival, the channel, the worker and the
// time. It is fast, since most of an encoding comes after them.
func (x *Reader) ReadHead(encoded []byte) {
	r := &x.r
	r.reset(0)
	for i := 1; i < len(encoded) && encoded[i] == '"'; i++ {
		end := closing(encoded, i+1)
		if end < 0 || end+2 >= len(encoded) {
			return
		}
		p := member(encoded[i+1 : end])
		switch p {
		case partSeq, partAt, partChannel, partWorker, partEntry, partTime:
		default:
			return
		}
		if r.parts[p], i = cutValue(encoded, end+2); i < 0 || p == partTime {
			return
		}
	}
}

// Text returns the text of a part, or nil if the record does not have it. The text is valid until the next call.
func (x *Reader) Text(p Part) []byte {
	if v := x.r.parts[p]; v.kind == aText {
		return x.r.exact(v)
	}
	return nil
}

// Digits returns the encoded number of a part, or nil if the record does not have it. It is valid until the next Read.
func (x *Reader) Digits(p Part) []byte {
	if v := x.r.parts[p]; v.kind == aNumeral {
		return v.raw
	}
	return nil
}

// Folded returns the text of a part as a filter compares it. It is valid until the next Read.
func (x *Reader) Folded(p Part) []byte {
	text, _ := x.r.text(p)
	return text
}

// Time returns the time of the record that [Filter.Range] applies to: its own, or its arrival if it has none.
func (x *Reader) Time() (at time.Time, ok bool) {
	when, ok := x.r.when()
	return when.time(), ok
}

// At returns the arrival of the record.
func (x *Reader) At() (at time.Time, ok bool) {
	when, ok := parseMoment(x.r.exact(x.r.parts[partAt]))
	return when.time(), ok
}

// Walk starts a walk over the leaves of Fields or IDs.
func (x *Reader) Walk(p Part) { x.r.walk(p) }

// Next moves to the next leaf that is not null, and reports whether there is one.
func (x *Reader) Next() bool {
	for x.r.leaves.next() {
		if x.r.leaves.kind != aNull && x.r.leaves.kind != aNested {
			return true
		}
	}
	return false
}

// Path returns the path of the current leaf: its names joined by dots, folded. It is valid until the next call of Next.
func (x *Reader) Path() []byte { return x.r.leaves.path }

// Leaf returns the text of the current leaf as logged. It is valid until the next call.
func (x *Reader) Leaf() []byte { return x.r.exact(x.r.leaves.value) }

// Key returns a text that is equal for two leaves if the same term with = selects both. It is valid until the next call.
func (x *Reader) Key() []byte {
	if x.r.leaves.kind == aNumeral {
		return plainNumber(x.r.leaves.raw)
	}
	return x.r.leaf()
}

// IsNumber reports whether the current leaf is a number.
func (x *Reader) IsNumber() bool { return x.r.leaves.kind == aNumeral }

// FoldPath returns a field's path as f compares it.
func FoldPath(f *Filter, path string) []byte {
	return folded(norm.NFC.String(strings.ToValidUTF8(path, "\ufffd")), f == nil || !f.matchCase)
}

// Number returns the value of the current leaf if it is a number.
func (x *Reader) Number() (float64, bool) {
	if x.r.leaves.kind != aNumeral {
		return 0, false
	}
	n, err := strconv.ParseFloat(string(x.r.leaves.raw), 64)
	return n, err == nil
}

// plainNumber returns the digits of a number without trailing zeros in the fraction and without a sign of zero, so that equal numbers have
// equal texts.
func plainNumber(raw []byte) []byte {
	if bytes.IndexByte(raw, '.') >= 0 && !bytes.ContainsAny(raw, "eE") {
		raw = bytes.TrimRight(bytes.TrimRight(raw, "0"), ".")
	}
	if string(raw) == "-0" {
		return raw[1:]
	}
	return raw
}

// Is returns the query term that selects the records in which a part has exactly that value. For Fields, it is the value of the field at
// path. Is returns "" if there is no such term, for example because the value is too long.
func Is(p Part, path, value string) string { return termText(p, equals, path, value) }

// Has returns the query term that selects the records in which a part contains a text, or "" if there is no such term.
func Has(p Part, text string) string { return termText(p, contains, "", text) }

func termText(p Part, op operator, path, value string) string {
	t := term{part: p, op: op, value: norm.NFC.String(value)}
	if p == field {
		t.key, t.only = norm.NFC.String(path), true
	} else if p.colonIsEqual() {
		t.op = contains
	}
	for _, quoteSlashes := range [...]bool{false, true} {
		text := t.print(quoteSlashes)
		if f, err := ParseQuery(text, true); err == nil && len(f.clauses) == 1 && len(f.clauses[0]) == 1 && f.clauses[0][0] == t {
			return text
		}
	}
	return ""
}
