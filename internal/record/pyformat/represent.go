package pyformat

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/SupermanScott/Elva/internal/record/jsonscan"
)

// representation writes JSON values like repr() of the Python values: None, True, 'it', [1, 2], {'k': 1.0}.
type representation struct {
	ascii bool // as ascii() does: nothing over U+007F
	out   []byte
}

// value appends the value at i in raw and returns the index after it, or -1 if it is nested deeper than jsonscan.MaxDepth. It reads each value
// only once.
func (r *representation) value(raw string, i, depth int) int {
	switch raw[i] {
	case '{', '[':
		return r.nested(raw, i, depth)
	case '"':
		end, _ := jsonscan.StringEnd(raw, i+1)
		r.text(jsonscan.Contents(raw[i : end+1]))
		return end + 1
	}
	end, k := jsonscan.ValueEnd(raw, i)
	switch k {
	case jsonscan.Null:
		r.out = append(r.out, "None"...)
	case jsonscan.False:
		r.out = append(r.out, "False"...)
	case jsonscan.True:
		r.out = append(r.out, "True"...)
	case jsonscan.NotFinite:
		r.out = append(r.out, map[string]string{"NaN": "nan", "Infinity": "inf", "-Infinity": "-inf"}[raw[i:end]]...)
	default:
		r.out = append(r.out, raw[i:end]...)
	}
	return end
}

// nested appends the list or dict at i.
func (r *representation) nested(raw string, i, depth int) int {
	if depth >= jsonscan.MaxDepth {
		return -1
	}
	isDict := raw[i] == '{'
	r.out = append(r.out, raw[i])
	for i = jsonscan.SkipBlanks(raw, i+1); raw[i] != ']' && raw[i] != '}'; {
		if raw[i] == ',' {
			r.out = append(r.out, ", "...)
			i = jsonscan.SkipBlanks(raw, i+1)
		}
		if isDict {
			end, _ := jsonscan.StringEnd(raw, i+1)
			r.text(jsonscan.Contents(raw[i : end+1]))
			r.out = append(r.out, ": "...)
			i = jsonscan.SkipBlanks(raw, jsonscan.SkipBlanks(raw, end+1)+1)
		}
		if i = r.value(raw, i, depth+1); i < 0 {
			return -1
		}
		i = jsonscan.SkipBlanks(raw, i)
	}
	r.out = append(r.out, raw[i])
	return i + 1
}

// text appends a str in single quotes, or in double quotes if it contains only single ones. It escapes characters that are not printable by
// str.isprintable.
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
		r.out = append(r.out, jsonscan.HexDigits[c>>shift&15])
	}
}
