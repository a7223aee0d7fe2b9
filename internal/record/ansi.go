package record

import "strings"

// stripEscapes removes terminal escapes (ECMA-48): colours, cursor movement, window titles, and of an OSC 8 link all but its
// text. A sequence that has no end takes only its introducer with it, so that no text is lost.
func stripEscapes(s string) string {
	i := nextEscape(s, 0)
	if i < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	unended := false // a string sequence was found to have no end: there is none for later ones either
	for i >= 0 {
		b.WriteString(s[:i])
		s = s[i:]
		var n int
		if s[0] == 0xC2 { // U+009B, the one-character CSI
			n = 2 + controlSequence(s[2:])
		} else {
			n = escapeLength(s, &unended)
		}
		s = s[n:]
		i = nextEscape(s, 0)
	}
	b.WriteString(s)
	return b.String()
}

// nextEscape returns the index of the next ESC or U+009B, or -1.
func nextEscape(s string, from int) int {
	i := strings.IndexByte(s[from:], 0x1B)
	j := strings.Index(s[from:], "\u009B")
	if j >= 0 && (i < 0 || j < i) {
		return from + j
	}
	if i < 0 {
		return -1
	}
	return from + i
}

// escapeLength returns the length of the sequence at the start of s, which is an ESC.
func escapeLength(s string, unended *bool) int {
	if len(s) < 2 {
		return 1
	}
	switch c := s[1]; {
	case c == '[':
		return 2 + controlSequence(s[2:])
	case c == ']' || c == 'P' || c == 'X' || c == '^' || c == '_':
		if *unended {
			return 2
		}
		for i := 2; i < len(s); i++ {
			switch {
			case s[i] == 0x07 && c == ']':
				return i + 1
			case s[i] == 0x1B && i+1 < len(s) && s[i+1] == '\\':
				return i + 2
			case s[i] == 0x1B || s[i] == '\n': // another sequence or line: this one was broken off
				return 2
			}
		}
		*unended = true
		return 2
	case c >= ' ' && c <= '/': // intermediates, then a final: ESC ( B
		i := 2
		for i < len(s) && s[i] >= ' ' && s[i] <= '/' {
			i++
		}
		if i < len(s) && s[i] >= '0' && s[i] <= '~' {
			return i + 1
		}
		return 1
	case c >= '0' && c <= '~':
		return 2
	}
	return 1
}

// controlSequence returns the length of the parameters, intermediates and final of a CSI sequence, or 0 when it has no final.
func controlSequence(s string) int {
	i := 0
	for i < len(s) && s[i] >= '0' && s[i] <= '?' {
		i++
	}
	for i < len(s) && s[i] >= ' ' && s[i] <= '/' {
		i++
	}
	if i < len(s) && s[i] >= '@' && s[i] <= '~' {
		return i + 1
	}
	return 0
}
