package record

import (
	"strings"

	"github.com/SupermanScott/Elva/internal/record/jsonscan"
	"github.com/SupermanScott/Elva/internal/record/stack"
)

// setSource sets the source from a string, or from a file and a line in separate members.
func (d *decoder) setSource(r *Record) {
	if r.Source != "" { // from the record inside the envelope
		return
	}
	l := names.sourceText
	for s := d.next(l.from, l); s != 0; s = d.next(s+1, l) {
		n := d.at(s)
		if n == nil || n.kind != jsonscan.String {
			continue
		}
		place := strings.TrimSpace(d.text(n))
		if !stack.IsPlace(place) || r.Source != "" && place != r.Source {
			continue
		}
		d.useSlot(s)
		r.Source = place
	}
	if r.Source != "" {
		d.dropLocation(r.Source)
		function := d.functionFrom(names.callerFunction)
		if function == "" {
			function = d.functionFrom(names.bare.function)
		}
		if function != "" {
			r.Source += " " + function
		}
		return
	}
	if d.setSourceFrom(r, &names.bare) || d.next(names.anySource.from, names.anySource) == 0 {
		return
	}
	for i := range names.sources {
		if d.setSourceFrom(r, &names.sources[i]) {
			return
		}
	}
}

// setSourceFrom sets the source from the names of one group. It reports whether there are a file and a line.
func (d *decoder) setSourceFrom(r *Record, g *sourceGroup) bool {
	file, line, ok := d.locationFrom(g)
	if !ok {
		return false
	}
	fileName, lineNumber := d.text(d.at(file)), d.lineAt(line)
	d.dropEqual(g.file, fileName)
	d.dropEqual(g.line, lineNumber)
	function := d.functionFrom(g.function)
	class := ""
	if function != "" {
		class = d.functionFrom(g.class)
	}
	switch { // one concatenation each, for speed
	case class != "":
		r.Source = fileName + ":" + lineNumber + " " + class + "." + function
	case function != "":
		r.Source = fileName + ":" + lineNumber + " " + function
	default:
		r.Source = fileName + ":" + lineNumber
	}
	return true
}

// locationFrom returns the slots of a group's file and line.
func (d *decoder) locationFrom(g *sourceGroup) (file, line slot, ok bool) {
	for file = d.next(g.file.from, g.file); file != 0; file = d.next(file+1, g.file) {
		if n := d.at(file); n != nil {
			if _, ok := d.words(n); ok {
				break
			}
		}
	}
	if file == 0 {
		return 0, 0, false
	}
	for line = d.next(g.line.from, g.line); line != 0; line = d.next(line+1, g.line) {
		if n := d.at(line); n != nil && n != d.at(file) && d.lineAt(line) != "" {
			return file, line, true
		}
	}
	return 0, 0, false
}

// lineAt returns the line number under a slot as text, or "".
func (d *decoder) lineAt(s slot) string {
	n := d.at(s)
	digits := ""
	switch n.kind {
	case jsonscan.Number:
		digits = d.raw(n)
	case jsonscan.String:
		digits = d.s[n.start+1 : n.end-1]
	}
	if len(digits) > 18 || jsonscan.SkipDigits(digits, 0) != len(digits) {
		return ""
	}
	return digits
}

// dropLocation marks a bare file and line as used if they equal the source.
func (d *decoder) dropLocation(source string) {
	file, line, ok := d.locationFrom(&names.bare)
	if ok && d.text(d.at(file))+":"+d.lineAt(line) == source {
		d.useSlot(file)
		d.useSlot(line)
	}
}

// functionFrom returns the first function (or class) under l and marks it as used.
func (d *decoder) functionFrom(l list) string {
	for s := d.next(l.from, l); s != 0; s = d.next(s+1, l) {
		n := d.at(s)
		if n == nil {
			continue
		}
		if words, ok := d.words(n); ok && !isHTTPMethod(words) {
			d.useSlot(s)
			d.dropEqual(list{s, l.to}, words)
			return words
		}
	}
	return ""
}

// isHTTPMethod reports whether a "method" is that of a request and not a function.
func isHTTPMethod(s string) bool {
	switch s {
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE":
		return true
	}
	return false
}
