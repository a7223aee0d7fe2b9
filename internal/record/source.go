package record

import (
	"strings"

	"github.com/SupermanScott/Elva/internal/record/jsonscan"
	"github.com/SupermanScott/Elva/internal/record/stack"
)

// source sets the source: from one string, or from a file and a line told apart.
func (d *decoder) source(r *Record) {
	if r.Source != "" { // of the record inside an envelope
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
		d.takeSlot(s)
		r.Source = place
	}
	if r.Source != "" {
		d.dropPlace(r.Source)
		function := d.functionFrom(names.callerFunction)
		if function == "" {
			function = d.functionFrom(names.bare.function)
		}
		if function != "" {
			r.Source += " " + function
		}
		return
	}
	if d.sourceFrom(r, &names.bare) || d.next(names.anySource.from, names.anySource) == 0 {
		return
	}
	for i := range names.sources {
		if d.sourceFrom(r, &names.sources[i]) {
			return
		}
	}
}

// sourceFrom sets the source from the names of one group, if it has a file and a line.
func (d *decoder) sourceFrom(r *Record, g *sourceGroup) bool {
	file, line, ok := d.placeFrom(g)
	if !ok {
		return false
	}
	fileName, lineNumber := d.text(d.at(file)), d.lineAt(line)
	d.dropSaying(g.file, fileName)
	d.dropSaying(g.line, lineNumber)
	function := d.functionFrom(g.function)
	class := ""
	if function != "" {
		class = d.functionFrom(g.class)
	}
	switch { // each in one piece, since every record comes through here
	case class != "":
		r.Source = fileName + ":" + lineNumber + " " + class + "." + function
	case function != "":
		r.Source = fileName + ":" + lineNumber + " " + function
	default:
		r.Source = fileName + ":" + lineNumber
	}
	return true
}

// placeFrom returns the slots of a group's file and line.
func (d *decoder) placeFrom(g *sourceGroup) (file, line slot, ok bool) {
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

// dropPlace takes a bare file and line that say what the source says.
func (d *decoder) dropPlace(source string) {
	file, line, ok := d.placeFrom(&names.bare)
	if ok && d.text(d.at(file))+":"+d.lineAt(line) == source {
		d.takeSlot(file)
		d.takeSlot(line)
	}
}

// functionFrom takes the first function (or class) under l and returns its name.
func (d *decoder) functionFrom(l list) string {
	for s := d.next(l.from, l); s != 0; s = d.next(s+1, l) {
		n := d.at(s)
		if n == nil {
			continue
		}
		if words, ok := d.words(n); ok && !isHTTPMethod(words) {
			d.takeSlot(s)
			d.dropSaying(list{s, l.to}, words)
			return words
		}
	}
	return ""
}

// isHTTPMethod reports whether a "method" is a request's and not a function's.
func isHTTPMethod(s string) bool {
	switch s {
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE":
		return true
	}
	return false
}
