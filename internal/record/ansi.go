package record

import "strings"

// stripEscapes removes terminal escapes (ECMA-48): colors, cursor movement, window titles, and OSC 8 links except for their text. Of a sequence
// without an end it removes only the introducer, so that no text is lost.
func stripEscapes(s string) string {
	i := nextEscape(s, 0)
	if i < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	unended := false // whether a string sequence has no end; then later ones have none, either
	from := 0
	for ; i >= 0; i = nextEscape(s, from) {
		b.WriteString(s[from:i])
		if s[i] == escape {
			from = i + escapeLength(s[i:], &unended)
		} else {
			from = i + c1Length(s[i:], &unended)
		}
	}
	b.WriteString(s[from:])
	return b.String()
}

const (
	escape = 0x1B
	// c1Lead is the first byte of the C1 controls in UTF-8: introducers as one character.
	c1Lead = 0xC2
)

// nextEscape returns the index of the first introducer from i on, or -1.
func nextEscape(s string, i int) int {
	esc := strings.IndexByte(s[i:], escape)
	end := len(s)
	if esc >= 0 {
		esc += i
		end = esc
	}
	for j := i; j < end; j += 2 {
		c1 := strings.IndexByte(s[j:end], c1Lead)
		if c1 < 0 {
			break
		}
		j += c1
		if j+1 < len(s) && isC1Introducer(s[j+1]) {
			return j
		}
	}
	return esc
}

// isC1Introducer reports whether the second byte of a C1 control makes it DCS, SOS, CSI, ST, OSC, PM or APC.
func isC1Introducer(c byte) bool { return c == 0x90 || c == 0x98 || c >= 0x9B && c <= 0x9F }

// c1Length returns the length of the sequence at the start of s, whose introducer is a C1 control.
func c1Length(s string, unended *bool) int {
	switch s[1] {
	case 0x9B:
		return 2 + controlSequence(s[2:])
	case 0x9C:
		return 2
	}
	return stringLength(s, s[1] == 0x9D, unended)
}

// stringLength returns the length of a string sequence whose introducer has two bytes: up to ST, or for an OSC also up to BEL. It is 2 if the
// sequence has no end.
func stringLength(s string, isOSC bool, unended *bool) int {
	if *unended {
		return 2
	}
	for i := 2; i < len(s); i++ {
		switch {
		case s[i] == 0x07 && isOSC:
			return i + 1
		case s[i] == escape && i+1 < len(s) && s[i+1] == '\\', s[i] == c1Lead && i+1 < len(s) && s[i+1] == 0x9C:
			return i + 2
		case s[i] == escape || s[i] == '\n': // another sequence or line begins
			return 2
		}
	}
	*unended = true
	return 2
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
		return stringLength(s, c == ']', unended)
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

// unescapeControls restores escapes that rsyslog has replaced, as in "#033[31m".
func unescapeControls(s string) string {
	if !strings.Contains(s, "#033[") {
		return s
	}
	return strings.ReplaceAll(s, "#033[", "\x1b[")
}

// dropOverwritten removes text that a carriage return overwrites, such as earlier states of a progress bar. Line ends remain unchanged.
func dropOverwritten(s string) string {
	i := strings.IndexByte(s, '\r')
	for i >= 0 && i+1 < len(s) && s[i+1] == '\n' { // CRLF is a line end
		next := strings.IndexByte(s[i+1:], '\r')
		if next < 0 {
			return s
		}
		i += 1 + next
	}
	if i < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for line := range strings.Lines(s) {
		text := strings.TrimRight(line, "\r\n")
		b.WriteString(text[strings.LastIndexByte(text, '\r')+1:])
		end := line[len(text):]
		b.WriteString(strings.TrimLeft(strings.TrimSuffix(end, "\r\n"), "\r"))
		if strings.HasSuffix(end, "\r\n") {
			b.WriteString("\r\n")
		}
	}
	return b.String()
}

// cleanText returns a text without terminal escapes and overwritten text.
func cleanText(s string) string { return dropOverwritten(stripEscapes(s)) }

// normalizeLineEnds replaces CRLF by LF.
func normalizeLineEnds(s string) string {
	if strings.IndexByte(s, '\r') < 0 {
		return s
	}
	return strings.ReplaceAll(s, "\r\n", "\n")
}
