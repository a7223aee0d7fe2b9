package record

import (
	"strconv"
	"strings"

	"github.com/SupermanScott/Elva/internal/record/jsonscan"
)

// maxCauses bounds how many causes of an error are followed, since each is scanned again for every one above it.
const maxCauses = 16

// setErrorTrace sets the trace from the error object of a group, which may have nested or dotted names, or from an array of error objects.
func (d *decoder) setErrorTrace(r *Record, g *errorGroup) {
	if n := d.at(g.base.from); n != nil && n.kind == jsonscan.Array {
		if trace := errorsOf(d.raw(n), 0); trace != "" && (r.Trace == "" || strings.Contains(r.Trace, trace)) {
			if r.Trace == "" {
				r.Trace = trace
			}
			d.useSlot(g.base.from)
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
	trace, contained := d.compose(e, frames, isFrames, 0)
	if r.Trace != "" && !strings.Contains(r.Trace, trace) {
		return
	}
	if r.Trace == "" {
		r.Trace = trace
	}
	for _, at := range contained {
		d.markUsed(at)
	}
	for _, l := range [2]list{g.kind, g.text} { // such as a name besides a type
		if at := d.firstOf(l, true); at >= 0 && d.nodes[at].state&used != 0 {
			d.dropEqual(l, d.wordsAt(at))
		}
	}
}

// setErrorText sets the error text of a record with the level error or higher and no trace.
func (d *decoder) setErrorText(r *Record) {
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

// parts are the nodes of an error object that form its trace; -1 if there is none.
type parts struct{ kind, text, stack, cause, leaves int32 }

// firstOf returns the first node under l that is a text (or with scalars, also a number or boolean), even if it is already used.
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

// compose returns the trace of an error and its causes, and the nodes that it contains.
func (d *decoder) compose(e parts, frames string, isFrames bool, depth int) (trace string, contained []int32) {
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
		contained = append(contained, e.stack)
	}
	if e.cause >= 0 {
		if cause, inside := d.cause(e.cause, depth+1); cause != "" {
			// The stack may already contain its causes, as in Java and with util.inspect in JavaScript.
			if !strings.Contains(trace, "aused by: "+cause) && !strings.Contains(trace, "[cause]: "+cause) {
				trace += "\nCaused by: " + cause
			}
			contained = append(contained, inside...)
		}
	}
	if e.leaves >= 0 {
		if leaves := leavesOf(d.raw(&d.nodes[e.leaves]), depth+1); leaves != "" {
			trace += leaves
			contained = append(contained, e.leaves)
		}
	}
	if kind != "" && strings.Contains(trace, kind) {
		contained = append(contained, e.kind)
	}
	if words != "" && strings.Contains(trace, words) {
		contained = append(contained, e.text)
	}
	return trace, contained
}

// cause returns the trace of a cause, which is a text, an object, or an array of objects.
func (d *decoder) cause(at int32, depth int) (string, []int32) {
	n := &d.nodes[at]
	if n.kind == jsonscan.Object && n.next > at+1 {
		return d.errorObject(at, depth)
	}
	trace := causeOf(d.raw(n), n.kind, depth)
	return trace, []int32{at}
}

// errorObject returns the trace of the error object at a node, or of the whole object for -1.
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

// The roles of members of an error object.
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

// causeOf returns the trace of a cause from its JSON.
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

// errorsOf returns the trace of an array of error objects, each the cause of the one before. It returns "" unless the first has a stack.
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

// leavesOf returns the traces of the errors of an error group in the format of .NET. It returns "" unless all of them have a trace.
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
