// Package stack reads the stack traces of many languages: where a text's message ends and its trace begins, which lines are frames
// and of whose code, what was thrown, and what caused it.
//
// One rule serves all: the exception that came out at the top is the headline. The group of an error is of the exception that was
// thrown by one's own code: wrappers that libraries throw yield to the cause that holds a frame of one's own.
package stack

import "strings"

// What a line of a trace is, as Trace.Lines has it.
const (
	// LineText is a heading, or text of an exception.
	LineText = '.'
	// LineException is the first line of an exception: its type and text.
	LineException = 'e'
	// LineCause is the first line of a chained exception, or what announces one.
	LineCause = 'c'
	// LineOwn is the first line of a frame of one's own code.
	LineOwn = 'o'
	// LineLibrary is the first line of a frame of a library or a runtime.
	LineLibrary = 'l'
	// LineMore belongs to the frame above: source code, marks, Go's and Rust's places.
	LineMore = '-'
)

const (
	// maxLines bounds Trace.Lines: nobody reads more, and the record stays within its bound.
	maxLines = 2000
	// maxBlocks bounds how many exceptions of a chain are kept apart.
	maxBlocks = 64
	// maxLeaves bounds how many leaves of an exception group are named.
	maxLeaves = 8
	// maxText bounds the type and the text of an exception: they are one line of a list.
	maxText = 400
)

// Trace is what a trace says. Its strings may alias the trace.
type Trace struct {
	Type, Text string   // of the exception that came out at the top, the text's first line; "" when unknown
	Leaves     []string // the types of the leaves of an exception group, in order, each once
	Lines      string   // a letter for each of the first 2,000 lines: LineText and the others

	// Cause is the type of the exception that the error group is of, if it is another than Type: see the package's comment.
	Cause string
	// Function and File are the place of the group: the frame of one's own code that is the newest one of that exception.
	// File has no directory and no line. Both are "" when no frame is known; Own is false when no frame is one's own.
	Function, File string
	Own            bool

	Root, RootText string // type and text of the innermost cause, if there is a cause
}

// Place returns the function and the file of the group, as people read it: "shop.Cart.add", "cart.py add"; "" when unknown.
func (t *Trace) Place() string {
	switch {
	case t.Function == "":
		return t.File
	case t.File == "" || strings.ContainsAny(t.Function, ".:\\/"): // a qualified name says it all
		return t.Function
	}
	return t.File + " " + t.Function
}

// Read reads a trace. The message of its record counts where the trace has frames only, as Go's panics and Python's texts are
// split. What is no trace has no type and no place.
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

// Headline returns the line that says what went wrong in a trace: the type and the first line of the text of the exception that
// came out at the top. "" when there is none.
func (t *Trace) Headline() string {
	switch {
	case t.Type == "":
		return t.Text
	case t.Text == "":
		return t.Type
	}
	return t.Type + ": " + t.Text
}
