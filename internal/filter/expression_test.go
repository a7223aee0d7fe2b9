package filter

import (
	"net/url"
	"regexp/syntax"
	"strings"
	"testing"
)

func TestParse_ExpressionsAreBoundedTogether(t *testing.T) {
	word := strings.Repeat("w", 999)
	for _, c := range []struct {
		name  string
		query url.Values
		want  string // in the error; "" if it is taken
	}{
		{"a long word", url.Values{"q": {word}}, ""},
		{"two long words", url.Values{"q": {word, word}}, ""},
		{"three long words", url.Values{"q": {word, word, word}}, "q= and re= are more than 2000 bytes long together"},
		{"a UUID", url.Values{"re": {`\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b`}}, ""},
		{"an address", url.Values{"re": {`\b(?:\d{1,3}\.){3}\d{1,3}:\d{1,5}\b`}}, ""},
		{"letters of any script", url.Values{"re": {`(?i)^\p{Lu}\p{Ll}+ \pL{1,40}$`}}, ""},
		{"many expressions", url.Values{"re": strings.Fields(strings.Repeat("time.ut (refused|reset) ", 9))}, ""},
		{"a large count", url.Values{"re": {"(?:ab?){900}"}}, "is too large, or all of q= and re= are together: repeat less"},
		{"counts in counts", url.Values{"re": {"(?:(?:(?:a?){10}){10}){10}"}}, "too large"},
		{"counts beyond Go's", url.Values{"re": {"(?:a{1000}){1000}"}}, "not a regular expression that Go reads"},
		{"a word and a count", url.Values{"q": {word}, "re": {"a{999}"}}, "re=\"a{999}\" is too large"},
		{"classes", url.Values{"re": {strings.Repeat(`\pL`, 300)}}, "too large"},
		{"a hundred and one values", url.Values{"host": strings.Fields(strings.Repeat("a ", 101))}, "the filter has more than 100 values"},
		{"nine kilobytes", url.Values{"host": {strings.Repeat("a", 9000)}}, "the filter is longer than 8000 bytes"},
	} {
		_, err := Parse(c.query)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %.200v, want %q", c.name, err, c.want)
		}
	}
}

// FuzzCost compares the estimated cost of an expression with what it compiles to.
func FuzzCost(f *testing.F) {
	for _, expr := range []string{"a", "(a?){99}", "(?i)k+", `(?:\pL|[^a-z]{3,9}){20}?`, "a{0}", "(?:){1000}", "(((((x)))))*", "^$|\\b", "a{2,}", "[a-zA-Z0-9_-éü]{1,50}"} {
		f.Add(expr)
	}
	f.Fuzz(func(t *testing.T, expr string) {
		if len(expr) > maxPattern {
			return
		}
		var c compiler
		if _, err := c.compile("re", expr, expr); err != nil {
			return
		}
		tree, err := syntax.Parse(expr, syntax.Perl)
		if err != nil {
			t.Fatalf("%q was taken: %v", expr, err)
		}
		program, err := syntax.Compile(tree.Simplify())
		if err != nil {
			t.Fatalf("%q was taken: %v", expr, err)
		}
		runes := 0
		for _, i := range program.Inst {
			runes += len(i.Rune)
		}
		// Two instructions that match nothing begin and end a program.
		if n := len(program.Inst); n > 2*c.cost+8 || runes > 100*c.cost+100 {
			t.Errorf("%q was taken for a cost of %d: %d instructions, %d bounds of ranges", expr, c.cost, n, runes)
		}
	})
}
