// Package printable makes control characters visible, including those that change the direction of text (Unicode Bidi_Control) and line and
// paragraph separators.
//
// With such characters a log line could clear a terminal, hide a part of itself or reorder the text around it (Unicode UAX #9, UTS #55).
package printable

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxMarks bounds the combining marks on one letter. No script needs more, and hundreds of them would cover the lines around.
const maxMarks = 6

// Text returns s with control and bidirectional characters replaced, so that it can't move a cursor or reorder a line: C0 controls become
// their symbols (from U+2400 on), other control characters U+FFFD. Tabs and line feeds remain, carriage returns are removed. No letter
// keeps more than maxMarks marks.
func Text(s string) string {
	if plain(s) {
		return s
	}
	marks := 0
	return strings.Map(func(r rune) rune {
		if !unicode.Is(unicode.M, r) {
			marks = 0
		} else if marks++; marks == maxMarks+1 {
			return utf8.RuneError
		} else if marks > maxMarks {
			return -1
		}
		switch {
		case r == '\r':
			return -1
		case r < ' ' && r != '\t' && r != '\n':
			return 0x2400 + r
		case r == 0x7F:
			return '\u2421'
		case unicode.IsControl(r) && r > 0x7F, unicode.Is(unicode.Bidi_Control, r), r == '\u2028', r == '\u2029':
			return utf8.RuneError
		}
		return r
	}, s)
}

// plain reports whether s consists of printable ASCII, tabs and line feeds, like nearly all text.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c >= 0x7F || c < ' ' && c != '\t' && c != '\n' {
			return false
		}
	}
	return true
}

// JSON returns JSON text with control characters escaped as \uXXXX, which doesn't change its value. It returns text itself if there are
// none. C0 controls in strings must already be escaped, as JSON requires.
func JSON(text []byte) []byte {
	i := indexEscaped(text, 0)
	if i == len(text) {
		return text
	}
	escaped := make([]byte, 0, len(text)+32)
	for from := 0; ; i = indexEscaped(text, from) {
		escaped = append(escaped, text[from:i]...)
		if i == len(text) {
			return escaped
		}
		r, n := utf8.DecodeRune(text[i:])
		escaped = append(escaped, '\\', 'u', hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
		from = i + n
	}
}

// Growth returns by how many bytes [JSON] lengthens the character at s[i].
func Growth(s string, i int) int {
	if n := width(s, i); n > 0 {
		return len(`\u0000`) - n
	}
	return 0
}

// Grown returns by how many bytes [JSON] lengthens s.
func Grown(s string) (n int) {
	for i := indexEscaped(s, 0); i < len(s); i = indexEscaped(s, i+1) {
		n += Growth(s, i)
	}
	return n
}

const hex = "0123456789abcdef"

// indexEscaped returns the index of the first character from i on that JSON escapes here, or len(s): DEL, C1, line separators and
// bidirectional controls, but not C0, which JSON text has escaped already. It checks eight bytes of ASCII at once, since it is called for
// every record.
func indexEscaped[T string | []byte](s T, i int) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	for i < len(s) {
		for i+8 <= len(s) {
			b := s[i : i+8]
			word := uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
				uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
			del := word ^ ones*0x7F
			if ((del-ones)&^del|word)&highs != 0 {
				break
			}
			i += 8
		}
		for end := min(i+8, len(s)); i < end; i++ {
			if leads(s[i]) && width(s, i) > 0 {
				return i
			}
		}
	}
	return len(s)
}

// leads reports whether c may begin a control character for which width is not 0. It is small enough to be inlined.
func leads(c byte) bool { return c == 0x7F || c == 0xC2 || c == 0xD8 || c == 0xE2 }

// width returns the length of the control character at i, 0 if there is none or it is a C0 control.
func width[T string | []byte](s T, i int) int {
	switch s[i] {
	case 0x7F:
		return 1
	case 0xC2: // U+0080 to U+009F, the C1 controls
		if i+1 < len(s) && 0x80 <= s[i+1] && s[i+1] < 0xA0 {
			return 2
		}
	case 0xD8: // U+061C
		if i+1 < len(s) && s[i+1] == 0x9C {
			return 2
		}
	case 0xE2:
		if i+2 >= len(s) {
			return 0
		}
		switch a, b := s[i+1], s[i+2]; {
		case a == 0x80 && (b == 0x8E || b == 0x8F || 0xA8 <= b && b <= 0xAE), // U+200E, U+200F, U+2028 to U+202E
			a == 0x81 && 0xA6 <= b && b <= 0xA9: // U+2066 to U+2069
			return 3
		}
	}
	return 0
}
