package redact

import (
	"slices"
	"strings"
)

// noteArgument notes that the argument for the conversion at s[i] is a secret. python-redis-log publishes messages and arguments separately.
func (r *redactor) noteArgument(i int) {
	start := i
	for start > 0 && (r.s[start-1] != '"' || start > 1 && r.s[start-2] == '\\') {
		start--
	}
	n := 0
	for j := start; j < i; j++ {
		if r.s[j] == '%' {
			if j+1 < len(r.s) && r.s[j+1] == '%' {
				j++
				continue
			}
			n++
		}
	}
	r.arguments = append(r.arguments, n)
}

// hideArguments replaces the elements with those indexes in the list "args".
func hideArguments(s string, numbers []int) string {
	at := strings.Index(s, `"args"`)
	if at < 0 {
		return s
	}
	i := skipBlanks(s, at+len(`"args"`))
	if i >= len(s) || s[i] != ':' {
		return s
	}
	if i = skipBlanks(s, i+1); i >= len(s) || s[i] != '[' {
		return s
	}
	r := redactor{s: s, isJSON: true}
	end, _ := r.bracketEnd(i, quote{char: '"'})
	var b strings.Builder
	b.WriteString(s[:i+1])
	i++
	for n := 0; i < end-1; n++ {
		from := min(skipBlanks(s, i), end-1)
		i = r.elementEnd(from, end-1)
		if slices.Contains(numbers, n) && s[from] != '{' && s[from] != '[' && !strings.HasPrefix(s[from:i], "null") {
			b.WriteString(`"` + Replacement + `"`)
		} else {
			b.WriteString(s[from:i])
		}
		if i < end-1 {
			b.WriteString(", ")
			i++ // the comma
		}
	}
	b.WriteString(s[max(i, 0):])
	return b.String()
}

// elementEnd returns the end of the element at i of a list that ends at end.
func (r *redactor) elementEnd(i, end int) int {
	s, depth := r.s, 0
	for i < end {
		switch s[i] {
		case '"':
			to, closed := r.quoteEnd(i+1, quote{char: '"'})
			if !closed {
				return end
			}
			i = to
		case '[', '{':
			depth++
		case ']', '}':
			depth--
		case ',':
			if depth == 0 {
				return i
			}
		}
		i++
	}
	return end
}
