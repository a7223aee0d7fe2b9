package group

import "strings"

// isValue reports whether a piece looks like what varies from record to record.
func (m *scanner) isValue(piece string, t traits, slashes int) bool {
	switch {
	case t&hasDigit != 0:
		return !m.isCode(piece, t) && (t&letters == 0 || !products.has(piece))
	case t&(hasOther|hasDot) != 0:
		return slashes >= 2 || t&hasAt != 0 && piece[len(piece)-1] != '@' ||
			piece[0] == '/' && len(piece) > 1 || piece[0] == '~' || strings.HasPrefix(piece, "./") || piece == "/" || piece == "?" ||
			t&hasDot != 0 && t&letters != 0 && endings.has(piece[strings.LastIndexByte(piece, '.')+1:]) ||
			len(piece) == 36 && t.isOnly(hasHex|hasUpper|hasOther) && strings.Count(piece, "-") == 4 // a UUID may have no digit
	case len(piece) >= 8 && t.isOnly(hasHex|hasUpper):
		return true
	case t&hasUpper == 0:
		return false
	case len(piece) >= 16:
		return isBase64(piece)
	}
	return len(piece) >= 5 && piece[0] <= 'Z' && weekdays[piece]
}

// isBase64 reports whether a long word has more than a quarter of large and of small letters each.
func isBase64(word string) bool {
	upper, lower := 0, 0
	for _, c := range []byte(word) {
		switch {
		case c-'A' < 26:
			upper++
		case c-'a' < 26:
			lower++
		}
	}
	return upper+lower == len(word) && upper*4 > len(word) && lower*4 > len(word)
}

// isCode reports whether a number is a code that has a meaning: three to five digits right behind HTTP, status, error, code or errno.
func (m *scanner) isCode(piece string, t traits) bool {
	if !t.isOnly(hasDigit) || len(piece) < 3 || len(piece) > 5 {
		return false
	}
	for i := len(m.tokens) - 1; i >= 0 && i >= len(m.tokens)-2; i-- {
		t := m.tokens[i]
		if t.kind == separator {
			if m.s[t.start] != '=' {
				return false
			}
			continue
		}
		return t.kind == word && codeWords.has(m.text(t))
	}
	return false
}

// quoted scans a text in quotes from i on and returns where to go on. What stands in free quotes is a value, but for single words that
// mean something, the method of a request and the keys of JSON.
func (m *scanner) quoted(i int) int {
	s := m.s
	open, closing := 1, s[i:i+1]
	if classOf[s[i]] == wide {
		open, _ = wideAt(s, i)
		closing = closingMark(s[i : i+open])
	}
	if i > 0 && m.glued && (isLetterAt(s, i-1) || classOf[s[i-1]] == digit) { // the end of what was no quote
		return i + open
	}
	end := closingAt(s, i+open, closing)
	if end < 0 {
		return i + open
	}
	inside := s[i+open : end]
	after := end + len(closing)
	switch last := m.last(); {
	case inside == "":
		m.add(value, i, after)
	case last == "=" || last == ":" && m.behindKey():
		if n := len(m.tokens); n > 1 && has(meaningKeys, m.text(m.tokens[n-2])) || last == "=" && strings.IndexByte(inside, ' ') < 0 {
			return i + open // its words count
		}
		m.add(value, i, after)
	case after < len(s) && s[after] == ':' && closing == `"` && (last == "{" || last == ","):
		m.add(word, i+open, end)
	case isMeaning(inside):
		m.add(word, i+open, end)
	case isRequest(inside):
		method := i + open + strings.IndexByte(inside, ' ')
		m.add(word, i+open, method)
		m.glued = false
		m.add(value, method+1, end)
	default:
		m.add(value, i, after)
	}
	return after
}

// behindKey reports whether the colon that was added last is behind a key of JSON.
func (m *scanner) behindKey() bool {
	n := len(m.tokens)
	return n > 1 && int(m.tokens[n-2].end) < len(m.s) && m.s[m.tokens[n-2].end] == '"'
}

// closingMark returns the quote that closes a typographic one.
func closingMark(open string) string {
	switch open {
	case "“", "„", "‟":
		return "”"
	case "‘", "‚", "‛":
		return "’"
	case "«":
		return "»"
	case "»":
		return "«"
	}
	return open
}

// closingAt returns where a quote closes: within bounds, and not between letters; -1 for nowhere.
func closingAt(s string, from int, closing string) int {
	limit := min(len(s), from+maxQuoted)
	for i := from; i < limit; {
		n := strings.Index(s[i:limit], closing)
		if n < 0 {
			return -1
		}
		i += n
		after := i + len(closing)
		if s[max(i-1, 0)] != '\\' && (closing != "'" || after == len(s) || !isLetterAt(s, after) || i == from) {
			return i
		}
		i = after
	}
	return -1
}

// isRequest reports whether a text is the first line of a request: "GET /x".
func isRequest(s string) bool {
	switch method, path, _ := strings.Cut(s, " "); method {
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE":
		return path != "" && (path[0] == '/' || strings.HasPrefix(path, "http"))
	}
	return false
}

// has reports whether a set has a word, in any case of ASCII.
func has(set map[string]bool, w string) bool {
	var text [maxListed]byte
	if len(w) > len(text) {
		return false
	}
	for i := 0; i < len(w); i++ {
		c := w[i]
		if c-'A' < 26 {
			c += 'a' - 'A'
		}
		text[i] = c
	}
	return set[string(text[:len(w)])]
}

// maxListed is at least the length of the longest word of the lists.
const maxListed = 32
