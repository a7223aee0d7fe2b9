package group

import "strings"

// kind is what a token is.
type kind uint8

const (
	word      kind = iota
	value          // what varies from record to record
	separator      // one character of punctuation
)

// token is a part of a message.
type token struct {
	kind       kind
	glued      bool   // nothing stands between it and the token before
	start, end uint16 // where it is in the message, of which maxBytes count
}

const (
	// maxBytes is how much of a message counts: what is further on is data.
	maxBytes = 1024
	// maxTokens is how many tokens are told apart by their position; those behind count in order only.
	maxTokens = 40
	// maxQuoted is how long a text in quotes may be: further on the quote is taken for an apostrophe.
	maxQuoted = 400
)

// scanner cuts a message into tokens.
type scanner struct {
	s      string
	tokens []token
	room   [64]token
	glued  bool
}

// head returns what counts of a message: its first line, with the next one if it ends in a colon.
func head(message string) string {
	s := message
	if i := strings.IndexByte(s, '\n'); i >= 0 {
		if strings.HasSuffix(strings.TrimRight(s[:i], " \r"), ":") {
			if j := strings.IndexByte(s[i+1:], '\n'); j >= 0 {
				s = s[:i+1+j]
			}
		} else {
			s = s[:i]
		}
	}
	if len(s) > maxBytes {
		s = s[:maxBytes]
		if i := strings.LastIndexByte(s, ' '); i > 0 {
			s = s[:i]
		}
	}
	return s
}

// scan cuts the message.
func (m *scanner) scan(s string) {
	m.s, m.tokens, m.glued = s, m.room[:0], false
	for i := 0; i < len(s) && len(m.tokens) < cap(m.room); {
		switch class := classOf[s[i]]; class {
		case space:
			m.glued = false
			i++
		case quote:
			i = m.quoted(i)
		case punctuation:
			m.add(separator, i, i+1)
			i++
		case wide:
			i = m.wide(i)
		default:
			if s[i] == '.' && strings.HasPrefix(s[i:], "...") {
				m.glued = false
				i += 3
				continue
			}
			i = m.piece(i)
		}
	}
}

func (m *scanner) add(k kind, start, end int) {
	if len(m.tokens) < cap(m.room) {
		m.tokens = append(m.tokens, token{kind: k, glued: m.glued, start: uint16(start), end: uint16(end)})
	}
	m.glued = true
}

// last returns the text of the last token, or "".
func (m *scanner) last() string {
	if n := len(m.tokens); n > 0 {
		return m.text(m.tokens[n-1])
	}
	return ""
}

// text returns the text of a token.
func (m *scanner) text(t token) string { return m.s[t.start:t.end] }

// class is what a byte is for the scanner.
type class uint8

const (
	letter class = iota
	digit
	space
	quote
	punctuation
	wide // begins a character beyond ASCII
	other
)

var classOf = func() (c [256]class) {
	for i := range c {
		switch b := byte(i); {
		case b|0x20 >= 'a' && b|0x20 <= 'z':
			c[i] = letter
		case b >= '0' && b <= '9':
			c[i] = digit
		case b <= ' ' || b == 0x7F:
			c[i] = space
		case strings.IndexByte("'\"`", b) >= 0:
			c[i] = quote
		case strings.IndexByte("=,;()[]{}<>|", b) >= 0:
			c[i] = punctuation
		case b >= 0x80:
			c[i] = wide
		default:
			c[i] = other
		}
	}
	return c
}()

// traits are what is known of the bytes of a piece, as bits.
type traits uint8

const (
	hasDigit  traits = 1 << iota
	hasHex           // a letter from a to f
	hasLetter        // another letter
	hasUpper
	hasDot
	hasAt
	hasOther
	stops // the byte needs a look: it may end the piece
)

var traitsOf = func() (t [256]traits) {
	for i := range t {
		switch b := byte(i); classOf[i] {
		case digit:
			t[i] = hasDigit
		case letter:
			t[i] = hasLetter
			if b|0x20 <= 'f' {
				t[i] = hasHex
			}
			if b < 'a' {
				t[i] |= hasUpper
			}
		case other:
			t[i] = hasOther
			if strings.IndexByte(`/\@.:`, b) >= 0 {
				t[i] = stops
			}
		default:
			t[i] = stops
		}
	}
	return t
}()

// isOnly reports whether there are no other traits than some.
func (t traits) isOnly(some traits) bool { return t&^some == 0 }

const letters = hasHex | hasLetter | hasUpper

// piece scans a word or a value from i on and returns where it ends.
func (m *scanner) piece(i int) int {
	s := m.s
	var all traits
	slashes := 0
	start, end := i, i
	isPath := s[i] == '/'
scan:
	for ; end < len(s); end++ {
		c := s[end]
		t := traitsOf[c]
		if t&stops == 0 {
			all |= t
			continue
		}
		switch classOf[c] {
		case space:
			break scan
		case quote:
			if c != '\'' || end == start || end+1 == len(s) || !isLetterAt(s, end-1) || !isLetterAt(s, end+1) { // no apostrophe
				break scan
			}
			all |= hasOther
		case punctuation:
			if !isPath || c != '=' && c != ',' && c != ';' || end+1 == len(s) || classOf[s[end+1]] == space {
				break scan
			}
			all |= hasOther
		case wide:
			n, what := wideAt(s, end)
			if what != latin {
				break scan
			}
			all |= hasLetter
			end += n - 1
		default:
			switch c {
			case '/', '\\':
				slashes++
				isPath = isPath || c == '/' && end > start && s[end-1] == '/'
				all |= hasOther
			case '@':
				all |= hasOther
				if end > start {
					all |= hasAt
				}
			case '.':
				if strings.HasPrefix(s[end:], "...") {
					break scan
				}
				all |= hasDot
			case ':':
				if m.splits(start, end, all, isPath) {
					break scan
				}
				all |= hasOther
			}
		}
	}
	return m.finish(start, end, all, slashes)
}

// splits reports whether the colon at end ends the piece: at a word's end, and behind a key of three letters or more.
func (m *scanner) splits(start, end int, t traits, isPath bool) bool {
	s := m.s
	if end+1 == len(s) || classOf[s[end+1]] == space || classOf[s[end+1]] == quote || classOf[s[end+1]] == punctuation {
		return end > start
	}
	return !isPath && end-start >= 3 && t.isOnly(letters) && s[end+1] != ':' && s[end+1] != '/' && s[end+1] != '\\' && (end == start || s[end-1] != ':')
}

// finish adds a piece without the marks that end a sentence, and the colon behind it.
func (m *scanner) finish(start, end int, t traits, slashes int) int {
	s := m.s
	trimmed := end
	for trimmed > start && (s[trimmed-1] == '.' || s[trimmed-1] == '!' || s[trimmed-1] == '?' && trimmed-start > 1) {
		trimmed--
	}
	if trimmed > start {
		k := word
		if m.isValue(s[start:trimmed], t, slashes) {
			k = value
		}
		m.add(k, start, trimmed)
	}
	if end == start { // a colon alone
		m.add(separator, end, end+1)
		return end + 1
	}
	if end < len(s) && s[end] == ':' {
		m.add(separator, end, end+1)
		return end + 1
	}
	return end
}

func isLetterAt(s string, i int) bool { return classOf[s[i]] == letter || classOf[s[i]] == wide }

// script is what a character beyond ASCII is.
type script uint8

const (
	latin    script = iota // and all that is written with spaces
	han                    // and all that is written without
	numeral                // a digit of another script
	mark                   // punctuation of another script
	openMark               // a typographic quote that opens
)

// wideAt reads the character beyond ASCII at i.
func wideAt(s string, i int) (n int, what script) {
	c := s[i]
	n = 1
	for i+n < len(s) && n < 4 && s[i+n]&0xC0 == 0x80 {
		n++
	}
	if n < 2 {
		return n, latin
	}
	d := s[i+1]
	switch {
	case c == 0xC2 && (d == 0xAB || d == 0xBB), c == 0xE2 && d == 0x80 && n > 2 && s[i+2] >= 0x98 && s[i+2] <= 0x9F:
		return n, openMark
	case c == 0xC2 && d <= 0xBF && d != 0xAA && d != 0xB0 && d != 0xB5 && d != 0xBA, c == 0xE2 && d >= 0x80 && d <= 0x81:
		return n, mark
	case c == 0xD9 && d >= 0xA0 && d <= 0xA9, c == 0xDB && d >= 0xB0 && d <= 0xB9, c == 0xE0 && d == 0xA5 && n > 2 && s[i+2] >= 0xA6 && s[i+2] <= 0xAF:
		return n, numeral
	case c == 0xE3 && d == 0x80:
		return n, mark
	case c == 0xEF && d == 0xBC && n > 2:
		switch {
		case s[i+2] >= 0x90 && s[i+2] <= 0x99:
			return n, numeral
		case s[i+2] <= 0x8F || s[i+2] <= 0xA0:
			return n, mark
		}
		return n, han
	case c >= 0xE3 && c <= 0xED, c == 0xEF, c == 0xF0 && d == 0xA0:
		return n, han
	}
	return n, latin
}

// wide scans what begins with a character beyond ASCII.
func (m *scanner) wide(i int) int {
	s := m.s
	n, what := wideAt(s, i)
	switch what {
	case openMark:
		return m.quoted(i)
	case mark:
		m.add(separator, i, i+n)
		return i + n
	case latin:
		return m.piece(i)
	}
	end := i + n
	for end < len(s) && classOf[s[end]] == wide {
		n, next := wideAt(s, end)
		if next != what {
			break
		}
		end += n
	}
	if what == numeral {
		m.add(value, i, end)
	} else {
		m.add(word, i, end)
	}
	return end
}
