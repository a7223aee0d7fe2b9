package filter

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	// maxQuery bounds a query in code points. A longer one is probably a pasted file, and matching takes time in proportion.
	maxQuery = 2000
	// maxTerms bounds the terms of a filter for the same reason.
	maxTerms = 50
)

// Error says what is wrong with a query or with a parameter.
type Error struct {
	Message string
	// At is the position of the error in a query, in code points from 0, or -1 if the error is not in a query.
	At int
}

// Error returns the message with the position in the query.
func (e *Error) Error() string {
	if e.At < 0 {
		return e.Message
	}
	return fmt.Sprintf("%s (at character %d of the query)", e.Message, e.At+1)
}

// budget counts the terms and sizes of all queries of one filter, which share their bounds.
type budget struct {
	terms int
	size  int // the total size of regular expressions, see [node]
}

// parseQuery returns the clauses of a query. Errors have positions in q.
//
// The query is parsed in NFC, so that canonically equivalent queries mean the same.
func parseQuery(q string, used *budget) ([]clause, *Error) {
	n := len([]rune(q))
	var clauses []clause
	var err *Error
	if n <= 4*maxQuery { // an error beyond maxQuery is never reported
		p := parser{in: []rune(norm.NFC.String(q)), used: used}
		if clauses, err = p.clauses(); err != nil {
			err.At = original(q, err.At)
		}
	}
	if n > maxQuery && (err == nil || err.At >= maxQuery) {
		err = tooLong()
	}
	return clauses, err
}

func tooLong() *Error { return &Error{fmt.Sprintf("longer than %d characters", maxQuery), maxQuery} }

// original converts the position at in the NFC of q to a position in q. The result is after all code points that compose to the
// characters before at.
func original(q string, at int) int {
	runes := []rune(q)
	length := func(from, to int) int { return utf8.RuneCountInString(norm.NFC.String(string(runes[from:to]))) }
	from := 0
	for from < len(runes) {
		to := from + 1
		for to < len(runes) && runes[to] > unicode.MaxASCII { // ASCII never composes with what precedes it
			to++
		}
		if n := length(from, to); n <= at {
			from, at = to, at-n
			continue
		}
		for to = from; length(from, to+1) <= at; {
			to++
		}
		return to
	}
	return from
}

// token is a term or an operator. An operator without an operand is a word.
type token struct {
	term
	at       int
	operator string // AND or OR
	err      *Error
}

// parser reads one query.
type parser struct {
	in   []rune
	pos  int
	used *budget
}

// clauses groups the tokens: OR binds tighter than AND and the space.
func (p *parser) clauses() ([]clause, *Error) {
	var list []clause
	tokens := p.tokens()
	operator := ""
	for i, t := range tokens {
		if operator == "" && t.operator != "" && i > 0 && i+1 < len(tokens) {
			operator = t.operator
			continue
		}
		if p.used.terms++; p.used.terms > maxTerms {
			return nil, &Error{fmt.Sprintf("more than %d terms", maxTerms), t.at}
		}
		if t.err != nil {
			return nil, t.err
		}
		if operator == "OR" {
			list[len(list)-1] = append(list[len(list)-1], t.term)
		} else {
			list = append(list, clause{t.term})
		}
		operator = ""
	}
	return list, nil
}

// tokens reads tokens up to the end or to the first error.
func (p *parser) tokens() (list []token) {
	for {
		for p.pos < len(p.in) && unicode.IsSpace(p.in[p.pos]) {
			p.pos++
		}
		if p.pos == len(p.in) {
			return list
		}
		t := token{at: p.pos}
		empty := false
		empty, t.err = p.token(&t)
		if !empty {
			list = append(list, t)
		}
		if t.err != nil {
			return list
		}
	}
}

// token reads one token. empty says that there is nothing to search for, as in an empty pair of quotes.
func (p *parser) token(t *token) (empty bool, err *Error) {
	if p.in[p.pos] == '-' {
		switch next := p.peek(1); {
		case next < 0 || unicode.IsSpace(next) || next == '-' || next == '>':
			t.value = p.word()
			return false, nil
		}
		t.negated = true
		p.pos++
	}
	switch p.in[p.pos] {
	case '"':
		key := p.quoted()
		if ok, err := p.operation(&t.term, key, true); ok {
			return false, err
		}
		t.value = key
		return key == "", nil
	case '/':
		if ok, err := p.regexp(&t.term); ok {
			return false, err
		}
	default:
		start := p.pos
		if key := p.key(); key != "" {
			if ok, err := p.operation(&t.term, key, false); ok {
				return false, err
			}
		}
		p.pos = start
	}
	t.value = p.word()
	if !t.negated && isOperator(t.value) {
		t.operator = t.value
	}
	return false, nil
}

// peek returns the code point n after the position, or -1 at the end.
func (p *parser) peek(n int) rune {
	if p.pos+n < len(p.in) {
		return p.in[p.pos+n]
	}
	return -1
}

// word reads up to the next white space.
func (p *parser) word() string {
	start := p.pos
	for p.pos < len(p.in) && !unicode.IsSpace(p.in[p.pos]) {
		p.pos++
	}
	return string(p.in[start:p.pos])
}

// quoted reads a quoted text. A missing closing quote is added at the end.
func (p *parser) quoted() string {
	var b strings.Builder
	for p.pos++; p.pos < len(p.in); p.pos++ {
		c := p.in[p.pos]
		if c == '"' {
			p.pos++
			break
		}
		if next := p.peek(1); c == '\\' && (next == '"' || next == '\\') {
			p.pos++
			c = next
		}
		b.WriteRune(c)
	}
	return b.String()
}

// key reads a key without quotes. It returns "" if no key begins here.
func (p *parser) key() string {
	start := p.pos
	if !startsKey(p.in[start]) {
		return ""
	}
	for p.pos < len(p.in) && inKey(p.in[p.pos]) {
		p.pos++
	}
	return string(p.in[start:p.pos])
}

func startsKey(r rune) bool { return unicode.IsLetter(r) || strings.ContainsRune("_@$", r) }

func inKey(r rune) bool {
	return startsKey(r) || unicode.IsMark(r) || unicode.IsNumber(r) || strings.ContainsRune("-./", r)
}

// operation reads the operator and the value after a key. If they do not form a term, ok is false and the position is unchanged.
func (p *parser) operation(t *term, key string, quoted bool) (ok bool, err *Error) {
	before, saved := p.pos, *t
	t.setKey(key)
	switch c := p.peek(0); {
	case c == ':':
		p.pos++
		ok, err = p.colon(t)
	case c == '=':
		p.pos++
		ok, err = p.value(t, equals)
	case c == '!' && p.peek(1) == '=':
		p.pos += 2
		t.negated = !t.negated
		ok, err = p.value(t, equals)
	case c == '<' || c == '>':
		ok, err = p.comparison(t, quoted)
	}
	if !ok {
		p.pos, *t = before, saved
	}
	return ok, err
}

// fieldsPrefix marks a key as the path of a field even if it is also the name of a part.
const fieldsPrefix = "fields."

func (t *term) setKey(key string) {
	if t.part = partOf(key); t.part != field {
		return
	}
	t.key = key
	if len(key) > len(fieldsPrefix) && lower(key[:len(fieldsPrefix)]) == fieldsPrefix {
		t.only, t.key = true, key[len(fieldsPrefix):]
	}
}

// colon reads the value after a key and a colon.
func (p *parser) colon(t *term) (bool, *Error) {
	next := p.peek(1)
	switch c := p.peek(0); {
	case c == '*' && (next < 0 || unicode.IsSpace(next)):
		p.pos++
		t.op = present
		return true, nil
	case c == '/':
		at := p.pos
		if ok, err := p.regexp(t); ok {
			if t.part == partLevel || t.part.isNumber() {
				err = &Error{partNames[t.part] + " takes no regular expression", at}
			}
			return true, err
		}
	case (c == '<' || c == '>') && t.part.compares():
		if ok, err := p.comparison(t, false); ok {
			return true, err
		}
	}
	return p.value(t, contains)
}

// value reads the value after : or =. It sets t.op to op, or to contains if both operators mean the same for the part. It
// returns false if there is no value.
func (p *parser) value(t *term, op operator) (bool, *Error) {
	at := p.pos
	quoted := p.peek(0) == '"'
	if quoted {
		t.value = p.quoted()
	} else if t.value = p.word(); t.value == "" {
		return false, nil
	}
	if t.op = op; t.part.colonIsEqual() {
		t.op = contains
	}
	return true, t.check(at, quoted)
}

// check checks a value that was read at a position, and converts it to its canonical form.
func (t *term) check(at int, quoted bool) *Error {
	switch {
	case t.part == partLevel:
		set, err := levelList(t.value, at, quoted)
		t.value = set.String()
		return err
	case t.part.isNumber():
		if _, ok := parseNumber([]byte(t.value)); !ok {
			return &Error{quote(t.value) + " is not a number", at}
		}
	case t.part.isTime() && (t.op == equals || t.value == ""):
		if _, ok := parseMoment([]byte(t.value)); !ok {
			return notATime(t.value, at)
		}
	case t.part.isName() && !quoted:
		if before, _, wild := strings.Cut(t.value, "*"); wild {
			message := "there are no wildcards; write " + partNames[t.part] + ":/…/ with a regular expression"
			return &Error{message, at + len([]rune(before))}
		}
	}
	if t.part == partLogger && t.op == contains {
		t.value = strings.TrimRight(t.value, separators)
	}
	return nil
}

func notATime(value string, at int) *Error {
	return &Error{quote(value) + " is not a time such as 2026-11-29T16:00:00Z", at}
}

// levelList reads a list of levels that begins at a position.
func levelList(list string, at int, quoted bool) (set Levels, err *Error) {
	for {
		item, rest, more := strings.Cut(list, ",")
		if level, ok := levelOf(item); ok {
			set |= 1 << level
		} else if item != "" || set == noLevels && !more {
			return set, &Error{quote(item) + " is not a level; levels are " + levelNames + ", none", at}
		}
		if !more {
			return set, nil
		}
		list = rest
		if at += len([]rune(item)) + 1; quoted {
			at, quoted = at+1, false // only the first item follows the quote
		}
	}
}

// comparison reads <, <=, > or >= and the value behind it, and reports whether there is one. If the value can't be compared with a field,
// the whole is a word, unless it has quotes.
func (p *parser) comparison(t *term, quoted bool) (bool, *Error) {
	at, text := p.pos, string(p.in[p.pos])
	if p.pos++; p.peek(0) == '=' {
		p.pos++
		text += "="
	}
	t.op = operator(slices.Index(operatorTexts[:], text))
	valueAt := p.pos
	if p.peek(0) == '"' {
		quoted = true
		t.value = p.quoted()
	} else if t.value = p.word(); t.value == "" {
		p.pos = at
		return false, nil
	}
	err := t.checkComparison(at, valueAt)
	if err != nil && t.part == field && !quoted {
		p.pos = at
		return false, nil
	}
	return true, err
}

// checkComparison checks a value to compare with, and converts it to its canonical form.
func (t *term) checkComparison(at, valueAt int) *Error {
	switch {
	case !t.part.compares():
		return &Error{partNames[t.part] + " can't be compared; " + operatorTexts[t.op] + " needs a number, a duration, a size, a time or a level", at}
	case t.part == partLevel:
		level, ok := levelOf(t.value)
		if !ok || level == 0 {
			return &Error{quote(t.value) + " is not a level; levels are " + levelNames, valueAt}
		}
		t.value = level.String()
	case t.part.isNumber():
		if _, ok := parseNumber([]byte(t.value)); !ok {
			return &Error{quote(t.value) + " is not a number", valueAt}
		}
	case t.part.isTime():
		if _, ok := parseMoment([]byte(t.value)); !ok {
			return notATime(t.value, valueAt)
		}
	default:
		if parseQuantity([]byte(t.value)).kind == noQuantity {
			return &Error{quote(t.value) + " is not a number, a duration, a size or a time", valueAt}
		}
	}
	return nil
}

// regexp reads a regular expression. If none begins here, ok is false and the position is unchanged.
func (p *parser) regexp(t *term) (ok bool, err *Error) {
	at := p.pos
	if first := p.peek(1); first < 0 || first == '/' || unicode.IsSpace(first) {
		return false, nil
	}
	end := at + 1
	for end < len(p.in) && p.in[end] != '/' {
		if p.in[end] == '\\' {
			end++
		}
		end++
	}
	if end >= len(p.in) {
		return false, nil
	}
	after := end + 1
	ignoreCase := after < len(p.in) && p.in[after] == 'i'
	if ignoreCase {
		after++
	}
	if after < len(p.in) && !unicode.IsSpace(p.in[after]) {
		return false, nil
	}
	p.pos = after
	t.op, t.value, t.ignoreCase = matches, string(p.in[at+1:end]), ignoreCase
	n, err := parsePattern(p.in[at+1:end], at+1)
	if err == nil {
		if p.used.size += n.size; p.used.size > maxSize {
			err = &Error{patternError + "too large together", at}
		}
	}
	return true, err
}

// quote quotes a value as JSON does, with invisible characters escaped. It cuts long values, so that errors stay readable.
func quote(s string) string {
	const most = 40
	var b strings.Builder
	b.WriteByte('"')
	for i, r := range []rune(s) {
		if i == most {
			break
		}
		appendQuoted(&b, r)
	}
	b.WriteByte('"')
	return b.String()
}

func appendQuoted(b *strings.Builder, r rune) {
	if i := strings.IndexRune("\"\\\b\f\n\r\t", r); i >= 0 {
		b.WriteByte('\\')
		b.WriteByte("\"\\bfnrt"[i])
		return
	}
	if unicode.IsPrint(r) {
		b.WriteRune(r)
		return
	}
	if r > 0xFFFF {
		r -= 0x10000
		fmt.Fprintf(b, `\u%04x\u%04x`, 0xD800+r>>10, 0xDC00+r&0x3FF)
		return
	}
	fmt.Fprintf(b, `\u%04x`, r)
}
