package record

import (
	"strconv"
	"strings"

	"github.com/SupermanScott/Elva/internal/record/jsonscan"
	"github.com/SupermanScott/Elva/internal/record/pyformat"
)

// message sets the message: the first name whose value decodes to something to read.
func (d *decoder) message(r *Record) {
	if r.Message != "" { // of the record inside an envelope
		d.dropRepeats(r)
		return
	}
	l := names.message
	withArgs := d.have.has(names.args) && d.nodes[d.first[names.args]].kind != jsonscan.Null
	for s := d.next(l.from, l); s != 0; s = d.next(s+1, l) {
		it := s
		if withArgs { // message is already formatted, so that it goes before msg
			switch {
			case s == names.msg && d.have.has(names.plainMessage):
				it = names.plainMessage
			case s == names.plainMessage && d.have.has(names.msg):
				it = names.msg
			}
		}
		if d.messageFrom(r, it) {
			break
		}
	}
	if r.Message == "" {
		l = names.messageFallback
		for s := d.next(l.from, l); s != 0 && !d.messageFrom(r, s); s = d.next(s+1, l) {
		}
		if r.Message == "" {
			return
		}
	}
	d.dropRepeats(r)
}

// messageFrom sets the message from the node under s, if it decodes.
func (d *decoder) messageFrom(r *Record, s slot) bool {
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
		d.takeSlot(names.args)
	}
	r.setTemplate(words, template)
	r.Message = words
	d.takeSlot(s)
	return true
}

// percent returns what Python's words % args gives.
func (d *decoder) percent(words string, args *node) (string, bool) {
	filled, ok := pyformat.Append(d.filled[:0], words, jsonscan.Value{Raw: d.raw(args), Kind: args.kind})
	if cap(filled) <= maxKept { // kept by the decoder, so that the message's text is the only allocation
		d.filled = filled
	}
	return string(filled), ok
}

// setTemplate keeps what a message was filled from. A constant message is its own template, and is not kept twice.
func (r *Record) setTemplate(message, template string) {
	if template = tidy(template); template != message {
		r.Template = template
	}
}

// scalar returns a number, true or false as the text it is written in.
func (d *decoder) scalar(n *node) (string, bool) {
	switch n.kind {
	case jsonscan.Number, jsonscan.NotFinite, jsonscan.True, jsonscan.False:
		return d.raw(n), true
	}
	return "", false
}

// bytes returns the text that journald writes as an array of bytes where it has controls in it.
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

// dropRepeats takes the other names that say what the message says.
func (d *decoder) dropRepeats(r *Record) {
	l := names.message
	for s := d.next(l.from, l); s != 0; s = d.next(s+1, l) {
		n := d.at(s)
		if n == nil {
			continue
		}
		if d.says(n, r.Message) {
			d.takeSlot(s)
			continue
		}
		if s == names.template || s == names.messageTemplate {
			if words, ok := d.words(n); ok {
				if filled, ok := d.fillTemplate(words); ok && tidy(filled) == r.Message {
					r.setTemplate(r.Message, words)
					d.takeSlot(s)
				}
			}
		}
	}
	d.dropSaying(names.messageRepeat, r.Message)
	if d.next(names.anyError.from, names.anyError) != 0 {
		for i := range names.errors {
			d.dropSaying(names.errors[i].text, r.Message)
		}
	}
}

// dropSaying takes the nodes under l that are the words.
func (d *decoder) dropSaying(l list, words string) {
	for s := d.next(l.from, l); s != 0; s = d.next(s+1, l) {
		if n := d.at(s); n != nil && d.says(n, words) {
			d.takeSlot(s)
		}
	}
}

// says reports whether a node's text, tidied, is the words.
func (d *decoder) says(n *node, words string) bool {
	s, ok := d.words(n)
	if !ok {
		s, ok = d.scalar(n)
	}
	return ok && (s == words || tidy(s) == words)
}

// tidy returns a message without terminal escapes, a byte order mark and trailing blanks.
func tidy(s string) string {
	return endLines(trimTail(strings.TrimPrefix(plain(s), byteOrderMark)))
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

// tidyTrace returns a trace without terminal escapes and without blank lines around it. The first line keeps its indent.
func tidyTrace(s string) string {
	s = trimTail(plain(s))
	for {
		line, rest, more := strings.Cut(s, "\n")
		if !more || trimTail(line) != "" {
			return s
		}
		s = rest
	}
}
