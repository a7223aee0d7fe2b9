package filter

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/SupermanScott/Elva/internal/record/jsonscan"
)

const (
	// maxPattern bounds a regular expression in code points: nobody types a longer one.
	maxPattern = 500
	// maxSize bounds the total size of the regular expressions of a filter, see [node]. A thousand states take less than a
	// megabyte. The time to match a text is proportional to their number.
	maxSize = 1000
)

// patternError begins the errors of regular expressions.
const patternError = "regular expression: "

// node is a part of a regular expression.
type node struct {
	op       nodeOp
	class    class
	children []*node
	min, max int // of a repeat; max is -1 without a bound
	lazy     bool
	size     int // 1 for a character, class, anchor or empty sequence; sequences and alternatives add up, a count multiplies
}

type nodeOp uint8

const (
	opClass nodeOp = iota
	opSequence
	opAlternatives
	opRepeat
	opLineStart
	opLineEnd
	opWordEdge
	opNoWordEdge
)

// class is a set of code points. The method pairs computes the set, since a negation depends on whether case is ignored.
type class struct {
	items   []classItem
	negated bool
}

// classItem is a set of code points, given by the first and the last of each range.
type classItem struct {
	pairs   []rune
	negated bool
}

// single returns the item of one code point.
func single(c rune) classItem { return classItem{pairs: []rune{c, c}} }

// single returns the code point of an item with only one, else -1.
func (c classItem) single() rune {
	if !c.negated && len(c.pairs) == 2 && c.pairs[0] == c.pairs[1] {
		return c.pairs[0]
	}
	return -1
}

// literal returns the code point of a node that matches only one, else -1.
func (n *node) literal() rune {
	if n.op == opClass && !n.class.negated && len(n.class.items) == 1 {
		return n.class.items[0].single()
	}
	return -1
}

// These are the sets with an escape: \d, \w and \s. They are read only.
var (
	digits = []rune{'0', '9'}
	letter = []rune{'0', '9', 'A', 'Z', '_', '_', 'a', 'z'}
	spaces = []rune{'\t', '\n', '\f', '\r', ' ', ' '}
)

// patternParser reads the common subset of RE2's and JavaScript's regular expressions.
type patternParser struct {
	in   []rune
	pos  int
	at   int   // the position of in in the query
	open []int // the positions of the groups that are still open
}

// parsePattern parses a pattern at a position of a query.
func parsePattern(in []rune, at int) (*node, *Error) {
	p := patternParser{in: in, at: at}
	n, err := p.alternatives()
	switch {
	case len(in) > maxPattern && (err == nil || err.At > at+maxPattern):
		err = p.fail(maxPattern, fmt.Sprintf("longer than %d characters", maxPattern))
	case err == nil && n.size > maxSize:
		err = p.fail(0, "too large")
	}
	return n, err
}

func (p *patternParser) fail(pos int, message string) *Error {
	return &Error{patternError + message, p.at + pos}
}

// peek returns the code point n after the position, or -1 at the end.
func (p *patternParser) peek(n int) rune {
	if p.pos+n < len(p.in) {
		return p.in[p.pos+n]
	}
	return -1
}

func (p *patternParser) accept(r rune) bool {
	if p.peek(0) == r {
		p.pos++
		return true
	}
	return false
}

func (p *patternParser) alternatives() (*node, *Error) {
	n := &node{op: opAlternatives}
	for {
		s, err := p.sequence()
		if err != nil {
			return nil, err
		}
		n.children = append(n.children, s)
		n.size += s.size
		if !p.accept('|') {
			break
		}
	}
	if len(n.children) == 1 {
		return n.children[0], nil
	}
	return n, nil
}

func (p *patternParser) sequence() (*node, *Error) {
	n := &node{op: opSequence}
	for {
		switch c := p.peek(0); {
		case c == -1 && len(p.open) > 0:
			return nil, p.fail(p.open[0], "missing )")
		case c == ')' && len(p.open) == 0:
			return nil, p.fail(p.pos, "unexpected )")
		case c == -1 || c == ')' || c == '|':
			n.size = max(n.size, 1)
			return n, nil
		}
		child, err := p.repeated()
		if err != nil {
			return nil, err
		}
		n.children = append(n.children, child)
		n.size += child.size
	}
}

// repeated reads an atom and its quantifier.
func (p *patternParser) repeated() (*node, *Error) {
	if text, _, _ := p.quantifier(); text != "" {
		return nil, p.fail(p.pos, "nothing to repeat before "+text)
	}
	n, err := p.atom()
	if err != nil {
		return nil, err
	}
	text, low, high := p.quantifier()
	if text == "" {
		return n, nil
	}
	times := max(high, 1)
	if high < 0 {
		times = max(low, 1)
	}
	switch {
	case n.op >= opLineStart:
		return nil, p.fail(p.pos, "nothing to repeat before "+text)
	case high >= 0 && high < low:
		return nil, p.fail(p.pos, "repeat counts out of order")
	case n.size <= maxSize && n.size*times > maxSize:
		return nil, p.fail(p.pos, "too large")
	}
	p.pos += len(text)
	n = &node{op: opRepeat, children: []*node{n}, min: low, max: high, size: min(n.size*times, maxSize+1)}
	n.lazy = p.accept('?')
	if text, _, _ := p.quantifier(); text != "" {
		return nil, p.fail(p.pos, "a quantifier can't follow a quantifier")
	}
	return n, nil
}

// quantifier returns the quantifier at the position, without the ? that makes it lazy, and its bounds.
func (p *patternParser) quantifier() (text string, low, high int) {
	switch p.peek(0) {
	case '*':
		return "*", 0, -1
	case '+':
		return "+", 1, -1
	case '?':
		return "?", 0, 1
	case '{':
	default:
		return "", 0, 0
	}
	end := slices.Index(p.in[p.pos:], '}')
	if end < 0 {
		return "", 0, 0
	}
	text = string(p.in[p.pos : p.pos+end+1])
	lowText, highText, comma := strings.Cut(text[1:len(text)-1], ",")
	low, ok := count(lowText)
	high, bounded := count(highText)
	switch {
	case !ok || !bounded && highText != "":
		return "", 0, 0
	case !comma:
		high = low
	case !bounded:
		high = -1
	}
	return text, low, high
}

// count reads a repeat count. It returns at most maxSize + 1, so that sizes fit into an int of 32 bits.
func count(s string) (n int, ok bool) {
	if s == "" || jsonscan.SkipDigits([]byte(s), 0) < len(s) {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		n = maxSize + 1
	}
	return min(n, maxSize+1), true
}

func (p *patternParser) atom() (*node, *Error) {
	switch c := p.peek(0); c {
	case '(':
		return p.group()
	case '[':
		return p.bracketed()
	case '\\':
		return p.escape()
	case '^', '$':
		p.pos++
		if c == '^' {
			return &node{op: opLineStart, size: 1}, nil
		}
		return &node{op: opLineEnd, size: 1}, nil
	case '.':
		p.pos++
		return classNode(classItem{[]rune{'\n', '\n'}, true}), nil
	default:
		p.pos++
		return classNode(single(c)), nil
	}
}

func classNode(item classItem) *node {
	return &node{op: opClass, class: class{items: []classItem{item}}, size: 1}
}

func (p *patternParser) group() (*node, *Error) {
	start := p.pos
	p.pos++
	if p.peek(0) == '?' {
		switch rest := string(p.in[p.pos+1 : min(p.pos+3, len(p.in))]); {
		case strings.HasPrefix(rest, ":"):
			p.pos += 2
		case strings.HasPrefix(rest, "=") || strings.HasPrefix(rest, "!") || rest == "<=" || rest == "<!":
			return nil, p.fail(start, "look-around is not supported")
		default:
			return nil, p.fail(start, "groups with (? are not supported, except (?:…)")
		}
	}
	p.open = append(p.open, start)
	n, err := p.alternatives()
	if err != nil {
		return nil, err
	}
	p.pos++ // the )
	p.open = p.open[:len(p.open)-1]
	return n, nil
}

// escape reads an escape outside a class.
func (p *patternParser) escape() (*node, *Error) {
	switch p.peek(1) {
	case 'b':
		p.pos += 2
		return &node{op: opWordEdge, size: 1}, nil
	case 'B':
		p.pos += 2
		return &node{op: opNoWordEdge, size: 1}, nil
	}
	item, err := p.escapedItem()
	if err != nil {
		return nil, err
	}
	return classNode(item), nil
}

// escapedItem reads the escape of a character or a set.
func (p *patternParser) escapedItem() (classItem, *Error) {
	start, c := p.pos, p.peek(1)
	p.pos += 2
	switch c {
	case 't', 'n', 'r', 'f', 'v':
		return single(rune("\t\n\r\f\v"[strings.IndexRune("tnrfv", c)])), nil
	case 'd', 'D':
		return classItem{digits, c == 'D'}, nil
	case 'w', 'W':
		return classItem{letter, c == 'W'}, nil
	case 's', 'S':
		return classItem{spaces, c == 'S'}, nil
	case 'x':
		text := string(p.in[min(p.pos, len(p.in)):min(p.pos+2, len(p.in))])
		value, err := strconv.ParseUint(text, 16, 8)
		if err != nil || len(text) < 2 {
			return classItem{}, p.fail(start, `\x needs two hexadecimal digits`)
		}
		p.pos += 2
		return single(rune(value)), nil
	}
	switch {
	case c >= '1' && c <= '9':
		return classItem{}, p.fail(start, "backreferences are not supported")
	case c > ' ' && c < unicode.MaxASCII && !isAlphanumeric(c):
		return single(c), nil
	}
	return classItem{}, p.fail(start, "the escape "+string(p.in[start:min(p.pos, len(p.in))])+" is not supported")
}

func isAlphanumeric(c rune) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// bracketed reads a class in brackets.
func (p *patternParser) bracketed() (*node, *Error) {
	start := p.pos
	p.pos++
	n := &node{op: opClass, size: 1}
	n.class.negated = p.accept('^')
	if p.peek(0) == ']' {
		return nil, p.fail(start, `empty [ ]; write \] for a literal bracket`)
	}
	for !p.accept(']') {
		if p.peek(0) == -1 {
			return nil, p.fail(start, "missing ]")
		}
		item, err := p.classRange()
		if err != nil {
			return nil, err
		}
		n.class.items = append(n.class.items, item)
	}
	return n, nil
}

// classRange reads an item of a class in brackets, which may be a range.
func (p *patternParser) classRange() (classItem, *Error) {
	start := p.pos
	first, err := p.classItem()
	if err != nil || p.peek(0) != '-' || p.peek(1) == ']' || p.peek(1) == -1 {
		return first, err
	}
	p.pos++
	last, err := p.classItem()
	switch {
	case err != nil:
		return last, err
	case first.single() < 0 || last.single() < 0:
		return first, p.fail(start, "a range needs a character at each end")
	case first.single() > last.single():
		return first, p.fail(start, "range out of order")
	}
	return classItem{pairs: []rune{first.single(), last.single()}}, nil
}

func (p *patternParser) classItem() (classItem, *Error) {
	switch c := p.peek(0); c {
	case '\\':
		return p.escapedItem()
	case '[':
		return classItem{}, p.fail(p.pos, `[ inside [ ] must be written \[`)
	default:
		p.pos++
		return single(c), nil
	}
}
