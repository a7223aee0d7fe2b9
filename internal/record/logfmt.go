package record

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/SupermanScott/Elva/internal/record/jsonscan"
)

// decodeLogfmt decodes a line that consists of name=value pairs, and reports whether payload is one. It is decoded like an object whose values
// are strings, or true for a name without a value.
func decodeLogfmt(r *Record, payload string) bool {
	s := trimIndent(payload)
	if i := strings.IndexAny(s, "= \"'\n"); i <= 0 || s[i] != '=' {
		return false
	}
	js := make([]byte, 0, len(s)+64)
	js = append(js, '{')
	pairs, known, isRequest := 0, false, false
	for s != "" {
		end := strings.IndexAny(s, "= \t\"'\n\r")
		if end == 0 {
			return false
		}
		if end < 0 {
			end = len(s)
		}
		name := s[:end]
		s = s[end:]
		if pairs++; pairs > 1 {
			js = append(js, ',')
		}
		js = append(jsonscan.AppendString(js, name), ':')
		if s == "" || s[0] != '=' {
			js = append(js, "true"...)
		} else {
			value, rest, ok := logfmtValue(s[1:])
			if !ok {
				return false
			}
			js = jsonscan.AppendString(js, value)
			s = rest
			switch fold(name) {
			case "level", "lvl", "severity", "msg", "message", "event":
				known = true
			case "method", "status", "at": // of requests: lograge, Heroku's router
				isRequest = true
			}
		}
		blank := trimIndent(s)
		if len(blank) == len(s) && s != "" {
			return false
		}
		s = blank
	}
	if pairs < 2 || !known && (!isRequest || pairs < 4) {
		return false
	}
	d := newDecoder()
	defer d.release()
	if !d.scan(string(append(js, '}'))) {
		return false
	}
	d.decode(r)
	return true
}

// logfmtValue returns the bare or quoted value at the start of s, and the rest of s.
func logfmtValue(s string) (value, rest string, ok bool) {
	if s == "" || s[0] != '"' && s[0] != '\'' {
		end := strings.IndexAny(s, " \t\"\n\r")
		if end < 0 {
			return s, "", true
		}
		return s[:end], s[end:], s[end] == ' ' || s[end] == '\t'
	}
	quote := s[0]
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case quote:
			return unquote(s[1:i]), s[i+1:], true
		}
	}
	return "", "", false
}

// unquote decodes backslash escapes of Go, Python and JSON. Unknown ones remain.
func unquote(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 >= len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		switch c := s[i]; c {
		case 'a', 'b', 'f', 'n', 'r', 't', 'v':
			b.WriteByte("\a\b\f\n\r\t\v"[strings.IndexByte("abfnrtv", c)])
		case '\\', '"', '\'', '/':
			b.WriteByte(c)
		case 'x', 'u', 'U':
			n := map[byte]int{'x': 2, 'u': 4, 'U': 8}[c]
			v, ok := hexRune(s, i+1, n)
			if !ok {
				b.WriteByte('\\')
				b.WriteByte(c)
				continue
			}
			i += n
			if utf16.IsSurrogate(v) && c == 'u' && i+2 < len(s) && s[i+1] == '\\' && s[i+2] == 'u' {
				low, _ := hexRune(s, i+3, 4)
				if pair := utf16.DecodeRune(v, low); pair != utf8.RuneError {
					v = pair
					i += 6
				}
			}
			b.WriteRune(v)
		default:
			b.WriteByte('\\')
			b.WriteByte(c)
		}
	}
	return validUTF8(b.String())
}

// hexRune returns the rune of n hexadecimal digits at i. It may be invalid.
func hexRune(s string, i, n int) (rune, bool) {
	if i+n > len(s) {
		return 0, false
	}
	var v rune
	for _, c := range []byte(s[i : i+n]) {
		d := jsonscan.HexDigit(c)
		if d < 0 {
			return 0, false
		}
		if v <= utf8.MaxRune {
			v = v<<4 | rune(d)
		}
	}
	return v, true
}
