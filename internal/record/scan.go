package record

import (
	"math/bits"
	"strings"
	"sync"
)

// Why an own scanner and not a library's: a record is read once, each of its members must be known (what no part takes
// stays in the fields), repeated names must keep their order, NaN and Infinity are allowed, numbers keep
// their digits, and a document of 100,000 levels must cost what its length costs. The scanner is fuzzed against
// encoding/json in both directions.

// kind is the type of a JSON value.
type kind uint8

const (
	null kind = iota
	boolFalse
	boolTrue
	number
	notFinite // NaN, Infinity, -Infinity: no JSON, but Python's json and others write it
	text
	array
	object
)

// flags say what a token or a node needs.
type flags uint8

const (
	escaped    flags = 1 << iota // the string has a backslash
	keyEscaped                   // the key has one
	unclean                      // cannot be copied as it is: a lone surrogate, NaN, or a line break between tokens
	keyUnclean                   // the same of the key
	deep                         // nested deeper than maxDepth
	taken                        // a part of the record has it, or it is dropped
	touched                      // something inside is taken
)

const (
	// maxNodeDepth is how deep members are kept apart: the parts ask for four levels, causes of errors for a few more.
	maxNodeDepth = 8
	// maxNameDepth is how deep names are joined, by the rule.
	maxNameDepth = 4
	// maxDepth is how deep a value in the fields may be nested; a deeper one is kept as the text it was published as.
	// Python gives up at 1000 levels and encoding/json at 10,000, so 500 can be read by whoever reads the stream.
	maxDepth = 500
	// maxNodes bounds the memory of a hostile record: what comes later is checked but not kept. A payload that is not over
	// the cut cannot have as many (MaxBytes / 5 for `"":0,`), so that only what is cut anyway loses members.
	maxNodes = MaxBytes / 4
)

// node is a member of an object, in the order of the payload; an object's members follow it.
type node struct {
	keyStart, keyEnd uint32 // the key, without its quotes
	start, end       uint32 // the value as written, with quotes or brackets
	next             int32  // the node after this one and everything in it
	parent           int32  // the object it is in; -1 for the record itself
	kind             kind
	flags            flags
}

// decoder holds one payload while it is taken apart.
type decoder struct {
	s      string
	nodes  []node
	lost   bool // there were more than maxNodes members
	have   slotSet
	first  [maxSlots]int32  // the node under a slot; valid if have has it
	name   [maxName]byte    // the folded names on the way down, joined
	stack  []uint64         // open brackets in skip: 1 for an object
	index  map[string]int32 // members by name, for templates
	filled []byte           // where a message is filled
	rest   []byte           // where the fields are written
}

// maxKept is how long a buffer may be that a decoder keeps for the next payload.
const maxKept = 4 << 10

var decoders = sync.Pool{New: func() any { return &decoder{nodes: make([]node, 0, 32)} }}

func newDecoder() *decoder { return decoders.Get().(*decoder) }

// release gives the decoder back. Nothing of a payload stays in it, nor the memory of an uncommonly large one.
func (d *decoder) release() {
	d.reset()
	if cap(d.nodes) > 1024 {
		d.nodes = make([]node, 0, 32)
	}
	if cap(d.stack) > 64 {
		d.stack = nil
	}
	decoders.Put(d)
}

// reset makes the decoder ready for another payload.
func (d *decoder) reset() {
	d.s, d.index, d.lost = "", nil, false
	d.have = slotSet{}
	d.nodes = d.nodes[:0]
}

// scan reads s, which starts with "{", and reports whether it is one JSON object and nothing more.
func (d *decoder) scan(s string) bool {
	if uint64(len(s)) > 1<<31 {
		return false // offsets are 32 bits wide; Redis has no string over 512 MB
	}
	d.s = s
	end := d.scanObject(1, -1, 1, foldedName{})
	return end == len(s)
}

// scanObject reads the members of an object from i, after its "{", and returns the index after its "}", or -1.
// joined is the name so far.
func (d *decoder) scanObject(i int, parent int32, depth int, joined foldedName) int {
	s := d.s
	i = skipBlanks(s, i)
	if i < len(s) && s[i] == '}' {
		return i + 1
	}
	for {
		if i >= len(s) || s[i] != '"' {
			return -1
		}
		keyStart := i + 1
		keyEnd, keyFlags := scanString(s, keyStart)
		if keyEnd < 0 {
			return -1
		}
		i = keyEnd + 1
		if i < len(s) && s[i] == ':' { // the usual case, without a call
			i++
		} else {
			i = skipBlanks(s, i)
			if i >= len(s) || s[i] != ':' {
				return -1
			}
			i++
		}
		if i < len(s) && s[i] <= ' ' {
			i = skipBlanks(s, i)
		}
		if i >= len(s) {
			return -1
		}

		if len(d.nodes) >= maxNodes {
			d.lost = true
			if i, _, _ = d.skipValue(i, depth); i < 0 {
				return -1
			}
		} else {
			at := int32(len(d.nodes))
			d.nodes = append(d.nodes, node{
				keyStart: uint32(keyStart), keyEnd: uint32(keyEnd), start: uint32(i), parent: parent,
				flags: keyFlags << 1, // escaped → keyEscaped, unclean → keyUnclean
			})
			name := foldedName{n: maxName + 1}
			if depth <= maxNameDepth && joined.n <= maxName {
				key := s[keyStart:keyEnd]
				if keyFlags&escaped != 0 {
					key = unescape(key)
				}
				name = foldOnto(&d.name, joined, key)
			}
			id := names.find(&d.name, name)
			if id != 0 {
				id = d.register(id, at) // before what is inside, which comes later in the payload
			}
			var k kind
			var f flags
			switch {
			case s[i] == '"':
				k = text
				if i, f = scanString(s, i+1); i >= 0 {
					i++
				}
			case s[i] == '{' && depth < maxNodeDepth:
				k = object
				i = d.scanObject(i+1, at, depth+1, name)
			default:
				i, k, f = d.skipValue(i, depth)
			}
			if i < 0 {
				return -1
			}
			it := &d.nodes[at]
			it.end, it.next, it.kind = uint32(i), int32(len(d.nodes)), k
			it.flags |= f
			if id != 0 && names.entries[id].dropEmpty && d.empty(it) {
				d.take(at)
			}
		}

		if i < len(s) && s[i] <= ' ' {
			i = skipBlanks(s, i)
		}
		if i >= len(s) {
			return -1
		}
		switch s[i] {
		case ',':
			i++
			if i < len(s) && s[i] == ' ' {
				i++
			}
			if i < len(s) && s[i] <= ' ' {
				i = skipBlanks(s, i)
			}
		case '}':
			return i + 1
		default:
			return -1
		}
	}
}

// skipValue checks the value at i and returns the index after it, or -1, with its kind and flags.
func (d *decoder) skipValue(i, depth int) (int, kind, flags) {
	s := d.s
	switch c := s[i]; {
	case c == '"':
		end, f := scanString(s, i+1)
		if end < 0 {
			return -1, 0, 0
		}
		return end + 1, text, f
	case c == '{' || c == '[':
		k := array
		if c == '{' {
			k = object
		}
		end, f := d.skip(i, depth)
		return end, k, f
	case c == 't':
		return literal(s, i, "true"), boolTrue, 0
	case c == 'f':
		return literal(s, i, "false"), boolFalse, 0
	case c == 'n':
		return literal(s, i, "null"), null, 0
	case c == 'N':
		return literal(s, i, "NaN"), notFinite, unclean
	case c == 'I':
		return literal(s, i, "Infinity"), notFinite, unclean
	case c == '-' && i+1 < len(s) && s[i+1] == 'I':
		return literal(s, i, "-Infinity"), notFinite, unclean
	default:
		return scanNumber(s, i), number, 0
	}
}

// skip checks the array or object at i without keeping its members, and returns the index after it, or -1.
// It does not recurse: the depth is the payload's to choose.
func (d *decoder) skip(i, depth int) (int, flags) {
	s := d.s
	open := 0 // brackets open
	var f flags
	push := func(isObject bool) {
		word, bit := open>>6, uint(open)&63
		if word == len(d.stack) {
			d.stack = append(d.stack, 0)
		}
		d.stack[word] &^= 1 << bit
		if isObject {
			d.stack[word] |= 1 << bit
		}
		open++
		if open+depth > maxDepth {
			f |= deep
		}
	}
	blanks := func(i int) int {
		for i < len(s) && s[i] <= ' ' {
			switch s[i] {
			case ' ':
			case '\n', '\r', '\t':
				f |= unclean
			default:
				return i
			}
			i++
		}
		return i
	}
	inObject := false
	wantValue := true // else a comma or the end
	first := false    // right after an opening bracket, where the end may be
	for {
		i = blanks(i)
		if i >= len(s) {
			return -1, 0
		}
		if open > 0 && (first || !wantValue) {
			if c := s[i]; c == ']' && !inObject || c == '}' && inObject {
				i++
				open--
				if open == 0 {
					return i, f
				}
				inObject = d.stack[(open-1)>>6]>>(uint(open-1)&63)&1 != 0
				wantValue, first = false, false
				continue
			}
		}
		if !wantValue {
			if s[i] != ',' {
				return -1, 0
			}
			i = blanks(i + 1)
			if i >= len(s) {
				return -1, 0
			}
		}
		if open > 0 && inObject {
			if s[i] != '"' {
				return -1, 0
			}
			end, kf := scanString(s, i+1)
			if end < 0 {
				return -1, 0
			}
			f |= kf & unclean
			i = blanks(end + 1)
			if i >= len(s) || s[i] != ':' {
				return -1, 0
			}
			i = blanks(i + 1)
			if i >= len(s) {
				return -1, 0
			}
		}
		if c := s[i]; c == '{' || c == '[' {
			inObject = c == '{'
			push(inObject)
			i++
			wantValue, first = true, true
			continue
		}
		end, _, vf := d.skipValue(i, depth)
		if end < 0 {
			return -1, 0
		}
		f |= vf & unclean
		i = end
		wantValue, first = false, false
	}
}

// literal returns the index after word if it stands at i, else -1.
func literal(s string, i int, word string) int {
	if strings.HasPrefix(s[i:], word) {
		return i + len(word)
	}
	return -1
}

// scanNumber returns the index after the number at i, or -1.
func scanNumber(s string, i int) int {
	if i < len(s) && s[i] == '-' {
		i++
	}
	switch {
	case i >= len(s):
		return -1
	case s[i] == '0':
		i++
	case s[i] >= '1' && s[i] <= '9':
		i = skipDigits(s, i)
	default:
		return -1
	}
	if i < len(s) && s[i] == '.' {
		j := skipDigits(s, i+1)
		if j == i+1 {
			return -1
		}
		i = j
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		i++
		if i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		j := skipDigits(s, i)
		if j == i {
			return -1
		}
		i = j
	}
	return i
}

func skipDigits(s string, i int) int {
	for i < len(s) && s[i]-'0' <= 9 {
		i++
	}
	return i
}

// skipBlanks skips JSON's white space.
func skipBlanks(s string, i int) int {
	for i < len(s) && (s[i] == ' ' || s[i] == '\n' || s[i] == '\r' || s[i] == '\t') {
		i++
	}
	return i
}

// Eight bytes are looked at in one step: a byte of a word is found when its high bit is set in the result.
const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

func load64(s string, i int) uint64 {
	b := s[i : i+8]
	return uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
		uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
}

// special marks the bytes of w that end a string's plain part: a quote, a backslash, a control character. Only the
// lowest mark is exact.
func special(w uint64) uint64 {
	quote, slash := w^(ones*'"'), w^(ones*'\\')
	return ((quote-ones)&^quote | (slash-ones)&^slash | (w-ones*' ')&^w) & highs
}

// plainEnd returns the index of the first byte from i on that is a quote, a backslash or a control character.
func plainEnd(s string, i int) int {
	for i+8 <= len(s) {
		if m := special(load64(s, i)); m != 0 {
			return i + bits.TrailingZeros64(m)>>3
		}
		i += 8
	}
	for i < len(s) && s[i] != '"' && s[i] != '\\' && s[i] >= ' ' {
		i++
	}
	return i
}

// scanString returns the index of the quote that ends the string whose contents start at i, or -1.
func scanString(s string, i int) (int, flags) {
	var f flags
	for {
		i = plainEnd(s, i)
		if i >= len(s) || s[i] < ' ' {
			return -1, 0
		}
		if s[i] == '"' {
			return i, f
		}
		f |= escaped
		i++
		if i >= len(s) {
			return -1, 0
		}
		switch s[i] {
		case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
			i++
		case 'u':
			u := hex4(s, i+1)
			if u < 0 {
				return -1, 0
			}
			i += 5
			if u&0xF800 == 0xD800 {
				if u < 0xDC00 && i+1 < len(s) && s[i] == '\\' && s[i+1] == 'u' {
					if low := hex4(s, i+2); low&^0x3FF == 0xDC00 {
						i += 6
						continue
					}
				}
				f |= unclean
			}
		default:
			return -1, 0
		}
	}
}

// hex4 returns the value of four hexadecimal digits at i, or -1.
func hex4(s string, i int) int {
	if i+4 > len(s) {
		return -1
	}
	v := 0
	for _, c := range []byte(s[i : i+4]) {
		d := hexDigit(c)
		if d < 0 {
			return -1
		}
		v = v<<4 | d
	}
	return v
}

func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// unescape returns the contents of a JSON string that scanString has accepted. A lone surrogate becomes U+FFFD.
func unescape(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for {
		i := strings.IndexByte(s, '\\')
		if i < 0 {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:i])
		c := s[i+1]
		s = s[i+2:]
		switch c {
		case 'b':
			b.WriteByte('\b')
		case 'f':
			b.WriteByte('\f')
		case 'n':
			b.WriteByte('\n')
		case 'r':
			b.WriteByte('\r')
		case 't':
			b.WriteByte('\t')
		case 'u':
			u := rune(hex4(s, 0))
			s = s[4:]
			if u&0xF800 == 0xD800 {
				high := u
				u = '\uFFFD'
				if high < 0xDC00 && len(s) >= 6 && s[0] == '\\' && s[1] == 'u' {
					if low := rune(hex4(s, 2)); low&^0x3FF == 0xDC00 {
						u = 0x10000 + (high-0xD800)<<10 + low - 0xDC00
						s = s[6:]
					}
				}
			}
			b.WriteRune(u)
		default:
			b.WriteByte(c)
		}
	}
}
