package jsonscan

import "github.com/SupermanScott/Elva/internal/printable"

// HexDigits are the digits that escapes are written in.
const HexDigits = "0123456789abcdef"

// AppendString appends s, which is valid UTF-8, as a JSON string. It also escapes control characters (see [printable.JSON]).
func AppendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	if isPlain(s) {
		return append(append(dst, s...), '"')
	}
	start := len(dst)
	for {
		i := PlainEnd(s, 0)
		dst = append(dst, s[:i]...)
		if i == len(s) {
			break
		}
		switch c := s[i]; c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, `\n`...)
		case '\t':
			dst = append(dst, `\t`...)
		case '\r':
			dst = append(dst, `\r`...)
		default:
			dst = append(dst, `\u00`...)
			dst = append(dst, HexDigits[c>>4], HexDigits[c&15])
		}
		s = s[i+1:]
	}
	if escaped := printable.JSON(dst[start:]); len(escaped) > len(dst)-start {
		dst = append(dst[:start], escaped...)
	}
	return append(dst, '"')
}

// isPlain reports whether s is printable ASCII without quotes and backslashes, as most texts are. One pass then does for all escapes.
func isPlain(s string) bool {
	i := 0
	for ; i+8 <= len(s); i += 8 {
		w := load64(s, i)
		del := w ^ ones*0x7F
		if special(w)|(w|(del-ones)&^del)&highs != 0 {
			return false
		}
	}
	for ; i < len(s); i++ {
		if c := s[i]; c < ' ' || c >= 0x7F || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

// EscapedLen returns the length that AppendString gives s, without the quotes.
func EscapedLen(s string) int {
	n := len(s) + printable.Grown(s)
	for i := 0; ; i++ {
		i += PlainEnd(s[i:], 0)
		if i >= len(s) {
			return n
		}
		n += EscapeCost(s, i)
	}
}

// EscapeCost returns by how many bytes AppendString lengthens the character at s[i], 0 for all but its first byte.
func EscapeCost(s string, i int) int {
	switch c := s[i]; {
	case c == '"' || c == '\\' || c == '\n' || c == '\t' || c == '\r':
		return 1
	case c < ' ':
		return 5
	}
	return printable.Growth(s, i)
}

// AppendClean appends a checked value as valid, compact JSON: without blanks, NaN and the infinities as strings, lone surrogates as U+FFFD.
func AppendClean(dst []byte, raw string) []byte {
	for i := 0; i < len(raw); {
		switch c := raw[i]; {
		case c == '"':
			end, f := StringEnd(raw, i+1)
			if end < 0 {
				return dst
			}
			if f&Unclean != 0 {
				dst = AppendString(dst, Unescape(raw[i+1:end]))
			} else {
				dst = append(dst, raw[i:end+1]...)
			}
			i = end + 1
		case c == ' ' || c == '\n' || c == '\r' || c == '\t':
			i++
		case c == 'N' || c == 'I' || c == '-' && i+1 < len(raw) && raw[i+1] == 'I':
			n := len("NaN")
			switch c {
			case 'I':
				n = len("Infinity")
			case '-':
				n = len("-Infinity")
			}
			dst = append(append(append(dst, '"'), raw[i:i+n]...), '"')
			i += n
		default:
			dst = append(dst, c)
			i++
		}
	}
	return dst
}
