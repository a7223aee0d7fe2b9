package record

import (
	"strconv"

	"github.com/SupermanScott/Elva/internal/record/jsonscan"
)

// raw returns the value as written.
func (d *decoder) raw(n *node) string { return d.s[n.start:n.end] }

// key returns the node's own name.
func (d *decoder) key(n *node) string {
	key := d.s[n.keyStart:n.keyEnd]
	if n.keyFlags&jsonscan.Escaped != 0 {
		return jsonscan.Unescape(key)
	}
	return key
}

// text returns a string's contents.
func (d *decoder) text(n *node) string {
	s := d.s[n.start+1 : n.end-1]
	if n.flags&jsonscan.Escaped != 0 {
		return jsonscan.Unescape(s)
	}
	return s
}

// words returns the contents of a string that is not empty.
func (d *decoder) words(n *node) (string, bool) {
	if !hasWords(n) {
		return "", false
	}
	return d.text(n), true
}

// hasWords reports whether n is a string that is not empty.
func hasWords(n *node) bool { return n.kind == jsonscan.String && n.end-n.start > 2 }

// integer returns the value of an integer, which may be in a string.
func (d *decoder) integer(n *node) (int64, bool) {
	s := ""
	switch n.kind {
	case jsonscan.Number:
		s = d.raw(n)
	case jsonscan.String:
		s = d.s[n.start+1 : n.end-1]
	}
	if s == "" || len(s) > 20 || s[0] == '+' {
		return 0, false
	}
	v, err := strconv.ParseInt(s, 10, 64)
	return v, err == nil
}

// empty reports whether the value is null, "", [] or {}.
func (d *decoder) empty(n *node) bool {
	switch n.kind {
	case jsonscan.Null:
		return true
	case jsonscan.String:
		return n.end-n.start == 2
	case jsonscan.Array, jsonscan.Object:
		return jsonscan.SkipBlanks(d.s, int(n.start)+1) == int(n.end)-1
	}
	return false
}

// at returns the node under a slot, or nil if there is none or it is used.
func (d *decoder) at(s slot) *node {
	if !d.have.has(s) {
		return nil
	}
	n := &d.nodes[d.first[s]]
	if n.state&used != 0 {
		return nil
	}
	return n
}

// next returns the first slot of l, from i on, that has a node, or 0.
func (d *decoder) next(i slot, l list) slot { return d.have.next(i, l.to) }

// useSlot marks the node under a slot as used.
func (d *decoder) useSlot(s slot) { d.markUsed(d.first[s]) }

// markUsed marks a node as used, and the objects around it as partly used.
func (d *decoder) markUsed(at int32) {
	n := &d.nodes[at]
	n.state |= used
	for p := n.parent; p >= 0 && d.nodes[p].state&partlyUsed == 0; p = d.nodes[p].parent {
		d.nodes[p].state |= partlyUsed
	}
}
