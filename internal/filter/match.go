package filter

import (
	"bytes"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/SupermanScott/Elva/internal/record"
)

// separators are the characters that separate the levels of a logger's name. The separator "::" counts as two.
const separators = ".:/"

// matcher is a compiled term.
type matcher struct {
	term
	levels   Levels   // for a term of levels: those that it selects, negation included
	text     []byte   // the folded value
	path     []byte   // the folded path of a field
	phrases  [][]byte // the forms in which a field and its value may appear in a message
	quantity quantity
	regexp   *regexp.Regexp
	needle   *needle // a text that the encoding of every matching record contains; nil if there is none
}

// compile compiles a term that [parser] has accepted.
func compile(t term, ignoreCase bool) (*matcher, error) {
	m := &matcher{term: t, text: folded(t.value, ignoreCase), path: folded(t.key, ignoreCase)}
	if m.value == "" && m.op == contains {
		m.op = equals
	}
	switch {
	case m.part == partLevel:
		if m.levels = levelsOf(t); t.negated {
			m.levels, m.negated = AllLevels&^m.levels, false
		}
	case m.op == matches:
		n, bad := parsePattern([]rune(t.value), 0)
		if bad != nil {
			return nil, bad
		}
		var err error
		if m.regexp, err = n.compile(ignoreCase, t.ignoreCase); err != nil {
			return nil, err
		}
		m.needle = newNeedle(n.required(), ignoreCase || t.ignoreCase)
	default:
		m.quantity = parseQuantity([]byte(t.value))
	}
	if m.part == field && !m.only && m.value != "" {
		switch m.op {
		case contains:
			m.phrases = [][]byte{folded(t.key+":"+t.value, ignoreCase)}
		case equals:
			m.phrases = [][]byte{folded(t.key+"="+t.value, ignoreCase), folded(t.key+`="`+t.value+`"`, ignoreCase)}
		}
	}
	m.needle = m.bestNeedle(ignoreCase)
	return m, nil
}

func folded(s string, ignoreCase bool) []byte { return appendFolded(nil, []byte(s), ignoreCase) }

// levelsOf returns the levels that a term selects.
func levelsOf(t term) (set Levels) {
	if t.op == present {
		return AllLevels &^ (1 << record.Unknown)
	}
	for name := range strings.SplitSeq(t.value, ",") {
		if level, ok := levelOf(name); ok && t.op.compares() {
			set |= compared(t.op, level)
		} else if ok {
			set |= 1 << level
		}
	}
	return set
}

// match reports whether a record satisfies the term.
func (m *matcher) match(r *reader) bool { return m.test(r) != m.negated }

func (m *matcher) test(r *reader) bool {
	switch {
	case m.part == anyText:
		return r.anyShown(m.found)
	case m.part == field:
		return m.testField(r)
	case m.part == partLevel:
		return m.levels.Has(r.level)
	case m.part == partIDs:
		return m.testIDs(r)
	case m.part.isNumber():
		return m.testNumber(r.parts[m.part])
	}
	text, ok := r.text(m.part)
	if ok && (m.op.compares() || m.op == equals && m.part.isTime()) {
		at, ok := parseMoment(r.exact(r.parts[m.part]))
		return ok && m.ordered(at.compare(m.quantity.time))
	}
	return m.testText(text, ok)
}

// testText tests the text of a part. ok is false if the record does not have the part.
func (m *matcher) testText(text []byte, ok bool) bool {
	switch {
	case !ok || m.op == present:
		return ok
	case m.op == matches:
		return m.regexp.Match(text)
	case m.op == equals || m.part.colonIsEqual():
		return bytes.Equal(text, m.text)
	case m.part == partLogger:
		return within(text, m.text)
	}
	return bytes.Contains(text, m.text)
}

// ordered reports whether a value satisfies the term. order is the result of comparing it with the term's value.
func (m *matcher) ordered(order int) bool {
	return m.op.compares() && m.op.holds(order) || !m.op.compares() && order == 0
}

// within reports whether a logger is above or one of its descendants.
func within(logger, above []byte) bool {
	rest, ok := bytes.CutPrefix(logger, above)
	return ok && (len(rest) == 0 || strings.IndexByte(separators, rest[0]) >= 0)
}

func (m *matcher) testNumber(v value) bool {
	if v.kind != aNumeral || m.op == present {
		return v.kind == aNumeral
	}
	number, ok := parseNumber(v.raw)
	return ok && m.ordered(number.compare(m.quantity.number))
}

func (m *matcher) testIDs(r *reader) bool {
	for l := r.walk(partIDs); l.next(); {
		if !l.isID() {
			continue
		}
		id := r.leaf()
		if m.op == present || m.op == matches && m.regexp.Match(id) || m.op != matches && bytes.Equal(id, m.text) {
			return true
		}
	}
	return false
}

// found reports whether a text contains the term's value or matches its regular expression.
func (m *matcher) found(text []byte) bool {
	if m.op == matches {
		return m.regexp.Match(text)
	}
	return bytes.Contains(text, m.text)
}

// anyShown reports whether found returns true for one of the texts that the page shows for a record.
func (r *reader) anyShown(found func([]byte) bool) bool {
	for _, p := range shown {
		if text, ok := r.text(p); ok && found(text) {
			return true
		}
	}
	for l := r.fields(); l.next(); {
		if found(r.shownLeaf()) {
			return true
		}
	}
	return false
}

// testField tests the leaves at the path and below it. If none matches, it searches the texts for the term as it is written.
func (m *matcher) testField(r *reader) bool {
	for l := r.fields(); l.next(); {
		rest, ok := bytes.CutPrefix(l.path, m.path)
		if ok && (len(rest) == 0 || rest[0] == '.') && m.testLeaf(r, len(rest) == 0) {
			return true
		}
	}
	switch {
	case m.phrases == nil:
		return false
	case m.op == contains:
		return r.anyShown(func(text []byte) bool { return bytes.Contains(text, m.phrases[0]) })
	}
	for _, p := range [...]part{partMessage, partTrace} {
		text, _ := r.text(p)
		if standsAlone(text, m.phrases[0]) || standsAlone(text, m.phrases[1]) {
			return true
		}
	}
	return false
}

// testLeaf tests the current leaf. exact says that it is at the path itself and not below it.
func (m *matcher) testLeaf(r *reader, exact bool) bool {
	kind := r.leaves.kind
	switch m.op {
	case present:
		return kind != aNull
	case matches:
		return m.regexp.Match(r.leaf())
	case contains:
		if kind == aText {
			return bytes.Contains(r.leaf(), m.text)
		}
		return m.equalsLeaf(r)
	case equals:
		return exact && m.equalsLeaf(r)
	}
	if !exact {
		return false
	}
	var q quantity
	switch kind {
	case aText:
		q = parseQuantity(r.exact(r.leaves.value))
	case aNumeral:
		var ok bool
		if q.number, ok = parseNumber(r.leaves.raw); ok {
			q.kind = aNumber
		}
	}
	return q.kind == m.quantity.kind && q.kind != noQuantity && m.op.holds(q.compare(&m.quantity))
}

// equalsLeaf reports whether the current leaf equals the value, as a text or as a number.
func (m *matcher) equalsLeaf(r *reader) bool {
	if bytes.Equal(r.leaf(), m.text) {
		return true
	}
	if r.leaves.kind != aNumeral || m.quantity.kind != aNumber {
		return false
	}
	number, ok := parseNumber(r.leaves.raw)
	return ok && number.compare(m.quantity.number) == 0
}

// standsAlone reports whether a text contains a phrase as a whole: no character of a key precedes it, and the end of the text
// or a character that may follow a value comes after it.
func standsAlone(text, phrase []byte) bool {
	for from := 0; ; {
		i := bytes.Index(text[from:], phrase)
		if i < 0 {
			return false
		}
		start := from + i
		before, size := utf8.DecodeLastRune(text[:start])
		behind, left := utf8.DecodeRune(text[start+len(phrase):])
		if (size == 0 || !inKey(before)) && (left == 0 || unicode.IsSpace(behind) || strings.ContainsRune(`,;)]}&"'`, behind)) {
			return true
		}
		from = start + 1
	}
}
