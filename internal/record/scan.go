package record

import (
	"sync"

	"github.com/SupermanScott/Elva/internal/record/jsonscan"
)

// state says whether a node is used.
type state uint8

const (
	used       state = 1 << iota // a part of the record contains it, or it is dropped
	partlyUsed                   // a member inside it is used
)

const (
	// maxNodeDepth is how deep objects have nodes for their members. The parts need four levels, causes of errors a few more.
	maxNodeDepth = 8
	// maxNameDepth is how many names of nested objects are joined.
	maxNameDepth = 4
	// maxNodes bounds the memory for a hostile record. Further members are checked but dropped. Only a payload over MaxBytes, which is
	// truncated anyway, can have so many (each takes at least five bytes: `"":0,`).
	maxNodes = MaxBytes / 4
)

// node is a member of an object. Nodes are in the order of the payload, and an object is followed by its members.
type node struct {
	keyStart, keyEnd uint32 // the key, without its quotes
	start, end       uint32 // the value as written, with quotes or brackets
	next             int32  // the node after this one and everything in it
	parent           int32  // the object it is in; -1 for the record itself
	kind             jsonscan.Kind
	flags, keyFlags  jsonscan.Flags
	state            state
}

// decoder is the state of decoding one payload.
type decoder struct {
	s              string
	nodes          []node
	isEnvelope     bool // whether it is an envelope whose record was decoded
	membersDropped bool // whether there were more than maxNodes members
	have           slotSet
	first          [maxSlots]int32 // the node under a slot; valid if have has it
	name           [maxName]byte   // the joined names of the objects around the current member
	check          jsonscan.Checker
	index          map[string]int32 // members by name, for templates
	filledBuf      []byte           // reused buffer for a formatted message
	fieldsBuf      []byte           // reused buffer for the fields
}

// maxPooled is the maximum size of a buffer that a decoder keeps for the next payload.
const maxPooled = 4 << 10

// decoders are reused. A new one for each payload takes 11 % more CPU time.
var decoders = sync.Pool{New: func() any { return &decoder{nodes: make([]node, 0, 32)} }}

func newDecoder() *decoder { return decoders.Get().(*decoder) }

// release returns the decoder to the pool, without references to the payload and without large buffers.
func (d *decoder) release() {
	d.reset()
	if cap(d.nodes) > 1024 {
		d.nodes = make([]node, 0, 32)
	}
	d.check.Trim()
	decoders.Put(d)
}

// reset prepares the decoder for another payload.
func (d *decoder) reset() {
	d.s, d.index, d.membersDropped, d.isEnvelope = "", nil, false, false
	d.have = slotSet{}
	d.nodes = d.nodes[:0]
}

// scan scans s, which starts with "{", and reports whether it is a JSON object.
func (d *decoder) scan(s string) bool {
	if uint64(len(s)) > 1<<31 {
		return false // offsets are 32 bits wide; Redis has no string over 512 MB
	}
	d.s = s
	end := d.scanObject(1, -1, 1, foldedName{})
	return end == len(s)
}

// scanObject scans the members of an object from i, after its "{", and returns the index after its "}", or -1. joined is the name of the
// object.
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
			d.membersDropped = true
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

// afterComma skips the blanks after a comma. There is usually none or one.
func afterComma(s string, i int) int {
	if i < len(s) && s[i] == ' ' {
		i++
	}
	if i < len(s) && s[i] <= ' ' {
		i = jsonscan.SkipBlanks(s, i)
	}
	return i
}

// scanMember scans the value at i of the member with the node at, and returns the index after it, or -1.
func (d *decoder) scanMember(i int, at int32, depth int, joined foldedName) int {
	s := d.s
	name, id := foldedName{n: maxName + 1}, uint16(0)
	if depth <= maxNameDepth && joined.n <= maxName {
		name = foldOnto(&d.name, joined, d.key(&d.nodes[at]))
		if id = names.find(&d.name, name); id != 0 {
			id = d.register(id, at) // before the members inside it, to keep the order of the payload
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
		d.markUsed(at)
	}
	return i
}
