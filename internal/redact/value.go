package redact

import "strings"

// scanAssigned hides the value after the sign s[i] if there is a name before it, and returns where the scan continues.
func (r *redactor) scanAssigned(i int) int {
	s := r.s
	ends := &endsName
	if s[i] == ',' {
		ends = &endsHeader
	}
	if c := s[i]; c == '>' && i > 0 && (s[i-1] == '"' || s[i-1] == '\'') {
		return r.hideElement(i)
	} else if c != '\'' && !endsLikeName(s, i, ends) && (c != ':' || !strings.HasPrefix(s[i:], "://")) {
		return i + 1
	}
	switch s[i] {
	case ':':
		if strings.HasPrefix(s[i:], "://") {
			return r.hideURLPassword(i)
		}
	case '>':
		return r.hideElement(i)
	case ',':
		return r.hideListedHeader(i)
	case '\'': // PASSWORD 'x', PASSWORD('x'), IDENTIFIED BY 'x'
		if i < 2 || s[i-1] != ' ' && s[i-1] != '(' {
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
			return r.hidePair(i, n)
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
	if after := r.hideValue(skipBlanks(s, from), k, n, s[i], from < len(s) && isBlank(s[from])); after > from {
		return after
	}
	return from
}

// name is the name before a value.
type name struct {
	text  string
	start int
	quote quote // the quotes around it
	outer byte  // the quote before an unquoted name, as in 'Authorization: …'
}

// quote is a quote with the number of backslashes before it, which is 1, 3, 7 … in strings inside strings.
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
	for start > 0 && end-start < maxName && (isWord(s[start-1]) || s[start-1] == '-' || s[start-1] == '.') {
		start--
	}
	if start > 0 && s[start-1] == '\\' && start < end && strings.IndexByte("nrt", s[start]) >= 0 {
		start++ // skips the letter of an escape
	}
	if start > 0 && n.quote.char == 0 && (s[start-1] == '"' || s[start-1] == '\'') {
		n.outer = s[start-1]
	}
	n.text, n.start = s[start:end], start
	return n
}

// hidePair hides the value of an object whose members are a name and a value: {"name":"password","value":"x"}, {"key":…,"value":{"stringValue":…}}.
func (r *redactor) hidePair(i int, n name) int {
	s := r.s
	before := n.start - n.quote.escapes - 1
	for before > 0 && isBlank(s[before-1]) {
		before--
	}
	if before < 1 || s[before-1] != ',' {
		return i + 1
	}
	nameBeforePair := nameBefore(s, before-1)
	k := kindOf(nameBeforePair.text)
	if colon := strings.TrimRight(s[:max(nameBeforePair.start-nameBeforePair.quote.escapes-1, 0)], " "); k == none || nameBeforePair.quote.char == 0 || !strings.HasSuffix(colon, ":") {
		return i + 1
	}
	from := skipBlanks(s, i+1)
	if from < len(s) && s[from] == '{' {
		k = header // hides all of the object
	}
	return max(r.hideValue(from, k, n, ':', true), i+1)
}

// hideListedHeader hides the value of a header in a list of names and values: ["Cookie", "a=b"], (b'authorization', b'Basic …').
func (r *redactor) hideListedHeader(i int) int {
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

// endsLikeName reports whether the text before s[end] may end with the name of a secret. It rejects most names quickly.
func endsLikeName(s string, end int, ends *[32 * 32]bool) bool {
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
	return end > 1 && ends[endingIndex(s[end-2:end])]
}

// openQuote returns the quote at s[i], which may have a prefix as in Python, and the index after it.
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

// quoteEnd returns where a quoted text ends: before the backslashes of its closing quote, or if it is not closed, at the end of its line or of
// the JSON string that contains it.
func (r *redactor) quoteEnd(from int, q quote) (end int, closed bool) {
	s, backslashes := r.s, 0
	for i := from; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			backslashes++
			continue
		case c == q.char && backslashes%(2*(q.escapes+1)) == q.escapes:
			return i - q.escapes, true
		case c == '"' && r.isJSON && (backslashes < q.escapes || q.char == '\'' && backslashes%2 == 0):
			return i - backslashes, false
		case c == '\n' && q.char == '\'':
			return i, false
		}
		backslashes = 0
	}
	return len(s), false
}

// hideValue hides the value at s[i] of a name, and returns the index after it, or i if there is none.
func (r *redactor) hideValue(i int, k kind, n name, sign byte, spaced bool) int {
	s := r.s
	if i >= len(s) {
		return i
	}
	if q, from := openQuote(s, i); q.char != 0 {
		if q.char == n.outer { // a closing quote
			return i
		}
		return r.hideQuoted(from, q, k)
	}
	if s[i] == '[' || s[i] == '{' || s[i] == '(' {
		return r.hideNested(i, k, n)
	}
	if inside := skipWrapper(s, i); inside > i {
		if q, from := openQuote(s, inside); q.char != 0 {
			return r.hideQuoted(from, q, k)
		}
	}
	if n.quote.char == '"' {
		return r.hideNumber(i, k, n.quote)
	}
	return r.hidePlain(i, k, n, sign, spaced)
}

// skipWrapper returns the index inside what other languages write around an optional text or before a text: Some("x"), string(7) "x".
func skipWrapper(s string, i int) int {
	for _, wrapper := range []string{"Some(", "Just ", "Just(", "string(", "Ok("} {
		if !strings.HasPrefix(s[i:], wrapper) {
			continue
		}
		i += len(wrapper)
		length := i
		for length < len(s) && classOf[s[length]] == digit {
			length++
		}
		if length > i && strings.HasPrefix(s[length:], ") ") {
			i = length + 2
		}
		return i
	}
	return i
}

// hideQuoted hides a value in quotes.
func (r *redactor) hideQuoted(from int, q quote, k kind) int {
	to, _ := r.quoteEnd(from, q)
	v := r.s[from:to]
	if !isSecret(v, k) {
		return from
	}
	if strings.HasPrefix(v, "%") && r.isJSON && isHidden(v) {
		r.noteArgument(from)
	}
	return r.hide(from, to)
}

// isSecret reports whether a delimited text can be a secret of a kind.
func isSecret(v string, k kind) bool {
	switch k {
	case shortCode:
		return isCode(v)
	case countable:
		return !isNumber(v)
	}
	return k != session
}

// hideNested replaces a value in brackets as a whole and returns the index at which to continue: after it, or inside it if nothing was
// replaced. It replaces an object only if it is the value of a header, since the members have names of their own.
func (r *redactor) hideNested(i int, k kind, n name) int {
	s := r.s
	if k == shortCode || k == session || s[i] == '{' && k != header {
		return i + 1
	}
	end, hasText := r.bracketEnd(i, n.quote)
	switch {
	case n.quote.char == 0: // as printed by Go and Ruby
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

// bracketEnd returns the index after the bracket that closes the one at i, or the end of the string that contains it, and whether there is
// quoted text inside. outer is the quote of the name before it.
func (r *redactor) bracketEnd(i int, outer quote) (end int, hasText bool) {
	s, depth := r.s, 0
	for i < len(s) {
		if q, from := openQuote(s, i); q.char != 0 {
			if r.isJSON && q.char == '"' && (outer.char != '"' || q.escapes < outer.escapes) {
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

// hideNumber hides a JSON number.
func (r *redactor) hideNumber(i int, k kind, q quote) int {
	end := i
	for end < len(r.s) && (isWord(r.s[end]) || strings.IndexByte("+-.", r.s[end]) >= 0) {
		end++
	}
	v := r.s[i:end]
	if !isNumber(v) || k == countable || len(v) < 4 && k != shortCode || !isCode(v) && k == shortCode || k == session {
		return max(end, i+1)
	}
	mark := strings.Repeat(`\`, q.escapes) + string(q.char)
	return r.replace(i, end, mark+Replacement+mark)
}

// hidePlain hides a value without quotes.
func (r *redactor) hidePlain(i int, k kind, n name, sign byte, spaced bool) int {
	s := r.s
	end := plainEnd(s, i)
	v := s[i:end]
	switch {
	case v == "":
		return i
	case k == header:
		return r.hideHeader(i, end, n, sign)
	case k == shortCode && !isCode(v), k == session && (sign != '=' || spaced || len(v) < 8), k == countable && (sign != '=' || !looksRandom(v)):
		return i
	case k == session && n.text == "code" && (n.start == 0 || s[n.start-1] != '?' && s[n.start-1] != '&' || len(v) < 16 || !hasDigit(v)): // an error code
		return i
	case isNumber(v) && len(v) < 4 && k != shortCode:
		return end
	case (strings.HasSuffix(n.text, "pwd") || strings.HasSuffix(n.text, "PWD")) && (v[0] == '/' || v[0] == '~' || len(v) > 2 && v[1] == ':'): // the working directory
		return i
	case strings.IndexByte(v, '.') > 0 && isPath(v) && kindOf(v) != none: // source code: token = request.token
		return end
	case sign == ':' && spaced && (isProse(v) || k == token && !looksRandom(v)):
		return i
	}
	if v[0] == '%' && r.isJSON && isHidden(v) {
		r.noteArgument(i)
	}
	return r.hide(i, end)
}

// plainEnd returns the end of a value without quotes.
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

// hideHeader hides the value of Authorization or Cookie without quotes: the rest of the line, or after "=" only a word, with a scheme before
// it.
func (r *redactor) hideHeader(i, end int, n name, sign byte) int {
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
		if c == '\n' || c == '\r' || n.outer != 0 && c == n.outer || r.isJSON && c == '"' && s[end-1] != '\\' {
			break
		}
		if c == '\\' && end+1 < len(s) && (strings.IndexByte("nr", s[end+1]) >= 0 || s[end+1] == n.outer || s[end+1] == '"') {
			break
		}
	}
	return r.hide(i, end)
}

// hideElement hides the text of the XML element whose tag ends at s[i], as in <password>x</password>. It returns the index to continue at.
func (r *redactor) hideElement(i int) int {
	n := nameBefore(r.s, i)
	if n.quote.char != 0 { // <password type="x">
		n = elementBefore(r.s, n.start)
	}
	if n.quote.char != 0 || n.start < 1 || r.s[n.start-1] != '<' && r.s[n.start-1] != ':' || kindOf(n.text) == none {
		return i + 1
	}
	end := strings.IndexByte(r.s[i:], '<')
	if end < 0 || !isSecret(r.s[i+1:i+end], kindOf(n.text)) {
		return i + 1
	}
	return r.hide(i+1, i+end)
}

// elementBefore returns the name of the element whose attributes s[i] is in.
func elementBefore(s string, i int) name {
	const window = 200 // longer attributes are not looked over
	start := strings.LastIndexByte(s[max(i-window, 0):i], '<')
	if start < 0 {
		return name{}
	}
	start += max(i-window, 0) + 1
	end := start
	for end < len(s) && (isWord(s[end]) || s[end] == ':') {
		end++
	}
	return nameBefore(s, end)
}
