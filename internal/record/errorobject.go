package record

import (
	"strconv"
	"strings"

	"github.com/SupermanScott/Elva/internal/record/jsonscan"
)

// maxCauses bounds how many causes of an error are followed, since each is read once for every one above it.
const maxCauses = 16

// errorTrace reads the error object of a group, whether nested or dotted, or an array of them.
func (d *decoder) errorTrace(r *Record, g *errorGroup) {
	if n := d.at(g.base.from); n != nil && n.kind == jsonscan.Array {
		if trace := errorsOf(d.raw(n), 0); trace != "" && (r.Trace == "" || strings.Contains(r.Trace, trace)) {
			if r.Trace == "" {
				r.Trace = trace
			}
			d.takeSlot(g.base.from)
		}
		return
	}
	e := parts{kind: d.firstOf(g.kind, false), text: d.firstOf(g.text, true), stack: -1, cause: -1, leaves: -1}
	frames, isFrames := "", false
	for s := d.next(g.stack.from, g.stack); s != 0 && frames == ""; s = d.next(s+1, g.stack) {
		if n := d.at(s); n != nil {
			if frames, isFrames = stackOf(d.raw(n), n.kind); frames != "" {
				e.stack = d.first[s]
			}
		}
	}
	if frames == "" {
		return
	}
	for s := d.next(g.cause.from, g.cause); s != 0 && e.cause < 0; s = d.next(s+1, g.cause) {
		if n := d.at(s); n != nil && !d.empty(n) {
			e.cause = d.first[s]
		}
	}
	if s := d.next(g.leaves.from, g.leaves); s != 0 && d.at(s) != nil && d.at(s).kind == jsonscan.Array {
		e.leaves = d.first[s]
	}
	trace, used := d.compose(e, frames, isFrames, 0)
	if r.Trace != "" && !strings.Contains(r.Trace, trace) {
		return
	}
	if r.Trace == "" {
		r.Trace = trace
	}
	for _, at := range used {
		d.take(at)
	}
	for _, l := range [2]list{g.kind, g.text} { // name beside type, say
		if at := d.firstOf(l, true); at >= 0 && d.nodes[at].state&taken != 0 {
			d.dropSaying(l, d.wordsAt(at))
		}
	}
}

// errorText notes the error that a record names apart from its message. Records of errors have one; others are not asked.
func (d *decoder) errorText(r *Record) {
	if r.Level < Error || r.Trace != "" {
		return
	}
	for s := d.next(names.errorText.from, names.errorText); s != 0; s = d.next(s+1, names.errorText) {
		if n := d.at(s); n != nil {
			if words, ok := d.words(n); ok {
				r.ErrorText = tidy(words)
				return
			}
		}
	}
}

// parts are the members of an error object that make its trace; -1 for none.
type parts struct{ kind, text, stack, cause, leaves int32 }

// firstOf returns the first node under l that is a text (or, if scalars, a number or the like), whether the message has it or not.
func (d *decoder) firstOf(l list, scalars bool) int32 {
	for s := d.next(l.from, l); s != 0; s = d.next(s+1, l) {
		n := &d.nodes[d.first[s]]
		if _, ok := d.words(n); ok {
			return d.first[s]
		}
		if _, ok := d.scalar(n); ok && scalars {
			return d.first[s]
		}
	}
	return -1
}

// wordsAt returns the text of a node that firstOf returned.
func (d *decoder) wordsAt(at int32) string {
	if at < 0 {
		return ""
	}
	n := &d.nodes[at]
	if s, ok := d.words(n); ok {
		return tidy(s)
	}
	s, _ := d.scalar(n)
	return s
}

// compose writes the trace of one error and its causes, and returns the nodes that it holds.
func (d *decoder) compose(e parts, frames string, isFrames bool, depth int) (trace string, used []int32) {
	kind, words := d.wordsAt(e.kind), d.wordsAt(e.text)
	first, _, _ := strings.Cut(frames, "\n")
	first = trimIndent(first)
	head := kind
	if kind != "" && words != "" {
		head += ": "
	}
	head += words
	switch {
	case frames == "":
		trace = head
	case head == "", kind != "" && strings.HasPrefix(first, kind), words != "" && strings.Contains(first, words):
		trace = frames
	case isFrames:
		trace = head + "\n    " + strings.ReplaceAll(frames, "\n", "\n    ")
	default:
		trace = head + "\n" + frames
	}
	if e.stack >= 0 {
		used = append(used, e.stack)
	}
	if e.cause >= 0 {
		if cause, inside := d.cause(e.cause, depth+1); cause != "" {
			// A stack may tell its causes itself: Java's, and what util.inspect makes of JavaScript's.
			if !strings.Contains(trace, "aused by: "+cause) && !strings.Contains(trace, "[cause]: "+cause) {
				trace += "\nCaused by: " + cause
			}
			used = append(used, inside...)
		}
	}
	if e.leaves >= 0 {
		if leaves := leavesOf(d.raw(&d.nodes[e.leaves]), depth+1); leaves != "" {
			trace += leaves
			used = append(used, e.leaves)
		}
	}
	if kind != "" && strings.Contains(trace, kind) {
		used = append(used, e.kind)
	}
	if words != "" && strings.Contains(trace, words) {
		used = append(used, e.text)
	}
	return trace, used
}

// cause writes the trace of an error that caused another: a text, an object, or an array of them.
func (d *decoder) cause(at int32, depth int) (string, []int32) {
	n := &d.nodes[at]
	if n.kind == jsonscan.Object && n.next > at+1 {
		return d.errorObject(at, depth)
	}
	trace := causeOf(d.raw(n), n.kind, depth)
	return trace, []int32{at}
}

// errorObject writes the trace of the error object at a node, by the names of its members.
func (d *decoder) errorObject(at int32, depth int) (string, []int32) {
	e := parts{-1, -1, -1, -1, -1}
	frames, isFrames := "", false
	from, end := int32(0), int32(len(d.nodes))
	if at >= 0 {
		from, end = at+1, d.nodes[at].next
	}
	for c := from; c < end; c = d.nodes[c].next {
		n := &d.nodes[c]
		switch name := fold(d.key(n)); {
		case errorWords[name] == isType && e.kind < 0 && n.kind == jsonscan.String:
			e.kind = c
		case errorWords[name] == isText && e.text < 0 && (n.kind == jsonscan.String || n.kind == jsonscan.Number):
			e.text = c
		case errorWords[name] == isStack && e.stack < 0:
			if frames, isFrames = stackOf(d.raw(n), n.kind); frames != "" {
				e.stack = c
			}
		case errorWords[name] == isLeaves && e.leaves < 0 && depth < maxCauses && n.kind == jsonscan.Array:
			e.leaves = c
		case errorWords[name] == isCause && e.cause < 0 && depth < maxCauses && !d.empty(n):
			e.cause = c
		}
	}
	return d.compose(e, frames, isFrames, depth)
}

// What a member of an error object is.
const (
	isType = iota + 1
	isText
	isStack
	isCause
	isLeaves
)

var errorWords = func() map[string]int {
	m := make(map[string]int)
	for what, list := range map[int]string{isType: errorTypes, isText: errorTexts, isStack: errorStacks, isCause: errorCauses, isLeaves: errorLeaves} {
		for _, word := range strings.Fields(list) {
			m[fold(word)] = what
		}
	}
	return m
}()

// causeOf writes the trace of a cause as written.
func causeOf(raw string, k jsonscan.Kind, depth int) string {
	switch {
	case k == jsonscan.String:
		return tidyTrace(jsonscan.Contents(raw))
	case k == jsonscan.Array && depth < maxCauses:
		return errorsOf(raw, depth)
	case k == jsonscan.Object && depth < maxCauses:
		sub := newDecoder()
		defer sub.release()
		if sub.scan(raw) {
			trace, _ := sub.errorObject(-1, depth)
			return trace
		}
	}
	return ""
}

// errorsOf writes the trace of an array of error objects, each but the first being the cause of the one before; "" unless
// the first has a stack.
func errorsOf(raw string, depth int) string {
	var b strings.Builder
	d := newDecoder()
	defer d.release()
	for it := (jsonscan.Iterator{JSON: raw}); it.Next(); {
		d.reset()
		if it.Value.Kind != jsonscan.Object || !d.scan(it.Value.Raw) || b.Len() == 0 && !d.hasStack() {
			return ""
		}
		if trace, _ := d.errorObject(-1, depth+1); trace != "" {
			if b.Len() > 0 {
				b.WriteString("\nCaused by: ")
			}
			b.WriteString(trace)
		}
	}
	return b.String()
}

// leavesOf writes the traces of the errors of a group, as .NET writes them; "" unless all are error objects with something to say.
func leavesOf(raw string, depth int) string {
	var b strings.Builder
	d := newDecoder()
	defer d.release()
	for it, n := (jsonscan.Iterator{JSON: raw}), 0; it.Next() && depth < maxCauses; n++ {
		d.reset()
		if it.Value.Kind != jsonscan.Object || !d.scan(it.Value.Raw) {
			return ""
		}
		trace, _ := d.errorObject(-1, depth)
		if trace == "" {
			return ""
		}
		b.WriteString("\n---> (Inner Exception #")
		b.WriteString(strconv.Itoa(n))
		b.WriteString(") ")
		b.WriteString(trace)
	}
	return b.String()
}

// hasStack reports whether the object has a stack among its own members.
func (d *decoder) hasStack() bool {
	for c := int32(0); c < int32(len(d.nodes)); c = d.nodes[c].next {
		n := &d.nodes[c]
		if errorWords[fold(d.key(n))] == isStack {
			if frames, _ := stackOf(d.raw(n), n.kind); frames != "" {
				return true
			}
		}
	}
	return false
}
