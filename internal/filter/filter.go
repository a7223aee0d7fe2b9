// Package filter implements filters. It parses the queries that people type and the parameters of a request, prints them in a
// canonical form, and matches encoded records of the history. docs/filters.md explains the grammar by example.
//
// The page implements the same in JavaScript (view/app/query.js), and both run the test cases in testdata/*.jsonl. A rule must
// change on both sides.
//
// A filter checks every record, so it decodes only the parts of a record that it needs. It rejects most records by a search for
// one piece of ASCII text in their encoding, see [needle].
package filter

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/SupermanScott/Elva/internal/record"
)

// Filter selects records. A nil Filter selects all. It is safe for concurrent use.
type Filter struct {
	// The filter as parsed.
	clauses   []clause
	levels    Levels
	names     [len(nameParameters)][]string // including the - that excludes
	ids       []string
	from, to  bound
	matchCase bool

	// The filter as compiled.
	key       string
	selects   Levels           // the levels that the whole filter can select
	compiled  []compiledClause // the clauses that check more than the level
	selected  []nameMatcher
	idTexts   [][]byte
	idNeedles []*needle // as in compiledClause
	needed    partSet
	readers   sync.Pool
}

// bound is one end of a time range.
type bound struct {
	text string // as in the request; empty for no bound
	at   moment
}

// maxIDNeedles is the most IDs that are searched for before a record is parsed: with more, to parse it is faster.
const maxIDNeedles = 8

// compiledClause matches if one of its terms matches.
type compiledClause struct {
	terms   []*matcher
	needles []*needle // a matching record contains one of them; nil if a term has no needle
}

// ParseQuery returns the filter of a query alone. The error is an [*Error].
func ParseQuery(q string, matchCase bool) (*Filter, error) {
	f := &Filter{levels: AllLevels, matchCase: matchCase}
	clauses, err := parseQuery(q, new(budget))
	if err != nil {
		return nil, err
	}
	f.clauses = clauses
	return f, f.compile()
}

// Match reports whether the filter selects a record, given its level and its encoding in the history: compact JSON in which
// the names of the parts are not escaped.
func (f *Filter) Match(level record.Level, encoded []byte) bool {
	if f == nil {
		return true
	}
	if !f.selects.Has(level) {
		return false
	}
	if f.needed == 0 {
		return true
	}
	if !f.MayMatch(encoded) {
		return false
	}
	r := f.reader()
	defer f.readers.Put(r)
	r.reset(level)
	return !r.scan(encoded, f.needed) || f.matchParts(r) // a damaged record is better shown than lost
}

// MayMatch reports whether the filter may select a record in encoded, which is one encoding or several of them end to end. The
// result false is certain. MayMatch is many times as fast as [Filter.Match].
func (f *Filter) MayMatch(encoded []byte) bool {
	if f == nil {
		return true
	}
	for i := range f.compiled {
		if !mayContain(f.compiled[i].needles, encoded) {
			return false
		}
	}
	return mayContain(f.idNeedles, encoded)
}

// mayContain reports whether encodings may contain one of the needles, or whether there are none.
func mayContain(needles []*needle, encoded []byte) bool {
	for _, n := range needles {
		if n.in(encoded) {
			return true
		}
	}
	return len(needles) == 0
}

func (f *Filter) matchParts(r *reader) bool {
	if !f.inRange(r) {
		return false
	}
	for i := range f.selected {
		if !f.selected[i].match(r) {
			return false
		}
	}
	if f.idTexts != nil && !f.matchID(r) {
		return false
	}
	for i := range f.compiled {
		found := false
		for _, m := range f.compiled[i].terms {
			if found = m.match(r); found {
				break
			}
		}
		if !found {
			return false
		}
	}
	return true
}

// inRange reports whether the record's time, or its arrival if it has none, lies between from and to.
func (f *Filter) inRange(r *reader) bool {
	if f.from.text == "" && f.to.text == "" {
		return true
	}
	at, ok := r.when()
	return ok && f.covers(at, at)
}

// when returns the record's time, or its arrival if it has none.
func (r *reader) when() (at moment, ok bool) {
	v := r.parts[partTime]
	if v.kind != aText {
		v = r.parts[partAt]
	}
	return parseMoment(r.exact(v))
}

// covers reports whether a time range overlaps the range of the filter.
func (f *Filter) covers(from, to moment) bool {
	return (f.from.text == "" || to.compare(f.from.at) >= 0) && (f.to.text == "" || from.compare(f.to.at) < 0)
}

// matchID reports whether the record has one of the IDs of the filter.
func (f *Filter) matchID(r *reader) bool {
	for l := r.walk(partIDs); l.next(); {
		if l.isID() && containsText(f.idTexts, r.leaf()) {
			return true
		}
	}
	for l := r.fields(); l.next(); {
		if (l.kind == aText || l.kind == aNumeral) && containsText(f.idTexts, r.leaf()) {
			return true
		}
	}
	return false
}

func (f *Filter) reader() *reader {
	if r, ok := f.readers.Get().(*reader); ok {
		return r
	}
	return &reader{ignoreCase: !f.matchCase}
}

// GapInRange reports whether the filter shows a gap between two times. Only the time range of a filter can hide a gap.
func (f *Filter) GapInRange(from, to time.Time) bool {
	return f == nil || from.IsZero() || to.IsZero() || f.covers(momentOf(from), momentOf(to))
}

// Key returns a text that is the same for filters that select the same records.
func (f *Filter) Key() string {
	if f == nil {
		return ""
	}
	return f.key
}

// compile prepares the filter for [Filter.Match].
func (f *Filter) compile() error {
	ignoreCase := !f.matchCase
	f.selects = f.levels
	for _, c := range f.clauses {
		if err := f.compileClause(c); err != nil {
			return err
		}
	}
	for i, p := range nameParameters {
		if len(f.names[i]) > 0 {
			f.selected = append(f.selected, newNameMatcher(p, f.names[i], ignoreCase))
			f.needed |= 1 << p
		}
	}
	for _, id := range f.ids {
		f.idTexts = append(f.idTexts, folded(id, ignoreCase))
		f.idNeedles = append(f.idNeedles, newNeedle(folded(id, ignoreCase), ignoreCase))
		f.needed |= 1<<partIDs | 1<<field
	}
	if len(f.ids) > maxIDNeedles || slices.Contains(f.idNeedles, nil) {
		f.idNeedles = nil
	}
	if f.from.text != "" || f.to.text != "" {
		f.needed |= 1<<partTime | 1<<partAt
	}
	if utf8.RuneCountInString(f.Query()) > maxQuery { // several queries joined, or one with the quotes of its canonical form
		return tooLong()
	}
	f.key = fmt.Sprint(f, f.from.at, f.to.at) // a duration before now is another time in every request
	return nil
}

// compileClause compiles a clause. A clause of levels only narrows the set of levels instead.
func (f *Filter) compileClause(c clause) error {
	compiled := compiledClause{needles: make([]*needle, 0, len(c))}
	levels := noLevels
	onlyLevels := true
	for _, t := range c {
		m, err := compile(t, !f.matchCase)
		if err != nil {
			return err
		}
		compiled.terms = append(compiled.terms, m)
		compiled.needles = append(compiled.needles, m.needle)
		f.needed |= m.needs()
		levels |= m.levels
		onlyLevels = onlyLevels && m.part == partLevel
	}
	if onlyLevels {
		f.selects &= levels
		return nil
	}
	if slices.Contains(compiled.needles, nil) {
		compiled.needles = nil
	}
	f.compiled = append(f.compiled, compiled)
	return nil
}

// needs returns the parts that the term checks.
func (m *matcher) needs() partSet {
	switch {
	case m.part == partLevel:
		return 0
	case m.part == anyText || m.part == field && m.op == contains && m.phrases != nil:
		return shownSet
	case m.part == field && m.phrases != nil:
		return 1<<field | 1<<partMessage | 1<<partTrace
	}
	return 1 << m.part
}

// nameMatcher selects records by a name: it must be one of the included names, if there are any, and none of the excluded.
type nameMatcher struct {
	part               part
	included, excluded [][]byte
}

func newNameMatcher(p part, names []string, ignoreCase bool) (n nameMatcher) {
	n.part = p
	for _, name := range names {
		if rest, excluded := strings.CutPrefix(name, "-"); excluded {
			n.excluded = append(n.excluded, folded(rest, ignoreCase))
		} else {
			n.included = append(n.included, folded(name, ignoreCase))
		}
	}
	return n
}

func (n *nameMatcher) match(r *reader) bool {
	text, ok := r.text(n.part)
	return n.selects(text, ok)
}

// selects reports whether a record with a name is selected. ok is false if the record has no name.
func (n *nameMatcher) selects(name []byte, ok bool) bool {
	return (n.included == nil || ok && n.in(n.included, name)) && !(ok && n.in(n.excluded, name))
}

func (n *nameMatcher) in(list [][]byte, name []byte) bool {
	if n.part != partLogger {
		return containsText(list, name)
	}
	for _, above := range list {
		if within(name, above) {
			return true
		}
	}
	return false
}

func containsText(list [][]byte, text []byte) bool {
	for _, t := range list {
		if string(t) == string(text) {
			return true
		}
	}
	return false
}
