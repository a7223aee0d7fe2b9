// Package stack parses the stack traces of many languages. It finds where the trace in a text begins, which lines are frames of the
// application or of a library, which exception was thrown, and what caused it.
//
// The headline of a trace is its outermost exception. For grouping errors, the exception that the application threw counts: an exception of a
// library that wraps it is skipped.
package stack

import "strings"

// The kinds of lines in Trace.Lines.
const (
	// LineText is a heading, or the text of an exception.
	LineText = '.'
	// LineException is the first line of an exception: its type and text.
	LineException = 'e'
	// LineCause is the first line of a chained exception, or the line that introduces it.
	LineCause = 'c'
	// LineOwn is the first line of a frame of the application.
	LineOwn = 'o'
	// LineLibrary is the first line of a frame of a library or a runtime.
	LineLibrary = 'l'
	// LineMore belongs to the frame above: source code, marks, or the file and line in Go and Rust.
	LineMore = '-'
)

const (
	// maxLines bounds Trace.Lines, which is a part of the bounded record.
	maxLines = 2000
	// maxBlocks bounds the exceptions of a chain.
	maxBlocks = 64
	// maxLeaves bounds the types of leaves of an exception group.
	maxLeaves = 8
	// maxText bounds the type and the text of an exception, which are shown on one line.
	maxText = 400
)

// Trace is a parsed stack trace. Its strings may alias the text.
type Trace struct {
	Type, Text string   // type and first line of the text of the outermost exception; "" if unknown
	Leaves     []string // the different types of the leaves of an exception group, in order
	Lines      string   // the kind of each of the first 2,000 lines: LineText and the others

	// Cause is the type of the exception that counts for grouping, if that isn't the outermost one.
	Cause string
	// Function and File are from the newest frame of the application in that exception, or from its top frame if there is none. Own is
	// whether it is a frame of the application. File has no directory and no line. Both are "" if unknown.
	Function, File string
	Own            bool

	Root, RootText string // type and text of the innermost cause, if there is a cause
}

// Place returns Function and File in readable form: "shop.Cart.add", "cart.py add"; "" if unknown.
func (t *Trace) Place() string {
	switch {
	case t.Function == "":
		return t.File
	case t.File == "" || strings.ContainsAny(t.Function, ".:\\/"): // a qualified name needs no file
		return t.Function
	}
	return t.File + " " + t.Function
}

// Read parses a trace. If the trace has only frames, the exception is taken from the message of its record. The result for other text has no
// type and no function.
func Read(message, trace string) Trace {
	r := reader{last: -1}
	r.blocks = r.few[:0]
	r.letters = make([]byte, 0, min(strings.Count(trace, "\n")+1, maxLines))
	for line, rest, more := "", trace, true; more; {
		line, rest, more = strings.Cut(rest, "\n")
		r.below = rest
		r.line(strings.TrimSuffix(line, "\r"))
	}
	return r.result(message)
}

// Headline returns the type and the first line of the text of the outermost exception, "" if there is none.
func (t *Trace) Headline() string {
	switch {
	case t.Type == "":
		return t.Text
	case t.Text == "":
		return t.Type
	}
	return t.Type + ": " + t.Text
}
