package record

import (
	"strings"

	"github.com/SupermanScott/Elva/internal/record/stack"
)

// prefix reads the columns at the start of a line in any order, for lines that have no layout of the table: a time, a level, a logger, a place,
// a thread and a process, bare, in brackets, or between separators.
type prefix struct {
	*columns
	rest         string // the text after the last column
	hasTime      bool
	thread       string
	name         string // a word that is the logger if no other column is, or else a thread
	isPunctuated bool   // whether punctuation follows the column that is read
	inside       bool   // whether rest is what is in brackets
	beforeTime   bool   // whether the time follows the column that is read
}

const (
	// maxPrefix bounds how many columns a prefix has, so that a long line costs no more than a short one.
	maxPrefix = 8
	// maxBeforeLevel is where the level begins at the latest: after a time, a host, a thread and a name.
	maxBeforeLevel = 96
)

// readPrefix decodes a line that begins with a level and at least one other column. A sentence has no such start: the level must be in
// capitals or in brackets, and the name of a logger must have a dot, or be in brackets or before punctuation beside a time.
func readPrefix(s string, c *columns) bool {
	if !hasLevel(s) {
		return false
	}
	p := prefix{columns: c, rest: trimIndent(s)}
	n := 0
	for n < maxPrefix && p.next() {
		n++
	}
	if p.name != "" && c.logger == "" {
		c.logger = p.name
	}
	if p.name != "" && c.logger != p.name {
		c.field("thread", p.name)
	}
	c.field("thread", p.thread)
	c.message = p.rest
	if n < 2 || c.level == Unknown || strings.TrimSpace(p.rest) == "" {
		c.reset()
		return false
	}
	return true
}

// hasLevel reports whether the start of a line has a level in capitals or after a bracket. It excludes most lines quickly.
func hasLevel(s string) bool {
	s = s[:min(len(s), maxBeforeLevel)]
	for i := 0; i < len(s) && s[i] != '\n'; i++ {
		switch {
		case i > 0 && isLetter(s[i-1]):
		case s[i]-'A' < 26 && i+2 < len(s) && s[i+1]-'A' < 26 && s[i+2]-'A' < 26:
			if levelOfCapitals(wordAt(s, i)) != Unknown {
				return true
			}
		case isLetter(s[i]) && i > 0 && isBracket(s[i-1:]):
			if word := wordAt(s, i); levelInText(word) != Unknown || len(word) == 1 && levelOfLetter(word) != Unknown {
				return true
			}
		}
	}
	return false
}

// next reads one column, and the separator after it.
func (p *prefix) next() bool {
	s := p.rest
	if s == "" {
		return false
	}
	if i := strings.IndexByte("[({<", s[0]); i >= 0 {
		end := strings.IndexByte(s[:min(len(s), maxLabel)], "])}>"[i])
		if end < 2 || strings.IndexByte(s[:end], '\n') >= 0 {
			return false
		}
		rest, _ := cutColumnEnd(s[end+1:])
		p.beforeTime, p.isPunctuated = p.isTime(rest), false
		return (rest != s[end+1:] || isBracket(rest)) && p.setBrackets(strings.TrimSpace(s[1:end])) && p.setRest(rest)
	}
	word, after := p.bareWord(s)
	if word == "" {
		return false
	}
	rest, isSeparate := cutColumnEnd(after)
	p.beforeTime, p.isPunctuated = p.isTime(rest), isSeparate
	isSeparate = isSeparate || p.inside || p.beforeTime || p.isColumn(rest)
	return (rest != after || p.inside && rest == "") && p.set(word, false, isSeparate) && p.setRest(rest)
}

// setRest sets the text after the last column. It returns true, so that it can follow a condition.
func (p *prefix) setRest(rest string) bool {
	p.rest = rest
	return true
}

// isBracket reports whether s begins with a bracket.
func isBracket(s string) bool { return s != "" && strings.IndexByte("[({<", s[0]) >= 0 }

// isColumn reports whether s begins with brackets or a level, before which a name is no word of a sentence.
func (p *prefix) isColumn(s string) bool {
	return isBracket(s) || p.level == Unknown && levelOfCapitals(wordAt(s, 0)) != Unknown
}

// isTime reports whether s begins with the time.
func (p *prefix) isTime(s string) bool {
	var at lineTime
	s = strings.TrimPrefix(s, "[")
	return !p.hasTime && s != "" && s[0]-'0' <= 9 && at.read(s)
}

// setBrackets sets the column or the columns that are in brackets.
func (p *prefix) setBrackets(text string) bool {
	if p.set(text, true, true) {
		return true
	}
	inner, before := *p, *p.columns
	inner.rest, inner.inside = text, true
	for n := 0; n < maxPrefix && inner.rest != "" && inner.next(); n++ {
	}
	if inner.rest != "" || p.inside {
		*p.columns = before
		return false
	}
	inner.inside = false
	*p = inner
	return true
}

// bareWord returns the time or the word at the start of s, and what follows.
func (p *prefix) bareWord(s string) (word, after string) {
	var at lineTime
	if !p.hasTime && at.read(s) {
		return s[:len(s)-len(at.rest)], at.rest
	}
	end := strings.IndexAny(s, " \t\n|;,")
	if end < 0 && p.inside {
		end = len(s)
	}
	if end <= 0 {
		return "", ""
	}
	word = strings.TrimRight(s[:end], ":")
	if level := wordAt(word, 0); level != word && levelOfCapitals(level) != Unknown && word[len(level)] == ':' { // ERROR:shop.cart:
		word = level
	}
	return word, s[len(word):]
}

// cutColumnEnd removes the separator after a column. It reports whether that is more than a blank.
func cutColumnEnd(s string) (rest string, isSeparate bool) {
	rest = trimIndent(s)
	isSeparate = strings.HasPrefix(s, "\t")
	for _, separator := range [...]string{"--", "-", "|", ";", ",", "::", ":", ">"} {
		after, ok := strings.CutPrefix(rest, separator)
		if ok && (after == "" || after[0] == ' ' || after[0] == '\t' || separator != "-" && separator != "," && separator != ">") {
			return trimIndent(after), true
		}
	}
	return rest, isSeparate
}

// set sets the column that a word is, and reports whether it is one.
func (p *prefix) set(word string, inBrackets, isSeparate bool) bool {
	var at lineTime
	switch {
	case !p.hasTime && at.read(word) && at.rest == "":
		p.hasTime = true
		p.setTime(&at, word)
		return true
	case p.level == Unknown && p.setLevel(word, inBrackets):
		return true
	case p.source == "" && stack.IsPlace(word):
		p.source = word
		return true
	case !p.hasPID && isSeparate && p.setProcess(word):
		return true
	case p.thread == "" && isSeparate && isThreadName(word):
		p.thread = word
		return true
	case p.logger == "" && isSeparate && setLoguru(p.columns, word), !isOtherName(word) && setNameOrPlace(p.columns, word, isSeparate):
		return true
	case (inBrackets || p.isPunctuated) && (p.hasTime || p.beforeTime) && p.name == "" && p.logger == "" && isIdentifier(word):
		p.name = word
		return true
	}
	return false
}

// setLevel sets the level from a word in capitals, or in brackets.
func (p *prefix) setLevel(word string, inBrackets bool) bool {
	if p.columns.level = levelOfCapitals(word); p.columns.level == Unknown && inBrackets {
		if p.columns.level = levelInText(word); len(word) == 1 {
			p.columns.level = levelOfLetter(word)
		}
	}
	return p.columns.level != Unknown
}

// levelOfCapitals returns the level that a word in capitals is.
func levelOfCapitals(word string) Level {
	if len(word) < 3 || !isUpper(word) {
		return Unknown
	}
	return levelInText(word)
}

// isOtherName reports whether a word is a mail address, a version, or the name of a host or a file.
func isOtherName(word string) bool {
	last := word[strings.LastIndexByte(word, '.')+1:]
	return strings.IndexByte(word, '@') >= 0 || last != "" && last[0]-'0' <= 9 || endings[last] || stack.IsPlace(word+":1")
}

// setProcess sets the process from "4242", "pid 4242", "pid=4242" or "shop:4242".
func (p *prefix) setProcess(word string) bool {
	name, number := "", word
	if i := strings.LastIndexAny(word, " =:["); i > 0 {
		name, number = word[:i], strings.TrimSuffix(word[i+1:], "]")
	}
	if name == "" && !p.hasTime && !p.beforeTime { // ERROR [404]
		return false
	}
	if len(number) < 2 || len(number) > 7 || !isDigits(number) || name != "" && !isIdentifier(name) {
		return false
	}
	if name != "" && !strings.EqualFold(name, "pid") {
		if p.logger != "" {
			return false
		}
		p.logger = name
	}
	return setPID(p.columns, number)
}

// isIdentifier reports whether v is one word that a program, a logger or a thread can have as its name.
func isIdentifier(v string) bool {
	for i := 0; i < len(v); i++ {
		if !isWord(v[i]) && v[i] != '-' {
			return false
		}
	}
	return len(v) > 1 && isLetter(v[0])
}

// isThreadName reports whether v is a name that libraries give to threads: main, MainThread, Thread-7, pool-1-thread-3,
// http-nio-8080-exec-1.
func isThreadName(v string) bool {
	name := strings.TrimRight(v, "0123456789")
	return v == "main" || v == "MainThread" || len(name) < len(v) && isIdentifier(name) &&
		(strings.HasSuffix(name, "hread-") || strings.HasSuffix(name, "exec-") || strings.HasPrefix(name, "worker-") || strings.HasPrefix(name, "pool-"))
}
