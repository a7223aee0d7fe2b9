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
	// maxPatterns bounds the length of all of them together. Parsing takes up to 4 KB of memory a byte (\pL\pL…), and up to 0.3 ms of
	// time (ranges of characters with (?i)).
	maxPatterns = 2000
	// maxCost bounds the size of all expressions of a request, and so what it takes to match them: at most 1 MB of memory, and 6.5 ns for
	// each byte of a record and unit of cost, which is 3.5 s for a record of 256 KiB. A word of a thousand letters costs a thousand.
	maxCost = 2000
)

// compiler compiles the expressions of one request within bounds for all of them together. All expressions must be compiled by it.
type compiler struct{ length, cost int }

// compile compiles expr, which stands for the value given of the parameter name. Go's own bounds are too large: they let a kilobyte of
// text take 100 MB to compile and 20 MB to keep.
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
	if err != nil { // can't happen: it was parsed above
		return nil, fmt.Errorf("%s=%q: %w", name, given, err)
	}
	return re, nil
}

// cost estimates the size of re when it is compiled. The unit is an instruction that matches one character. Above maxCost the result
// is not exact.
func cost(re *syntax.Regexp) int {
	switch re.Op {
	case syntax.OpLiteral:
		return len(re.Rune)
	case syntax.OpCharClass:
		return classCost(len(re.Rune))
	}
	n := 2 // for an alternative, a loop, the ends of a group
	for _, sub := range re.Sub {
		if n += cost(sub); n > maxCost {
			return n
		}
	}
	if re.Op == syntax.OpRepeat {
		n *= max(re.Min, re.Max, 1) // the parser bounds it to 1,000, also the product of nested counts
	}
	return n
}

// classCost is the cost of a class of characters with so many bounds of ranges: each character is looked up in it, and it takes memory.
func classCost(bounds int) int {
	if bounds <= 8 {
		return 4
	}
	return 7 + bounds/100
}
