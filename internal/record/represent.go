package record

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// representation writes JSON values as Python's repr() writes what they were: None, True, 'it', [1, 2], {'k': 1.0}.
type representation struct {
	ascii bool // as ascii() does: nothing over U+007F
	out   []byte
}

// value appends one value, and reports whether Python could: it refuses what is nested too deep.
func (r *representation) value(raw string, k kind, depth int) bool {
	if depth > maxDepth {
		return false
	}
	switch k {
	case null:
		r.out = append(r.out, "None"...)
	case boolFalse:
		r.out = append(r.out, "False"...)
	case boolTrue:
		r.out = append(r.out, "True"...)
	case number:
		r.out = append(r.out, raw...)
	case notFinite:
		r.out = append(r.out, map[string]string{"NaN": "nan", "Infinity": "inf", "-Infinity": "-inf"}[raw]...)
	case text:
		r.text(contents(raw))
	default:
		return r.nested(raw, k, depth)
	}
	return true
}

// nested appends a list or a dict.
func (r *representation) nested(raw string, k kind, depth int) bool {
	brackets := "[]"
	if k == object {
		brackets = "{}"
	}
	r.out = append(r.out, brackets[0])
	first := true
	for it := (elementIter{s: raw}); it.next(); first = false {
		if !first {
			r.out = append(r.out, ", "...)
		}
		if k == object {
			r.text(contents(it.key))
			r.out = append(r.out, ": "...)
		}
		if !r.value(it.value.raw, it.value.kind, depth+1) {
			return false
		}
	}
	r.out = append(r.out, brackets[1])
	return true
}

// text appends a str: in single quotes unless it has some and no double ones; what str.isprintable refuses is escaped.
func (r *representation) text(s string) {
	quote := byte('\'')
	if strings.IndexByte(s, '\'') >= 0 && strings.IndexByte(s, '"') < 0 {
		quote = '"'
	}
	r.out = append(r.out, quote)
	for _, c := range s {
		switch {
		case c == '\n':
			r.out = append(r.out, `\n`...)
		case c == '\r':
			r.out = append(r.out, `\r`...)
		case c == '\t':
			r.out = append(r.out, `\t`...)
		case c == '\\' || c == rune(quote):
			r.out = append(r.out, '\\', byte(c))
		case c >= ' ' && c < 0x7F, c >= 0x7F && !r.ascii && unicode.IsPrint(c):
			r.out = utf8.AppendRune(r.out, c)
		case c <= 0xFF:
			r.hex('x', c, 2)
		case c <= 0xFFFF:
			r.hex('u', c, 4)
		default:
			r.hex('U', c, 8)
		}
	}
	r.out = append(r.out, quote)
}

func (r *representation) hex(letter byte, c rune, digits int) {
	r.out = append(r.out, '\\', letter)
	for shift := 4 * (digits - 1); shift >= 0; shift -= 4 {
		r.out = append(r.out, hexDigits[c>>shift&15])
	}
}
