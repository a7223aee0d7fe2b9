package group

import "strings"

// kind is the kind of a token.
type kind uint64

const (
	word      kind = iota
	value          // a variable part
	separator      // one character of punctuation
)

// token is a part of a message: its kind, whether it directly follows the token before, and its range. They are in one integer, since a
// processor waits for a struct that was just written member by member.
type token uint64

func newToken(k kind, glued bool, start, end int) token {
	t := token(k) | token(start)<<32 | token(end)<<16
	if glued {
		t |= gluedBit
	}
	return t
}

const gluedBit = 1 << 8

func (t token) kind() kind  { return kind(t & 0xFF) }
func (t token) glued() bool { return t&gluedBit != 0 }
func (t token) start() int  { return int(t >> 32) }
func (t token) end() int    { return int(t >> 16 & 0xFFFF) }

// upTo returns the token with another end.
func (t token) upTo(end int) token { return t&^(0xFFFF<<16) | token(end)<<16 }

const (
	// maxBytes is how many bytes of a message count. The rest is probably data.
	maxBytes = 1024
	// maxTokens is how many tokens of a message a shape has.
	maxTokens = 40
	// maxQuoted is the maximum length of a quoted text. A quote without another one within that distance is an apostrophe.
	maxQuoted = 400
)

// scanner splits a message into tokens.
type scanner struct {
	s        string
	tokens   []token
	tokenBuf [64]token
	glued    bool
}

// relevantPart returns the part of a message that counts: its first line, and the second one if the first ends with a colon.
func relevantPart(message string) string {
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

// scan splits s into m.tokens.
func (m *scanner) scan(s string) {
	m.s, m.tokens, m.glued = s, m.tokenBuf[:0], false
	for i := 0; i < len(s) && len(m.tokens) < cap(m.tokenBuf); {
		switch class := classOf[s[i]]; class {
		case space:
			m.glued = false
			i++
		case quote:
			i = m.scanQuoted(i)
		case punctuation:
			m.add(separator, i, i+1)
			i++
		case nonASCII:
			i = m.scanNonASCII(i)
		default:
			if s[i] == '.' && strings.HasPrefix(s[i:], "...") {
				m.glued = false
				i += 3
				continue
			}
			i = m.scanPiece(i)
		}
	}
}

// add adds a token, unless there are too many.
func (m *scanner) add(k kind, start, end int) {
	if len(m.tokens) < cap(m.tokenBuf) {
		m.tokens = append(m.tokens, newToken(k, m.glued, start, end))
	}
	m.glued = true
}

// lastText returns the text of the last token, "" if there is none.
func (m *scanner) lastText() string {
	if n := len(m.tokens); n > 0 {
		return m.text(m.tokens[n-1])
	}
	return ""
}

// text returns the text of a token.
func (m *scanner) text(t token) string { return m.s[t.start():t.end()] }

// class classifies bytes for the scanner.
type class uint8

const (
	letter class = iota
	digit
	space
	quote
	punctuation
	nonASCII // part of a character beyond ASCII
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
			c[i] = nonASCII
		default:
			c[i] = other
		}
	}
	return c
}()

// traits is a set of properties of the bytes of a piece.
type traits uint8

const (
	hasDigit  traits = 1 << iota
	hasHex           // a letter from a to f
	hasLetter        // another letter
	hasUpper
	hasDot
	hasAt
	hasOther
	needsCheck // may end the piece
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
				t[i] = needsCheck
			}
		default:
			t[i] = needsCheck
		}
	}
	return t
}()

// isOnly reports whether t has no other traits than some.
func (t traits) isOnly(some traits) bool { return t&^some == 0 }

const letters = hasHex | hasLetter | hasUpper

// scanPiece adds the word or value that begins at i and returns its end.
func (m *scanner) scanPiece(i int) int {
	s := m.s
	var all traits
	slashes := 0
	start, end := i, i
	isPath := s[i] == '/'
scan:
	for ; end < len(s); end++ {
		c := s[end]
		t := traitsOf[c]
		if t&needsCheck == 0 {
			all |= t
			continue
		}
		switch classOf[c] {
		case space:
			break scan
		case quote:
			if c != '\'' || end == start || end+1 == len(s) || !isLetterAt(s, end-1) || !isLetterAt(s, end+1) { // not an apostrophe
				break scan
			}
			all |= hasOther
		case punctuation:
			if !isPath || c != '=' && c != ',' && c != ';' || end+1 == len(s) || classOf[s[end+1]] == space {
				break scan
			}
			all |= hasOther
		case nonASCII:
			n, what := scriptAt(s, end)
			if what != spaced {
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
				if m.endsAtColon(start, end, all, isPath) {
					break scan
				}
				all |= hasOther
			}
		}
	}
	return m.addPiece(start, end, all, slashes)
}

// endsAtColon reports whether the colon at end ends the piece: if no word follows directly, or if the piece is a key of at least three
// letters.
func (m *scanner) endsAtColon(start, end int, traits traits, isPath bool) bool {
	s := m.s
	if end+1 == len(s) || classOf[s[end+1]] == space || classOf[s[end+1]] == quote || classOf[s[end+1]] == punctuation {
		return end > start
	}
	return !isPath && end-start >= 3 && traits.isOnly(letters) && s[end+1] != ':' && s[end+1] != '/' && s[end+1] != '\\' && (end == start || s[end-1] != ':')
}

// addPiece adds a piece without the punctuation at the end of a sentence, and adds a colon after it.
func (m *scanner) addPiece(start, end int, t traits, slashes int) int {
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

func isLetterAt(s string, i int) bool { return classOf[s[i]] == letter || classOf[s[i]] == nonASCII }

// script classifies characters beyond ASCII.
type script uint8

const (
	spaced    script = iota // a letter of a script with spaces between words, such as Cyrillic
	unspaced                // a letter of a script without spaces, such as Han
	mark                    // punctuation
	openQuote               // an opening typographic quote
)

// scriptAt returns the length and the script of the character beyond ASCII at i.
func scriptAt(s string, i int) (n int, what script) {
	c := s[i]
	n = 1
	for i+n < len(s) && n < 4 && s[i+n]&0xC0 == 0x80 {
		n++
	}
	if n < 2 {
		return n, spaced
	}
	d := s[i+1]
	switch {
	case c == 0xC2 && (d == 0xAB || d == 0xBB), c == 0xE2 && d == 0x80 && n > 2 && s[i+2] >= 0x98 && s[i+2] <= 0x9F:
		return n, openQuote
	case c == 0xC2 && d <= 0xBF && d != 0xAA && d != 0xB0 && d != 0xB5 && d != 0xBA, c == 0xE2 && d >= 0x80 && d <= 0x81:
		return n, mark
	case c == 0xE3 && d == 0x80, c == 0xEF && d == 0xBC && n > 2 && s[i+2] <= 0xA0: // ideographic and full-width punctuation, full-width digits with it
		return n, mark
	case c >= 0xE3 && c <= 0xED, c == 0xEF, c == 0xF0 && d == 0xA0:
		return n, unspaced
	}
	return n, spaced
}

// scanNonASCII adds the token that begins with a character beyond ASCII at i and returns its end.
func (m *scanner) scanNonASCII(i int) int {
	s := m.s
	n, what := scriptAt(s, i)
	switch what {
	case openQuote:
		return m.scanQuoted(i)
	case mark:
		m.add(separator, i, i+n)
		return i + n
	case spaced:
		return m.scanPiece(i)
	}
	end := i + n
	for end < len(s) && classOf[s[end]] == nonASCII {
		n, next := scriptAt(s, end)
		if next != what {
			break
		}
		end += n
	}
	m.add(word, i, end)
	return end
}
