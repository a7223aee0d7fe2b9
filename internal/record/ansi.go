package record

import "strings"

// stripEscapes removes terminal escapes (ECMA-48): colours, cursor movement, window titles, and of an OSC 8 link all but its
// text. A sequence that has no end takes only its introducer with it, so that no text is lost.
func stripEscapes(s string) string {
	esc := strings.IndexByte(s, 0x1B)
	csi := strings.Index(s, oneByteCSI)
	if esc < 0 && csi < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	unended := false // a string sequence was found to have no end: there is none for later ones either
	i := 0
	for {
		// Each is looked for again only once it is passed, so that the text is read once for each of the two.
		if esc >= 0 && esc < i {
			esc = indexFrom(s, i, "\x1b")
		}
		if csi >= 0 && csi < i {
			csi = indexFrom(s, i, oneByteCSI)
		}
		switch {
		case esc < 0 && csi < 0:
			b.WriteString(s[i:])
			return b.String()
		case esc < 0 || csi >= 0 && csi < esc:
			b.WriteString(s[i:csi])
			i = csi + len(oneByteCSI)
			i += controlSequence(s[i:])
		default:
			b.WriteString(s[i:esc])
			i = esc + escapeLength(s[esc:], &unended)
		}
	}
}

// oneByteCSI is the control sequence introducer as one character (one byte in ISO 8859, hence the name).
const oneByteCSI = "\u009B"

// indexFrom is strings.Index from an index on.
func indexFrom(s string, i int, what string) int {
	if j := strings.Index(s[i:], what); j >= 0 {
		return i + j
	}
	return -1
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
