package group

import "strings"

// isValue reports whether a piece looks like a variable part.
func (m *scanner) isValue(piece string, t traits, slashes int) bool {
	switch {
	case t&hasDigit != 0:
		return !m.isCode(piece, t) && (t&letters == 0 || !productNames.has(piece))
	case t&(hasOther|hasDot) != 0:
		return slashes >= 2 || t&hasAt != 0 && piece[len(piece)-1] != '@' ||
			piece[0] == '/' && len(piece) > 1 || piece[0] == '~' || strings.HasPrefix(piece, "./") || piece == "/" || piece == "?" ||
			t&hasDot != 0 && t&letters != 0 && dotEndings.has(piece[strings.LastIndexByte(piece, '.')+1:]) ||
			len(piece) == 36 && t.isOnly(hasHex|hasUpper|hasOther) && strings.Count(piece, "-") == 4 // a UUID without digits
	case len(piece) >= 8 && t.isOnly(hasHex|hasUpper):
		return true
	case t&hasUpper == 0:
		return false
	case len(piece) >= 16:
		return isBase64(piece)
	}
	return len(piece) >= 5 && piece[0] <= 'Z' && piece[1] > 'Z' && weekdays.has(piece)
}

// isBase64 reports whether more than a quarter of a word's letters are upper case, and more than a quarter lower case.
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

// isCode reports whether a piece is a meaningful code: three to five digits directly after one of codeWords.
func (m *scanner) isCode(piece string, t traits) bool {
	if !t.isOnly(hasDigit) || len(piece) < 3 || len(piece) > 5 {
		return false
	}
	for i := len(m.tokens) - 1; i >= 0 && i >= len(m.tokens)-2; i-- {
		t := m.tokens[i]
		if t.kind() == separator {
			if m.s[t.start()] != '=' {
				return false
			}
			continue
		}
		return t.kind() == word && codeWords.has(m.text(t))
	}
	return false
}

// scanQuoted adds the text in quotes that begins at i and returns its end. Quoted text is a value, except for meaningful words, the method
// of a request and keys of JSON.
func (m *scanner) scanQuoted(i int) int {
	s := m.s
	openLength, closing := 1, s[i:i+1]
	if classOf[s[i]] == nonASCII {
		openLength, _ = scriptAt(s, i)
		closing = closingMark(s[i : i+openLength])
	}
	if i > 0 && m.glued && (isLetterAt(s, i-1) || classOf[s[i-1]] == digit) { // the end of a text whose opening quote was not recognized
		return i + openLength
	}
	end := closingAt(s, i+openLength, closing)
	if end < 0 {
		return i + openLength
	}
	inside := s[i+openLength : end]
	after := end + len(closing)
	switch last := m.lastText(); {
	case inside == "":
		m.add(value, i, after)
	case last == "=" || last == ":" && m.isAfterKey():
		if n := len(m.tokens); n > 1 && has(meaningKeys, m.text(m.tokens[n-2])) || last == "=" && strings.IndexByte(inside, ' ') < 0 {
			return i + openLength // its words are scanned one by one
		}
		m.add(value, i, after)
	case after < len(s) && s[after] == ':' && closing == `"` && (last == "{" || last == ","):
		m.add(word, i+openLength, end)
	case isMeaningful(inside):
		m.add(word, i+openLength, end)
	case isRequest(inside):
		method := i + openLength + strings.IndexByte(inside, ' ')
		m.add(word, i+openLength, method)
		m.glued = false
		m.add(value, method+1, end)
	default:
		m.add(value, i, after)
	}
	return after
}

// isAfterKey reports whether the last token is the colon after a key of JSON.
func (m *scanner) isAfterKey() bool {
	n := len(m.tokens)
	return n > 1 && m.tokens[n-2].end() < len(m.s) && m.s[m.tokens[n-2].end()] == '"'
}

// closingMark returns the closing quote for an opening one.
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

// closingAt returns the index of the closing quote, -1 if there is none. An apostrophe between letters doesn't close a quote.
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

// has reports whether a set contains a word, ignoring the case of ASCII letters.
func has(set map[string]bool, w string) bool {
	var text [maxMapWord]byte
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

// maxMapWord is at least the length of the longest word in a map.
const maxMapWord = 32
