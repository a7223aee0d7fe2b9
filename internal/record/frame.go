package record

import (
	"strings"

	"github.com/SupermanScott/Elva/internal/record/jsonscan"
)

// stackOf returns the stack in a text or an array of texts or frames, "" for other values. isFrames is whether the frames are objects.
func stackOf(raw string, k jsonscan.Kind) (stack string, isFrames bool) {
	switch k {
	case jsonscan.String:
		return tidyTrace(jsonscan.Contents(raw)), false
	case jsonscan.Array:
	default:
		return "", false
	}
	var b strings.Builder
	for it := (jsonscan.Iterator{JSON: raw}); it.Next(); {
		line := ""
		switch it.Value.Kind {
		case jsonscan.String: // Python's format_exception ends texts with a line break
			line = strings.TrimRight(jsonscan.Contents(it.Value.Raw), "\r\n")
		case jsonscan.Object:
			if line = frameOf(it.Value.Raw); line == "" {
				return "", false
			}
			isFrames = true
		default:
			return "", false
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(line)
	}
	return tidyTrace(b.String()), isFrames
}

// The names of a frame's members, in order of precedence.
var (
	frameFiles     = strings.Fields(fileNames + " source abspath path")
	frameLines     = strings.Fields(lineNames)
	frameFunctions = strings.Fields(functionNames)
	frameClasses   = strings.Fields(classNames)
)

// frameOf returns a frame as "file:line function", as far as these are known.
func frameOf(raw string) string {
	d := newDecoder()
	defer d.release()
	if !d.scan(raw) {
		return ""
	}
	file := d.wordsOf(frameFiles)
	line := ""
	for _, name := range frameLines {
		if n := d.member(name); n != nil && line == "" {
			if v, ok := d.integer(n); ok && v >= 0 {
				line = strings.Trim(d.raw(n), `"`)
			}
		}
	}
	function, class := d.wordsOf(frameFunctions), d.wordsOf(frameClasses)
	switch {
	case function == "":
		if n := d.member("name"); n != nil {
			function, _ = d.words(n)
		}
	case class != "":
		function = class + "." + function
	}
	if file != "" && line != "" {
		file += ":" + line
	}
	return strings.TrimSpace(file + " " + function)
}

// member returns the first member of the object with that folded name, or nil.
func (d *decoder) member(name string) *node {
	for c := int32(0); c < int32(len(d.nodes)); c = d.nodes[c].next {
		var text [maxName]byte
		if f := foldOnto(&text, foldedName{}, d.key(&d.nodes[c])); f.n == len(name) && string(text[:f.n]) == name {
			return &d.nodes[c]
		}
	}
	return nil
}

// wordsOf returns the first text under one of the names, "" if there is none.
func (d *decoder) wordsOf(names []string) string {
	for _, name := range names {
		if n := d.member(name); n != nil {
			if words, ok := d.words(n); ok {
				return words
			}
		}
	}
	return ""
}
