package filter

import (
	"slices"
	"strings"

	"github.com/SupermanScott/Elva/internal/record"
)

// Query returns the query in its canonical form. [ParseQuery] parses it to an equal filter.
func (f *Filter) Query() string { return strings.Join(f.Clauses(), " ") }

// Clauses returns the clauses of the query in their canonical form. Joined by spaces they are the query.
func (f *Filter) Clauses() []string {
	if f == nil {
		return nil
	}
	list := printClauses(f.clauses, false)
	// A value with a leading slash may become a regular expression together with a later slash.
	if parsed, err := parseQuery(strings.Join(list, " "), new(budget)); err != nil || !slices.EqualFunc(parsed, f.clauses, slices.Equal[clause]) {
		list = printClauses(f.clauses, true)
	}
	return list
}

func printClauses(clauses []clause, quoteSlashes bool) (list []string) {
	for _, c := range clauses {
		var terms []string
		for _, t := range c {
			terms = append(terms, t.print(quoteSlashes))
		}
		list = append(list, strings.Join(terms, " OR "))
	}
	return list
}

// print returns the text of a term with only the quotes that are needed to parse it back to the same term.
func (t term) print(quoteSlashes bool) string {
	quoteKey := isOperator(t.key)
	quoteValue := isOperator(t.value) || quoteSlashes && t.op == contains && strings.HasPrefix(t.value, "/")
	for _, quotes := range [...]struct{ key, value bool }{{false, false}, {false, true}, {true, false}} {
		if quoteKey && !quotes.key || quoteValue && !quotes.value {
			continue
		}
		text := t.write(quotes.key, quotes.value)
		p := parser{in: []rune(text), used: new(budget)}
		if tokens := p.tokens(); len(tokens) == 1 && tokens[0].err == nil && tokens[0].operator == "" && tokens[0].term == t {
			return text
		}
	}
	return t.write(true, true)
}

func isOperator(s string) bool { return s == "AND" || s == "OR" }

func (t term) write(quoteKey, quoteValue bool) string {
	var b strings.Builder
	if t.negated {
		b.WriteByte('-')
	}
	switch key := t.key; {
	case t.part == anyText:
	case t.part == field:
		if t.only {
			key = fieldsPrefix + key
		}
		if quoteKey {
			key = inQuotes(key)
		}
		b.WriteString(key)
	default:
		b.WriteString(partNames[t.part])
	}
	if t.part != anyText {
		b.WriteString(operatorTexts[t.op])
	}
	switch {
	case t.op == matches:
		b.WriteString("/" + t.value + "/")
		if t.ignoreCase {
			b.WriteByte('i')
		}
	case t.op == present:
	case quoteValue:
		b.WriteString(inQuotes(t.value))
	default:
		b.WriteString(t.value)
	}
	return b.String()
}

func inQuotes(s string) string {
	return `"` + strings.NewReplacer(`"`, `\"`, `\`, `\\`).Replace(s) + `"`
}

// String returns the parameters of the filter in their canonical form, as a URL query.
func (f *Filter) String() string {
	if f == nil {
		return ""
	}
	var b strings.Builder
	add := func(name, value string) {
		if value == "" {
			return
		}
		if b.Len() > 0 {
			b.WriteByte('&')
		}
		b.WriteString(name + "=")
		encode(&b, value)
	}
	add("level", f.levels.parameter())
	for i, p := range nameParameters {
		for _, name := range f.names[i] {
			add(partNames[p], name)
		}
	}
	for _, id := range f.ids {
		add("id", id)
	}
	add("from", f.from.text)
	add("to", f.to.text)
	if f.matchCase {
		add("case", "1")
	}
	add("q", f.Query())
	return b.String()
}

// parameter returns the value of the parameter level for the set. It is empty for all levels.
func (l Levels) parameter() string {
	if l == AllLevels {
		return ""
	}
	for level := record.Trace; level <= record.Critical; level++ {
		switch l {
		case andWorse(level):
			return level.String()
		case 1 << level:
			return level.String() + ","
		}
	}
	return l.String()
}

// encode writes a value with percent-encoding.
func encode(b *strings.Builder, value string) {
	const hex = "0123456789ABCDEF"
	for _, c := range []byte(value) {
		switch {
		case c == ' ':
			b.WriteByte('+')
		case isAlphanumeric(rune(c)) || strings.IndexByte("-._~:/,", c) >= 0:
			b.WriteByte(c)
		default:
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		}
	}
}
