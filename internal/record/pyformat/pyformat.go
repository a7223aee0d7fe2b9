// Package pyformat formats messages like Python's % operator, with arguments that were published as JSON. It follows CPython 3
// (Objects/unicodeobject.c, PyUnicode_Format) and is tested against its results.
package pyformat

import (
	"math"
	"strconv"
	"strings"

	"github.com/SupermanScott/Elva/internal/record/jsonscan"
)

// MaxMessage is the length in bytes from which on a message is only checked and not written further, since a short format can contain a long
// value many times. It is a little more than a record keeps, so that the record is marked as truncated.
const MaxMessage = 257 << 10

// Append appends the result of logging.LogRecord.getMessage for a message and its arguments, a checked JSON array or object. ok is false if the
// arguments are empty, so that Python doesn't format, or if Python would raise an exception. Append then returns dst, perhaps with a larger
// capacity. A message over [MaxMessage] is truncated after that length.
func Append(dst []byte, format string, args jsonscan.Value) (_ []byte, ok bool) {
	p := percent{format: format, out: dst, start: len(dst)}
	if args.Kind == jsonscan.Object {
		if jsonscan.SkipBlanks(args.Raw, 1) == len(args.Raw)-1 {
			return dst, false
		}
		p.mapping = args.Raw
	} else {
		p.args.JSON = args.Raw
		switch args.Raw[jsonscan.SkipBlanks(args.Raw, 1)] {
		case ']':
			return dst, false
		case '{': // logging.LogRecord: one mapping that is not empty is the args itself
			p.args.Next()
			if first := p.args.Value.Raw; jsonscan.SkipBlanks(first, 1) != len(first)-1 && !p.args.Next() {
				p.mapping = first
			}
			p.args.Reset()
		}
	}
	if p.mapping != "" {
		p.single, p.hasSingle = jsonscan.Value{Raw: p.mapping, Kind: jsonscan.Object}, true
	}
	if !p.run() {
		return p.out[:p.start], false
	}
	return p.out, true
}

// percent is one evaluation of the % operator.
type percent struct {
	format  string
	args    jsonscan.Iterator // a tuple's items, if there is no mapping
	mapping string            // the object as written, or ""
	// single is the argument if there is no tuple: the mapping itself, or the value for the last %(key).
	single    jsonscan.Value
	hasSingle bool
	keys      map[string]jsonscan.Value // of the mapping, when first asked for
	work      int                       // bytes of arguments read
	out       []byte
	start     int // of the message in out
}

// full reports whether the message is longer than MaxMessage, so that the rest is only checked.
func (p *percent) full() bool { return len(p.out)-p.start > MaxMessage }

const (
	// maxWork bounds the time for a mapping whose long values are used many times with a small precision.
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

// write appends s unless the message is full.
func (p *percent) write(s string) {
	if !p.full() {
		p.out = append(p.out, s...)
	}
}

// pad appends n times c unless the message is full.
func (p *percent) pad(c byte, n int) {
	for ; n > 0 && !p.full(); n-- {
		p.out = append(p.out, c)
	}
}

// run formats the message. It reports whether Python would not raise an exception.
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
			if !p.args.Next() || !p.convert(&spec{width: -1, precision: -1, verb: f[i+1]}, p.args.Value) {
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
	return p.mapping != "" || !p.args.Next() // "not all arguments converted"
}

// next returns the next argument.
func (p *percent) next() (jsonscan.Value, bool) {
	if p.mapping != "" {
		ok := p.hasSingle
		p.hasSingle = false
		return p.single, ok
	}
	ok := p.args.Next()
	return p.args.Value, ok
}

// parse parses a conversion after its %, and returns its length.
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

// unset is the result of size if there is none. No argument of * is so small.
const unset = math.MinInt

// size parses a width or a precision: digits, * for the next argument, which may be negative, or nothing.
func (p *percent) size(f string, i int) (int, int, bool) {
	if i < len(f) && f[i] == '*' {
		arg, ok := p.next()
		if !ok {
			return i, 0, false
		}
		switch arg.Kind {
		case jsonscan.False:
			return i + 1, 0, true
		case jsonscan.True:
			return i + 1, 1, true
		case jsonscan.Number:
			n, err := strconv.ParseInt(arg.Raw, 10, 32) // no float, and no more than a C int
			return i + 1, int(max(n, -math.MaxInt32)), err == nil
		}
		return i, 0, false
	}
	end := jsonscan.SkipDigits(f, i)
	if end == i {
		return i, unset, true
	}
	n, err := strconv.ParseInt(f[i:end], 10, 64)
	return end, int(min(n, math.MaxInt32)), err == nil && n <= math.MaxInt32 // "width too big"
}

// lookUp makes the value of a key the next argument.
func (p *percent) lookUp(key string) bool {
	if p.keys == nil {
		p.keys = make(map[string]jsonscan.Value)
		it := jsonscan.Iterator{JSON: p.mapping}
		for it.Next() {
			p.keys[jsonscan.Contents(it.Key)] = it.Value // of repeated keys the last counts, as in Python
			if len(p.keys) > maxKeys {
				return false
			}
		}
	}
	v, ok := p.keys[key]
	p.single, p.hasSingle = v, true
	return ok
}
