package record

import "sync"

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
