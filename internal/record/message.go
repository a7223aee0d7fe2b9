package record

import (
	"strconv"
	"strings"

	"github.com/SupermanScott/Elva/internal/record/jsonscan"
	"github.com/SupermanScott/Elva/internal/record/pyformat"
)

// setMessage sets the message from the first name with a suitable value.
func (d *decoder) setMessage(r *Record) {
	if r.Message != "" { // from the record inside the envelope
		d.dropRepeated(r)
		return
	}
	l := names.message
	withArgs := d.have.has(names.args) && d.nodes[d.first[names.args]].kind != jsonscan.Null
	for s := d.next(l.from, l); s != 0; s = d.next(s+1, l) {
		it := s
		if withArgs { // message is already formatted, so it precedes msg
			switch {
			case s == names.msg && d.have.has(names.plainMessage):
				it = names.plainMessage
			case s == names.plainMessage && d.have.has(names.msg):
				it = names.msg
			}
		}
		if d.setMessageFrom(r, it) {
			break
		}
	}
	if r.Message == "" {
		l = names.messageFallback
		for s := d.next(l.from, l); s != 0 && !d.setMessageFrom(r, s); s = d.next(s+1, l) {
		}
		if r.Message == "" {
			return
		}
	}
	d.dropRepeated(r)
}

// setMessageFrom sets the message from the node under s. It reports whether the node has a suitable value.
func (d *decoder) setMessageFrom(r *Record, s slot) bool {
	n := d.at(s)
	if n == nil {
		return false
	}
	words, ok := d.words(n)
	if !ok {
		if words, ok = d.scalar(n); !ok {
			if words, ok = d.bytes(n); !ok {
				return false
			}
		}
	}
	template := ""
	switch s {
	case names.msg:
		if d.have.has(names.args) {
			if args := d.at(names.args); args != nil && (args.kind == jsonscan.Array || args.kind == jsonscan.Object) {
				if filled, ok := d.percent(words, args); ok {
					words, template = filled, words
				}
			}
		}
	case names.template, names.messageTemplate:
		if filled, ok := d.fillTemplate(words); ok {
			words, template = filled, words
		}
	}
	words = tidy(words)
	if words == "" {
		return false
	}
	if template != "" && s == names.msg {
		d.useSlot(names.args)
	}
	r.setTemplate(words, template)
	r.Message = words
	d.useSlot(s)
	return true
}

// percent returns the result of words % args in Python.
func (d *decoder) percent(words string, args *node) (string, bool) {
	filled, ok := pyformat.Append(d.filledBuf[:0], words, jsonscan.Value{Raw: d.raw(args), Kind: args.kind})
	if cap(filled) <= maxPooled { // reused, so that only the string is allocated
		d.filledBuf = filled
	}
	return string(filled), ok
}

// setTemplate sets the template of a message, unless it is equal to the message.
func (r *Record) setTemplate(message, template string) {
	if template = tidy(template); template != message {
		r.Template = template
	}
}

// scalar returns the text of a number, true or false.
func (d *decoder) scalar(n *node) (string, bool) {
	switch n.kind {
	case jsonscan.Number, jsonscan.NotFinite, jsonscan.True, jsonscan.False:
		return d.raw(n), true
	}
	return "", false
}

// bytes returns the text of an array of bytes, as journald writes a message with control characters.
func (d *decoder) bytes(n *node) (string, bool) {
	if n.kind != jsonscan.Array || d.key(n) != "MESSAGE" {
		return "", false
	}
	var text []byte
	for it := (jsonscan.Iterator{JSON: d.raw(n)}); it.Next(); {
		v, err := strconv.ParseUint(it.Value.Raw, 10, 8)
		if err != nil {
			return "", false
		}
		text = append(text, byte(v))
	}
	return validUTF8(string(text)), len(text) > 0
}

// dropRepeated marks other members as used that equal the message or its template.
func (d *decoder) dropRepeated(r *Record) {
	l := names.message
	for s := d.next(l.from, l); s != 0; s = d.next(s+1, l) {
		n := d.at(s)
		if n == nil {
			continue
		}
		if d.equals(n, r.Message) {
			d.useSlot(s)
			continue
		}
		if s == names.template || s == names.messageTemplate {
			if words, ok := d.words(n); ok {
				if filled, ok := d.fillTemplate(words); ok && tidy(filled) == r.Message {
					r.setTemplate(r.Message, words)
					d.useSlot(s)
				}
			}
		}
	}
	d.dropEqual(names.messageRepeat, r.Message)
	if d.next(names.anyError.from, names.anyError) != 0 {
		for i := range names.errors {
			d.dropEqual(names.errors[i].text, r.Message)
		}
	}
}

// dropEqual marks the nodes under l as used that equal words.
func (d *decoder) dropEqual(l list, words string) {
	for s := d.next(l.from, l); s != 0; s = d.next(s+1, l) {
		if n := d.at(s); n != nil && d.equals(n, words) {
			d.useSlot(s)
		}
	}
}

// equals reports whether a node's text, perhaps after tidy, equals words.
func (d *decoder) equals(n *node, words string) bool {
	s, ok := d.words(n)
	if !ok {
		s, ok = d.scalar(n)
	}
	return ok && (s == words || tidy(s) == words)
}

// tidy returns a message without terminal escapes, a byte order mark and trailing blanks.
func tidy(s string) string {
	return normalizeLineEnds(trimTail(strings.TrimPrefix(cleanText(s), byteOrderMark)))
}

// trimTail trims space, tab, CR, LF and NUL from the end.
func trimTail(s string) string {
	for len(s) > 0 {
		switch s[len(s)-1] {
		case ' ', '\t', '\r', '\n', 0:
			s = s[:len(s)-1]
		default:
			return s
		}
	}
	return s
}

// tidyTrace returns a trace without terminal escapes and without blank lines around it. The first line keeps its indentation.
func tidyTrace(s string) string {
	s = trimTail(cleanText(s))
	for {
		line, rest, more := strings.Cut(s, "\n")
		if !more || trimTail(line) != "" {
			return s
		}
		s = rest
	}
}
