package record

import (
	"strings"
	"unicode/utf8"
)

const byteOrderMark = "\uFEFF"

// validUTF8 returns s with invalid UTF-8 replaced as the WHATWG Encoding standard and Python do it: one U+FFFD for
// each longest prefix of a character, or byte that starts none.
func validUTF8(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	for i := 0; i < len(s); {
		if s[i] < utf8.RuneSelf {
			j := i + 1
			for j < len(s) && s[j] < utf8.RuneSelf {
				j++
			}
			b.WriteString(s[i:j])
			i = j
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 {
			b.WriteRune(utf8.RuneError)
			i += brokenPrefix(s[i:])
			continue
		}
		b.WriteString(s[i : i+n])
		i += n
	}
	return b.String()
}

// brokenPrefix returns the length of the incomplete character at the start of s, at least 1.
func brokenPrefix(s string) int {
	low, high, want := byte(0x80), byte(0xBF), 0
	switch c := s[0]; {
	case c >= 0xC2 && c <= 0xDF:
		want = 1
	case c >= 0xE0 && c <= 0xEF:
		want = 2
		if c == 0xE0 {
			low = 0xA0
		} else if c == 0xED {
			high = 0x9F
		}
	case c >= 0xF0 && c <= 0xF4:
		want = 3
		if c == 0xF0 {
			low = 0x90
		} else if c == 0xF4 {
			high = 0x8F
		}
	}
	n := 1
	for ; n <= want && n < len(s) && s[n] >= low && s[n] <= high; n++ {
		low, high = 0x80, 0xBF
	}
	return n
}

// trimPayload removes a BOM, NUL and white space around a payload. The first line with content keeps its indentation.
func trimPayload(s string) string {
	s = trimTail(s)
	start := 0 // of the first line with content
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c == '\n' || c == '\r' || c == 0:
			i++
			start = i
		case c == ' ' || c == '\t' || c == '\v' || c == '\f':
			i++
		case strings.HasPrefix(s[i:], byteOrderMark):
			i += len(byteOrderMark)
			start = i
		default:
			return s[start:]
		}
	}
	return ""
}

// trimBlanks trims white space from the start of a payload that trimPayload returned.
func trimBlanks(s string) string {
	for s != "" && (s[0] == ' ' || s[0] == '\t' || s[0] == '\v' || s[0] == '\f') { // faster than strings.TrimLeft
		s = s[1:]
	}
	return s
}

// trimIndent trims blanks and tabs from the start, faster than strings.TrimLeft.
func trimIndent(s string) string {
	for s != "" && (s[0] == ' ' || s[0] == '\t') {
		s = s[1:]
	}
	return s
}
