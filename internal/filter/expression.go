package filter

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"unicode/utf8"
)

const (
	// maxPattern bounds the length of q and re.
	maxPattern = 1000
	// maxPatterns bounds that of all of them together. Parsing takes memory in proportion to it, at most 4 KB a byte (\pL\pL…).
	maxPatterns = 2000
	// maxCost bounds what all expressions of a request compile to, and so what matching them takes: at most 6.5 ns for each byte of a
	// record and unit, 3.5 s for a record of 256 KiB, and 1 MB of memory. A word of a thousand letters costs a thousand.
	maxCost = 2000
)

// compiler compiles the expressions of one request, within bounds that hold for all of them together. Whatever compiles an expression
// goes through it.
type compiler struct{ length, cost int }

// compile compiles expr, which was made of the value given of the parameter name. Go's own bounds let a kilobyte of text compile to
// 20 MB, after using 100.
func (c *compiler) compile(name, given, expr string) (*regexp.Regexp, error) {
	if len(given) > maxPattern {
		return nil, fmt.Errorf("%s= is %d bytes long, at most %d are taken", name, len(given), maxPattern)
	}
	if c.length += len(given); c.length > maxPatterns {
		return nil, fmt.Errorf("q= and re= are more than %d bytes long together", maxPatterns)
	}
	if !utf8.ValidString(given) {
		return nil, fmt.Errorf("%s=%q is not valid UTF-8", name, given)
	}
	tree, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return nil, fmt.Errorf("%s=%q is not a regular expression that Go reads: %w", name, given, err)
	}
	if c.cost += cost(tree); c.cost > maxCost {
		return nil, fmt.Errorf("%s=%.60q is too large, or all of q= and re= are together: repeat less", name, given)
	}
	re, err := regexp.Compile(expr)
	if err != nil { // it was parsed above
		return nil, fmt.Errorf("%s=%q: %w", name, given, err)
	}
	return re, nil
}

// cost estimates what re compiles to, in instructions that match one character, before anything is compiled. Larger costs than maxCost
// need not be exact.
func cost(re *syntax.Regexp) int {
	switch re.Op {
	case syntax.OpLiteral:
		return len(re.Rune)
	case syntax.OpCharClass:
		return classCost(len(re.Rune))
	}
	n := 2 // an alternative, a loop, the ends of a group
	for _, sub := range re.Sub {
		if n += cost(sub); n > maxCost {
			return n
		}
	}
	if re.Op == syntax.OpRepeat {
		n *= max(re.Min, re.Max, 1) // at most 1,000, and so is the product of nested ones
	}
	return n
}

// classCost is the cost of a class of so many bounds of ranges: each character is looked up in it, by bisection if there are more than
// four ranges, and they take memory.
func classCost(bounds int) int {
	if bounds <= 8 {
		return 4
	}
	return 7 + bounds/100
}
