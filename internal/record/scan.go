package record

import (
	"sync"

	"github.com/SupermanScott/Elva/internal/record/jsonscan"
)

// state says what became of a node.
type state uint8

const (
	taken   state = 1 << iota // a part of the record has it, or it is dropped
	touched                   // something inside is taken
)

const (
	// maxNodeDepth is how deep members are kept apart: the parts ask for four levels, causes of errors for a few more.
	maxNodeDepth = 8
	// maxNameDepth is how deep names are joined, by the rule.
	maxNameDepth = 4
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
	kind             jsonscan.Kind
	flags, keyFlags  jsonscan.Flags
	state            state
}

// decoder holds one payload while it is taken apart.
type decoder struct {
	s      string
	nodes  []node
	opened bool // it is an envelope, and the record inside was read
	lost   bool // there were more than maxNodes members
	have   slotSet
	first  [maxSlots]int32 // the node under a slot; valid if have has it
	name   [maxName]byte   // the folded names on the way down, joined
	check  jsonscan.Checker
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
	d.check.Trim()
	decoders.Put(d)
}

// reset makes the decoder ready for another payload.
func (d *decoder) reset() {
	d.s, d.index, d.lost, d.opened = "", nil, false, false
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
	i = jsonscan.SkipBlanks(s, i)
	if i < len(s) && s[i] == '}' {
		return i + 1
	}
	for {
		if i >= len(s) || s[i] != '"' {
			return -1
		}
		keyStart := i + 1
		keyEnd, keyFlags := jsonscan.StringEnd(s, keyStart)
		if keyEnd < 0 {
			return -1
		}
		i = keyEnd + 1
		if i < len(s) && s[i] == ':' { // the usual case, without a call
			i++
		} else {
			i = jsonscan.SkipBlanks(s, i)
			if i >= len(s) || s[i] != ':' {
				return -1
			}
			i++
		}
		if i < len(s) && s[i] <= ' ' {
			i = jsonscan.SkipBlanks(s, i)
		}
		if i >= len(s) {
			return -1
		}

		if at := len(d.nodes); at < maxNodes {
			d.nodes = append(d.nodes, node{keyStart: uint32(keyStart), keyEnd: uint32(keyEnd), start: uint32(i), keyFlags: keyFlags, parent: parent})
			i = d.scanMember(i, int32(at), depth, joined)
		} else {
			d.lost = true
			i, _, _ = d.check.ValueEnd(s, i, depth)
		}
		if i < 0 {
			return -1
		}
		if i < len(s) && s[i] <= ' ' {
			i = jsonscan.SkipBlanks(s, i)
		}
		if i >= len(s) {
			return -1
		}
		switch s[i] {
		case ',':
			i = afterComma(s, i+1)
		case '}':
			return i + 1
		default:
			return -1
		}
	}
}

// afterComma skips the blanks behind a comma: none, one, or as many as an indented object has.
func afterComma(s string, i int) int {
	if i < len(s) && s[i] == ' ' {
		i++
	}
	if i < len(s) && s[i] <= ' ' {
		i = jsonscan.SkipBlanks(s, i)
	}
	return i
}

// scanMember reads the value at i of the member that is the node at, whose key is known, and returns the index after it, or -1.
func (d *decoder) scanMember(i int, at int32, depth int, joined foldedName) int {
	s := d.s
	name, id := foldedName{n: maxName + 1}, uint16(0)
	if depth <= maxNameDepth && joined.n <= maxName {
		name = foldOnto(&d.name, joined, d.key(&d.nodes[at]))
		if id = names.find(&d.name, name); id != 0 {
			id = d.register(id, at) // before what is inside, which comes later in the payload
		}
	}
	var k jsonscan.Kind
	var f jsonscan.Flags
	switch {
	case s[i] == '"':
		k = jsonscan.String
		if i, f = jsonscan.StringEnd(s, i+1); i >= 0 {
			i++
		}
	case s[i] == '{' && depth < maxNodeDepth:
		k = jsonscan.Object
		i = d.scanObject(i+1, at, depth+1, name)
	default:
		i, k, f = d.check.ValueEnd(s, i, depth)
	}
	if i < 0 {
		return -1
	}
	it := &d.nodes[at]
	it.end, it.next, it.kind, it.flags = uint32(i), int32(len(d.nodes)), k, f
	if id != 0 && names.entries[id].dropEmpty && d.empty(it) {
		d.take(at)
	}
	return i
}
