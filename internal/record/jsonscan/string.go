package jsonscan

import (
	"math/bits"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Eight bytes are checked in one step. In the result, the high bit of each matching byte is set.
const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

func load64(s string, i int) uint64 {
	b := s[i : i+8]
	return uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
		uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
}

// special marks the bytes of w that end a string's plain part: a quote, a backslash, a control character. Only the
// lowest mark is exact.
func special(w uint64) uint64 {
	quote, slash := w^(ones*'"'), w^(ones*'\\')
	return ((quote-ones)&^quote | (slash-ones)&^slash | (w-ones*' ')&^w) & highs
}

// PlainEnd returns the index of the first byte from i on that is a quote, a backslash or a control character.
func PlainEnd(s string, i int) int {
	for i+8 <= len(s) {
		if m := special(load64(s, i)); m != 0 {
			return i + bits.TrailingZeros64(m)>>3
		}
		i += 8
	}
	for i < len(s) && s[i] != '"' && s[i] != '\\' && s[i] >= ' ' {
		i++
	}
	return i
}

// StringEnd checks a string and returns the index of the quote that ends the string whose contents start at i, or -1.
func StringEnd(s string, i int) (int, Flags) {
	var f Flags
	for {
		i = PlainEnd(s, i)
		if i >= len(s) || s[i] < ' ' {
			return -1, 0
		}
		if s[i] == '"' {
			return i, f
		}
		f |= Escaped
		i++
		if i >= len(s) {
			return -1, 0
		}
		switch s[i] {
		case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
			i++
		case 'u':
			u := hex4(s, i+1)
			if u < 0 {
				return -1, 0
			}
			i += 5
			if u&0xF800 == 0xD800 {
				if u < 0xDC00 && i+1 < len(s) && s[i] == '\\' && s[i+1] == 'u' {
					if low := hex4(s, i+2); low&^0x3FF == 0xDC00 {
						i += 6
						continue
					}
				}
				f |= Unclean
			}
		default:
			return -1, 0
		}
	}
}

// hex4 returns the value of four hexadecimal digits at i, or -1.
func hex4(s string, i int) int {
	n, err := strconv.ParseUint(s[i:min(i+4, len(s))], 16, 16)
	if err != nil || i+4 > len(s) {
		return -1
	}
	return int(n)
}

// HexDigit returns the value of a hexadecimal digit, or -1.
func HexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// Unescape returns the contents of a JSON string that StringEnd has accepted. A lone surrogate becomes U+FFFD.
func Unescape(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for {
		i := strings.IndexByte(s, '\\')
		if i < 0 {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:i])
		c := s[i+1]
		s = s[i+2:]
		switch c {
		case 'b':
			b.WriteByte('\b')
		case 'f':
			b.WriteByte('\f')
		case 'n':
			b.WriteByte('\n')
		case 'r':
			b.WriteByte('\r')
		case 't':
			b.WriteByte('\t')
		case 'u':
			u := rune(hex4(s, 0))
			s = s[4:]
			if utf16.IsSurrogate(u) {
				low := rune(0)
				if len(s) >= 6 && s[0] == '\\' && s[1] == 'u' {
					low = rune(hex4(s, 2))
				}
				if u = utf16.DecodeRune(u, low); u != utf8.RuneError {
					s = s[6:]
				}
			}
			b.WriteRune(u)
		default:
			b.WriteByte(c)
		}
	}
}

// Contents returns the contents of a string with quotes.
func Contents(raw string) string {
	raw = raw[1 : len(raw)-1]
	if strings.IndexByte(raw, '\\') >= 0 {
		return Unescape(raw)
	}
	return raw
}
