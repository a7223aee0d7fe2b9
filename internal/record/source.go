package record

import (
	"strings"

	"github.com/SupermanScott/Elva/internal/record/jsonscan"
)

// sourceTypes are the endings of source files' names. Without the list, "db.internal:5432" would be a source.
var sourceTypes = func() map[string]bool {
	m := make(map[string]bool)
	for _, ext := range strings.Fields("go py pyx pyw js mjs cjs jsx ts mts cts tsx vue svelte java kt kts scala sc groovy clj cljs cljc" +
		" rb erb rake php phtml cs fs fsx vb razor cshtml rs c cc cpp cxx c++ h hh hpp hxx m mm swift zig nim d dart ex exs" +
		" erl hrl hs lhs ml mli lua pl pm t sh bash zsh ps1 r jl f f90 pas ada adb cr v sv s asm sql coffee elm gleam templ hx tcl vala") {
		m[ext] = true
	}
	return m
}()

// source sets the source: from one string, or from a file and a line told apart.
func (d *decoder) source(r *Record) {
	l := names.sourceText
	for s := d.next(l.from, l); s != 0; s = d.next(s+1, l) {
		n := d.at(s)
		if n == nil || n.kind != jsonscan.String {
			continue
		}
		place := strings.TrimSpace(d.text(n))
		if !isPlace(place) || r.Source != "" && place != r.Source {
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
	if d.sourceFrom(r, &names.bare) {
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

// isPlace reports whether s ends in a source file's name and a line: "main.go:42", "x.js:1:2", "a.py:f:20".
func isPlace(s string) bool {
	if strings.Contains(s, "://") {
		return false
	}
	head, ok := cutLine(s)
	if !ok {
		return false
	}
	if hasSourceType(head) {
		return true
	}
	if before, ok := cutLine(head); ok && hasSourceType(before) {
		return true
	}
	i := strings.LastIndexByte(head, ':')
	return i > 0 && i+1 < len(head) && !strings.ContainsAny(head[i+1:], " /\\") && hasSourceType(head[:i])
}

// cutLine cuts ":42" off the end.
func cutLine(s string) (string, bool) {
	i := len(s)
	for i > 0 && s[i-1]-'0' <= 9 {
		i--
	}
	if i == len(s) || i < 2 || s[i-1] != ':' {
		return s, false
	}
	return s[:i-1], true
}

// hasSourceType reports whether s ends in the name of a source file.
func hasSourceType(s string) bool {
	i := strings.LastIndexByte(s, '.')
	return i > 0 && len(s)-i <= 8 && isFileByte(s[i-1]) && sourceTypes[strings.ToLower(s[i+1:])]
}

func isFileByte(c byte) bool { return c != '/' && c != '\\' && c > ' ' && c != ':' }
