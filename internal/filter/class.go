package filter

import (
	"regexp"
	"slices"
	"strconv"
	"unicode"
)

// pairs returns the ranges of a class in order. If case is ignored, they include all case variants.
func (c *class) pairs(ignoreCase bool) []rune {
	var all []rune
	for _, item := range c.items {
		pairs := item.pairs
		if ignoreCase {
			pairs = withCaseVariants(pairs)
		}
		if item.negated {
			pairs = negate(pairs)
		}
		all = append(all, pairs...)
	}
	all = merged(all)
	if c.negated {
		all = negate(all)
	}
	return all
}

// withCaseVariants returns the ranges, extended by all case variants of their code points.
func withCaseVariants(pairs []rune) []rune {
	in := func(r rune) bool {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] <= r && r <= pairs[i+1] {
				return true
			}
		}
		return false
	}
	all := slices.Clone(pairs)
	for _, orbit := range cases().orbits {
		if slices.ContainsFunc(orbit, in) {
			for _, r := range orbit {
				if !in(r) {
					all = append(all, r, r)
				}
			}
		}
	}
	return all
}

// negate returns the ranges of all other code points.
func negate(pairs []rune) []rune {
	next, rest := rune(0), []rune(nil)
	pairs = merged(pairs)
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i] > next {
			rest = append(rest, next, pairs[i]-1)
		}
		next = pairs[i+1] + 1
	}
	if next <= unicode.MaxRune {
		rest = append(rest, next, unicode.MaxRune)
	}
	return rest
}

// merged returns the ranges in order, with overlapping and adjacent ones merged.
func merged(pairs []rune) []rune {
	order := make([]int, len(pairs)/2)
	for i := range order {
		order[i] = 2 * i
	}
	slices.SortFunc(order, func(a, b int) int { return int(pairs[a] - pairs[b]) })
	var list []rune
	for _, i := range order {
		if n := len(list); n > 0 && pairs[i] <= list[n-1]+1 {
			list[n-1] = max(list[n-1], pairs[i+1])
			continue
		}
		list = append(list, pairs[i], pairs[i+1])
	}
	return list
}

// compile compiles a regular expression. folded says that the texts to match are folded. ignoreCase says that case is ignored
// even if they are not.
func (n *node) compile(folded, ignoreCase bool) (*regexp.Regexp, error) {
	return regexp.Compile(string(n.appendRE2([]byte("(?m)"), folded, ignoreCase)))
}

// appendRE2 appends the node in RE2's syntax, without flags. It spells out each class, since case is folded by this package's
// rules and not by RE2's.
func (n *node) appendRE2(dst []byte, folded, ignoreCase bool) []byte {
	switch n.op {
	case opClass:
		if r := n.literal(); r >= 0 && (folded || !ignoreCase) {
			if folded {
				r = cases().fold(r)
			}
			return appendRune(dst, r)
		}
		return appendClass(dst, n.class.pairs(folded || ignoreCase))
	case opLineStart:
		return append(dst, '^')
	case opLineEnd:
		return append(dst, '$')
	case opWordEdge:
		return append(dst, `\b`...)
	case opNoWordEdge:
		return append(dst, `\B`...)
	}
	dst = append(dst, "(?:"...)
	for i, child := range n.children {
		if i > 0 && n.op == opAlternatives {
			dst = append(dst, '|')
		}
		dst = child.appendRE2(dst, folded, ignoreCase)
	}
	if dst = append(dst, ')'); n.op != opRepeat {
		return dst
	}
	dst = strconv.AppendInt(append(dst, '{'), int64(n.min), 10)
	if dst = append(dst, ','); n.max >= 0 {
		dst = strconv.AppendInt(dst, int64(n.max), 10)
	}
	return append(dst, '}')
}

func appendRune(dst []byte, r rune) []byte {
	if r < unicode.MaxASCII && isAlphanumeric(r) {
		return append(dst, byte(r))
	}
	return append(strconv.AppendInt(append(dst, `\x{`...), int64(r), 16), '}')
}

func appendClass(dst []byte, pairs []rune) []byte {
	if len(pairs) == 0 {
		pairs = []rune{0, unicode.MaxRune}
		dst = append(dst, "[^"...)
	} else {
		dst = append(dst, '[')
	}
	for i := 0; i < len(pairs); i += 2 {
		dst = append(appendRune(dst, pairs[i]), '-')
		dst = appendRune(dst, pairs[i+1])
	}
	return append(dst, ']')
}
