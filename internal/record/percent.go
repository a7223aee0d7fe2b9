package record

import (
	"math"
	"strconv"
	"strings"
)

// percent returns what Python's msg % args gives, as CPython 3 does it (Objects/unicodeobject.c, PyUnicode_Format). args is the
// array or object as published; ok is false when they are empty, so that nothing is formatted, or when
// Python would raise.
func (d *decoder) percent(format string, args *node) (message string, ok bool) {
	raw := d.raw(args)
	p := percent{format: format}
	if args.kind == object {
		if d.empty(args) {
			return "", false
		}
		p.mapping = raw
	} else {
		p.args.s = raw
		switch raw[skipBlanks(raw, 1)] {
		case ']':
			return "", false
		case '{': // logging.LogRecord: one mapping that is not empty is the args itself
			p.args.next()
			if first := p.args.value.raw; skipBlanks(first, 1) != len(first)-1 && !p.args.next() {
				p.mapping = first
			}
			p.args.at = 0
		}
	}
	if p.mapping != "" {
		p.single, p.hasSingle = value{p.mapping, object}, true
	}
	p.out = d.filled[:0] // kept by the decoder, so that the message's text is the only allocation
	ok = p.run()
	if cap(p.out) <= maxKept {
		d.filled = p.out
	}
	if !ok {
		return "", false
	}
	return string(p.out), true
}

// value is one JSON value as written.
type value struct {
	raw  string
	kind kind
}

// percent is one run of the % operator.
type percent struct {
	format  string
	args    elementIter // a tuple's items, if there is no mapping
	mapping string      // the object as written, or ""
	// single is the one argument when there is no tuple: the mapping itself, or what the last %(key) looked up.
	single    value
	hasSingle bool
	keys      map[string]value // of the mapping, when first asked for
	work      int              // bytes of arguments read
	out       []byte
}

// full reports whether the message is already longer than is kept. From there on it is only checked that Python would not raise.
func (p *percent) full() bool { return len(p.out) > maxFilled }

const (
	// maxWork bounds what a mapping costs whose values are asked for again and again with a precision that keeps little of
	// them. Python would format it; nobody would read it.
	maxWork = 16 << 20
	// maxKeys bounds the mapping in the same way.
	maxKeys = 1 << 16
)

// spec is one conversion: %(key)#0- +width.precision and its letter.
type spec struct {
	left, plus, blank, alt, zero bool
	width, precision             int // -1 for none
	verb                         byte
}

// write appends s unless the message is already longer than is kept: a short format can ask for a long value again and again.
func (p *percent) write(s string) {
	if !p.full() {
		p.out = append(p.out, s...)
	}
}

// pad appends n times c, within the same bound.
func (p *percent) pad(c byte, n int) {
	for ; n > 0 && !p.full(); n-- {
		p.out = append(p.out, c)
	}
}

// run formats, and reports whether Python would.
func (p *percent) run() bool {
	f := p.format
	for {
		i := strings.IndexByte(f, '%')
		if i < 0 {
			p.write(f)
			break
		}
		p.write(f[:i])
		if i+1 < len(f) && f[i+1] == '%' {
			p.write("%")
			f = f[i+2:]
			continue
		}
		if p.mapping == "" && i+1 < len(f) && (f[i+1] == 's' || f[i+1] == 'd') { // as nearly all are: nothing to parse
			if !p.args.next() || !p.convert(&spec{width: -1, precision: -1, verb: f[i+1]}, p.args.value) {
				return false
			}
			f = f[i+2:]
			continue
		}
		s, n, ok := p.parse(f[i+1:])
		if !ok {
			return false
		}
		f = f[i+1+n:]
		arg, ok := p.next() // also for a % with something before it, which is no conversion
		if !ok || !p.convert(&s, arg) {
			return false
		}
	}
	return p.mapping != "" || !p.args.next() // "not all arguments converted"
}

// next returns the next argument.
func (p *percent) next() (value, bool) {
	if p.mapping != "" {
		ok := p.hasSingle
		p.hasSingle = false
		return p.single, ok
	}
	ok := p.args.next()
	return p.args.value, ok
}

// parse reads a conversion after its %, and returns its length.
func (p *percent) parse(f string) (s spec, n int, ok bool) {
	s = spec{width: -1, precision: -1}
	i := 0
	if i < len(f) && f[i] == '(' {
		depth := 1
		for i++; i < len(f) && depth > 0; i++ {
			switch f[i] {
			case '(':
				depth++
			case ')':
				depth--
			}
		}
		if depth > 0 || p.mapping == "" || !p.lookUp(f[1:i-1]) {
			return s, 0, false
		}
	}
flags:
	for ; i < len(f); i++ {
		switch f[i] {
		case '-':
			s.left = true
		case '+':
			s.plus = true
		case ' ':
			s.blank = true
		case '#':
			s.alt = true
		case '0':
			s.zero = true
		default:
			break flags
		}
	}
	if i, s.width, ok = p.size(f, i); !ok {
		return s, 0, false
	}
	switch {
	case s.width == unset:
		s.width = -1
	case s.width < 0:
		s.left = true
		s.width = -s.width
	}
	if i < len(f) && f[i] == '.' {
		if i, s.precision, ok = p.size(f, i+1); !ok {
			return s, 0, false
		}
		s.precision = max(s.precision, 0)
	}
	if i < len(f) && (f[i] == 'h' || f[i] == 'l' || f[i] == 'L') {
		i++
	}
	if i >= len(f) {
		return s, 0, false // incomplete format
	}
	s.verb = f[i]
	return s, i + 1, true
}

// unset is what size returns when there is none: no argument of * is as small.
const unset = math.MinInt64

// size reads a width or a precision: digits, * for the next argument, which may be negative, or nothing.
func (p *percent) size(f string, i int) (int, int, bool) {
	if i < len(f) && f[i] == '*' {
		arg, ok := p.next()
		if !ok {
			return i, 0, false
		}
		switch arg.kind {
		case boolFalse:
			return i + 1, 0, true
		case boolTrue:
			return i + 1, 1, true
		case number:
			n, err := strconv.ParseInt(arg.raw, 10, 32) // no float, and no more than a C int
			return i + 1, int(n), err == nil
		}
		return i, 0, false
	}
	end := skipDigits(f, i)
	if end == i {
		return i, unset, true
	}
	n, err := strconv.ParseInt(f[i:end], 10, 64)
	return end, int(min(n, math.MaxInt32)), err == nil && n <= math.MaxInt32 // "width too big"
}

// lookUp makes the value of a key the next argument.
func (p *percent) lookUp(key string) bool {
	if p.keys == nil {
		p.keys = make(map[string]value)
		it := elementIter{s: p.mapping}
		for it.next() {
			p.keys[contents(it.key)] = it.value // of repeated keys the last counts, as in Python
			if len(p.keys) > maxKeys {
				return false
			}
		}
	}
	v, ok := p.keys[key]
	p.single, p.hasSingle = v, true
	return ok
}
