package redact

import "strings"

// assigned reads what may be behind a name: the value after s[i].
func (r *redactor) assigned(i int) int {
	s := r.s
	ends := &mayEnd
	if s[i] == ',' {
		ends = &mayEndHeader
	}
	if c := s[i]; c != '\'' && !mayEndName(s, i, ends) && (c != ':' || !strings.HasPrefix(s[i:], "://")) {
		return i + 1
	}
	switch s[i] {
	case ':':
		if strings.HasPrefix(s[i:], "://") {
			return r.url(i)
		}
	case '>':
		return r.element(i)
	case ',':
		return r.listed(i)
	case '\'': // PASSWORD 'x', IDENTIFIED BY 'x'
		if i < 2 || s[i-1] != ' ' {
			return i + 1
		}
		if n := nameBefore(s, i-1); kindOf(n.text) == password || strings.HasSuffix(s[:i-1], "IDENTIFIED BY") {
			from := i + 1
			to, _ := r.quoteEnd(from, quote{'\'', 0})
			return r.hide(from, to)
		}
		return i + 1
	}
	n := nameBefore(s, i)
	k := kindOf(n.text)
	if k == none {
		if n.quote.char != 0 && strings.EqualFold(n.text, "value") {
			return r.paired(i, n)
		}
		return i + 1
	}
	from := i + 1
	for from < len(s) && (s[from] == '=' || s[from] == '>') { // := and =>
		if s[i] == '=' && s[from] == '=' { // a comparison
			return from + 1
		}
		from++
	}
	if after := r.value(skipBlanks(s, from), k, n, s[i], from < len(s) && isBlank(s[from])); after > from {
		return after
	}
	return from
}

// name is the name before a value.
type name struct {
	text  string
	start int
	quote quote // that it is in
	outer byte  // the quote before an unquoted name: 'Authorization: …'
}

// quote is a quote with the backslashes before it, of which there are 1, 3, 7 … in strings inside strings.
type quote struct {
	char    byte // 0 for none
	escapes int
}

// nameBefore returns the name that ends before s[end]: password, "password", \"password\", user[password].
func nameBefore(s string, end int) (n name) {
	for end > 0 && (s[end-1] == ' ' || s[end-1] == '\t') {
		end--
	}
	if end > 0 && s[end-1] == ']' {
		end--
	}
	if end > 0 && (s[end-1] == '"' || s[end-1] == '\'') {
		n.quote.char = s[end-1]
		end--
		for end > 0 && s[end-1] == '\\' {
			n.quote.escapes++
			end--
		}
	}
	start := end
	for start > 0 && end-start < longestName && (isWord(s[start-1]) || s[start-1] == '-' || s[start-1] == '.') {
		start--
	}
	if start > 0 && s[start-1] == '\\' && start < end && strings.IndexByte("nrt", s[start]) >= 0 {
		start++ // the letter of an escape
	}
	if start > 0 && n.quote.char == 0 && (s[start-1] == '"' || s[start-1] == '\'') {
		n.outer = s[start-1]
	}
	n.text, n.start = s[start:end], start
	return n
}

// paired hides the value of a pair whose name is a value, too: {"name":"password","value":"x"}, {"key":…,"value":{"stringValue":…}}.
func (r *redactor) paired(i int, n name) int {
	s := r.s
	before := n.start - n.quote.escapes - 1
	for before > 0 && isBlank(s[before-1]) {
		before--
	}
	if before < 1 || s[before-1] != ',' {
		return i + 1
	}
	of := nameBefore(s, before-1)
	k := kindOf(of.text)
	if colon := strings.TrimRight(s[:max(of.start-of.quote.escapes-1, 0)], " "); k == none || of.quote.char == 0 || !strings.HasSuffix(colon, ":") {
		return i + 1
	}
	from := skipBlanks(s, i+1)
	if from < len(s) && s[from] == '{' {
		k = header // all of it
	}
	return max(r.value(from, k, n, ':', true), i+1)
}

// listed hides the value of a header in a list of names and values: ["Cookie", "a=b"], (b'authorization', b'Basic …').
func (r *redactor) listed(i int) int {
	n := nameBefore(r.s, i)
	if n.quote.char == 0 || kindOf(n.text) != header {
		return i + 1
	}
	q, from := openQuote(r.s, skipBlanks(r.s, i+1))
	if q.char == 0 {
		return i + 1
	}
	to, _ := r.quoteEnd(from, q)
	if v := r.s[from:to]; !looksRandom(v) && !strings.ContainsAny(v, "= ") {
		return i + 1
	}
	return r.hide(from, to)
}

// mayEndName reports whether what stands before s[end] ends as the name of a secret does. Most names are passed by here.
func mayEndName(s string, end int, ends *[32 * 32]bool) bool {
	for end > 0 && !isWord(s[end-1]) {
		switch s[end-1] {
		case '"', '\'', '\\', ' ', '\t', ']':
			end--
		default:
			return false
		}
	}
	for end > 1 && classOf[s[end-1]] == digit {
		end--
	}
	return end > 1 && ends[ending(s[end-2:end])]
}

// openQuote reads a quote at s[i], with the prefix of Python's bytes before it, and returns the index behind it.
func openQuote(s string, i int) (q quote, after int) {
	if i+1 < len(s) && (s[i] == 'b' || s[i] == 'u' || s[i] == 'r') && (s[i+1] == '\'' || s[i+1] == '"') {
		i++
	}
	for i < len(s) && s[i] == '\\' {
		q.escapes++
		i++
	}
	if i < len(s) && (s[i] == '"' || s[i] == '\'') {
		q.char = s[i]
		return q, i + 1
	}
	return quote{}, i
}

// quoteEnd returns where a text in quotes ends: before the backslashes of the closing quote, and whether there is one. What is not closed
// ends with the string of JSON that it is in, or with its line.
func (r *redactor) quoteEnd(from int, q quote) (end int, closed bool) {
	s, backslashes := r.s, 0
	for i := from; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			backslashes++
			continue
		case c == q.char && backslashes%(2*(q.escapes+1)) == q.escapes:
			return i - q.escapes, true
		case c == '"' && r.json && (backslashes < q.escapes || q.char == '\'' && backslashes%2 == 0):
			return i - backslashes, false
		case c == '\n' && q.char == '\'':
			return i, false
		}
		backslashes = 0
	}
	return len(s), false
}

// value hides the value at s[i] of a name of a kind, and returns the index behind it, or i if there is none.
func (r *redactor) value(i int, k kind, n name, sign byte, spaced bool) int {
	s := r.s
	if i >= len(s) {
		return i
	}
	if q, from := openQuote(s, i); q.char != 0 {
		if q.char == n.outer { // it closes what is around the name
			return i
		}
		return r.quoted(from, q, k)
	}
	if s[i] == '[' || s[i] == '{' || s[i] == '(' {
		return r.nested(i, k, n)
	}
	if n.quote.char == '"' {
		return r.literal(i, k, n.quote)
	}
	return r.plain(i, k, n, sign, spaced)
}

// quoted hides a value in quotes.
func (r *redactor) quoted(from int, q quote, k kind) int {
	to, _ := r.quoteEnd(from, q)
	v := r.s[from:to]
	if !isSecret(v, k) {
		return from
	}
	if strings.HasPrefix(v, "%") && r.json && isHidden(v) {
		r.argument(from)
	}
	return r.hide(from, to)
}

// isSecret reports whether a text that stands apart can be a secret of a kind.
func isSecret(v string, k kind) bool {
	switch k {
	case short:
		return isCode(v)
	case counted:
		return !isNumber(v)
	}
	return k != session
}

// nested hides a value in brackets: all of a list, but of an object only that of a header, since its members have names of their own.
func (r *redactor) nested(i int, k kind, n name) int {
	s := r.s
	if k == short || k == session || s[i] == '{' && k != header {
		return i + 1
	}
	end, hasText := r.bracketEnd(i, n.quote)
	switch {
	case n.quote.char == 0: // Go's and Ruby's
		if s[i] == '{' && strings.HasPrefix(s[i:], "{{") {
			return i + 1
		}
		return r.hide(i+1, max(end-1, i+1))
	case !hasText || strings.Contains(s[i:end], Replacement) && end-i < 2*len(Replacement):
		return i + 1
	}
	mark := strings.Repeat(`\`, n.quote.escapes) + string(n.quote.char)
	return r.replace(i, end, mark+Replacement+mark)
}

// bracketEnd returns the index behind the bracket that closes the one at i, or the end of the string around it, and whether there is text
// in quotes inside. outer is the quote of the name before it.
func (r *redactor) bracketEnd(i int, outer quote) (end int, hasText bool) {
	s, depth := r.s, 0
	for i < len(s) {
		if q, from := openQuote(s, i); q.char != 0 {
			if r.json && q.char == '"' && (outer.char != '"' || q.escapes < outer.escapes) {
				return i, hasText
			}
			var closed bool
			if i, closed = r.quoteEnd(from, q); !closed {
				return i, true
			}
			hasText = true
			i += q.escapes + 1
			continue
		}
		switch s[i] {
		case '[', '{', '(':
			depth++
		case ']', '}', ')':
			if depth--; depth == 0 {
				return i + 1, hasText
			}
		}
		i++
	}
	return i, hasText
}

// literal hides a number of JSON.
func (r *redactor) literal(i int, k kind, q quote) int {
	end := i
	for end < len(r.s) && (isWord(r.s[end]) || strings.IndexByte("+-.", r.s[end]) >= 0) {
		end++
	}
	v := r.s[i:end]
	if !isNumber(v) || k == counted || len(v) < 4 && k != short || !isCode(v) && k == short || k == session {
		return max(end, i+1)
	}
	mark := strings.Repeat(`\`, q.escapes) + string(q.char)
	return r.replace(i, end, mark+Replacement+mark)
}

// plain hides a value without quotes.
func (r *redactor) plain(i int, k kind, n name, sign byte, spaced bool) int {
	s := r.s
	end := plainEnd(s, i)
	v := s[i:end]
	switch {
	case v == "":
		return i
	case k == header:
		return r.header(i, end, n, sign)
	case k == short && !isCode(v), k == session && (sign != '=' || spaced || len(v) < 8), k == counted && (sign != '=' || !looksRandom(v)):
		return i
	case isNumber(v) && len(v) < 4 && k != short:
		return end
	case (strings.HasSuffix(n.text, "pwd") || strings.HasSuffix(n.text, "PWD")) && (v[0] == '/' || v[0] == '~' || len(v) > 2 && v[1] == ':'): // the working directory
		return i
	case sign == ':' && spaced && (isProse(v) || k == token && !looksRandom(v)):
		return i
	}
	if v[0] == '%' && r.json && isHidden(v) {
		r.argument(i)
	}
	return r.hide(i, end)
}

// plainEnd returns where a value without quotes ends.
func plainEnd(s string, i int) int {
	if strings.HasPrefix(s[i:], Replacement) {
		return i + len(Replacement)
	}
	for ; i < len(s); i++ {
		switch c := s[i]; c {
		case ' ', '\t', '\n', '\r', '"', '\'', '<', '|', '&', ',', ';':
			return i
		case ')', ']', '}', '>':
			if i+1 == len(s) || !isWord(s[i+1]) {
				return i
			}
		case '\\':
			if i+1 < len(s) && strings.IndexByte(`nrt"'u`, s[i+1]) >= 0 {
				return i
			}
			i++
		}
	}
	return min(i, len(s))
}

// header hides what is behind Authorization or Cookie without quotes: all of the line, or behind "=" a scheme and a word.
func (r *redactor) header(i, end int, n name, sign byte) int {
	s := r.s
	first := s[i:end]
	scheme := isScheme(first)
	if sign == '=' {
		if scheme {
			i = skipBlanks(s, end)
			end = plainEnd(s, i)
		}
		return r.hide(i, end)
	}
	if !scheme && !looksRandom(first) && strings.IndexByte(first, '=') <= 0 {
		return i
	}
	if scheme {
		i = skipBlanks(s, end)
	}
	for end = i; end < len(s); end++ {
		c := s[end]
		if c == '\n' || c == '\r' || n.outer != 0 && c == n.outer || r.json && c == '"' && s[end-1] != '\\' {
			break
		}
		if c == '\\' && end+1 < len(s) && (strings.IndexByte("nr", s[end+1]) >= 0 || s[end+1] == n.outer || s[end+1] == '"') {
			break
		}
	}
	return r.hide(i, end)
}

// element hides what is in an element of XML: <password>x</password>.
func (r *redactor) element(i int) int {
	n := nameBefore(r.s, i)
	before := i - len(n.text) - 1
	if n.quote.char != 0 || before < 0 || r.s[before] != '<' || kindOf(n.text) == none {
		return i + 1
	}
	end := strings.IndexByte(r.s[i:], '<')
	if end < 0 || !isSecret(r.s[i+1:i+end], kindOf(n.text)) {
		return i + 1
	}
	return r.hide(i+1, i+end)
}
