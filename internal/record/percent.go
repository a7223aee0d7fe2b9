package record

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"
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

// maxIntDigits is where CPython (3.11, sys.set_int_max_str_digits) refuses to turn an integer into text or back.
const maxIntDigits = 4300

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
		if p.mapping == "" && i+1 < len(f) && f[i+1] == 's' { // most conversions are these, and need no reading
			if !p.args.next() {
				return false
			}
			if p.args.value.kind == text {
				p.write(contents(p.args.value.raw))
			} else if !p.convert(&spec{width: -1, precision: -1, verb: 's'}, p.args.value) {
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
		if s.verb == '%' && n == 1 { // with anything between the two it is no conversion
			p.write("%")
			continue
		}
		arg, ok := p.next()
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
	if s.width < -1 {
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

// size reads a width or a precision: digits, * for the next argument, or nothing (-1). A width of * may be negative: -1 comes
// back as a left-adjusted one, which is no different.
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
			if n == -1 {
				n = 0 // a width of 1 or none is the same for what is at least one character, and 0 keeps -1 for none
			}
			return i + 1, int(n), err == nil
		}
		return i, 0, false
	}
	end := skipDigits(f, i)
	if end == i {
		return i, -1, true
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

// convert appends one argument.
func (p *percent) convert(s *spec, v value) bool {
	if p.work += len(v.raw); p.mapping != "" && p.work > maxWork {
		return false
	}
	if s.plain() && p.plain(s, v) {
		return true
	}
	switch s.verb {
	case 's', 'r', 'a':
		return p.full() || p.text(s, v)
	case 'd', 'i', 'u', 'o', 'x', 'X':
		digits, ok := integerDigits(s, v)
		if ok {
			p.number(s, digits)
		}
		return ok
	case 'e', 'E', 'f', 'F', 'g', 'G':
		x, ok := floatOf(v)
		if ok && !p.full() {
			p.number(s, floatDigits(s, x))
		}
		return ok
	case 'c':
		return p.character(s, v)
	}
	return false // unsupported format character
}

// plain reports whether the conversion has neither flags nor a width, as nearly all have.
func (s *spec) plain() bool {
	return s.width < 0 && !(s.left || s.plus || s.blank || s.alt || s.zero)
}

// plain appends what the usual conversions give, without allocations, and reports whether it did.
func (p *percent) plain(s *spec, v value) bool {
	switch s.verb {
	case 's':
		if s.precision >= 0 || v.kind != text && v.kind != number {
			return false
		}
		if v.kind == text {
			p.write(contents(v.raw))
		} else {
			p.write(v.raw)
		}
		return true
	case 'd', 'i':
		if s.precision >= 0 || v.kind != number || len(v.raw) > 20 || skipDigits(v.raw, 0) != len(v.raw) {
			return false
		}
		p.write(v.raw)
		return true
	case 'f', 'e':
		if v.kind != number || s.precision > 60 || p.full() {
			return false
		}
		x, ok := floatOf(v)
		if !ok || math.IsInf(x, 0) {
			return false
		}
		precision := s.precision
		if precision < 0 {
			precision = 6
		}
		p.out = strconv.AppendFloat(p.out, x, s.verb, precision, 64)
		return true
	}
	return false
}

// text appends what str(), repr() or ascii() gives.
func (p *percent) text(s *spec, v value) bool {
	var words string
	if v.kind == text && s.verb == 's' {
		words = contents(v.raw)
	} else {
		r := representation{ascii: s.verb == 'a'}
		if r.value(v.raw, 0, 0) < 0 {
			return false
		}
		words = string(r.out)
	}
	count := utf8.RuneCountInString(words)
	if s.precision >= 0 && s.precision < count {
		end := 0
		for range s.precision {
			_, n := utf8.DecodeRuneInString(words[end:])
			end += n
		}
		words, count = words[:end], s.precision
	}
	p.field(s, words, count)
	return true
}

// field appends words in the field's width.
func (p *percent) field(s *spec, words string, count int) {
	if !s.left {
		p.pad(' ', s.width-count)
	}
	p.write(words)
	if s.left {
		p.pad(' ', s.width-count)
	}
}

// character appends what %c gives: of an integer or of a string of one character.
func (p *percent) character(s *spec, v value) bool {
	var r rune
	switch v.kind {
	case boolFalse, boolTrue:
		r = rune(v.kind - boolFalse)
	case number:
		n, err := strconv.ParseInt(v.raw, 10, 32)
		if err != nil || n < 0 || n > utf8.MaxRune {
			return false
		}
		r = rune(n)
	case text:
		words := contents(v.raw)
		c, n := utf8.DecodeRuneInString(words)
		if n == 0 || n != len(words) {
			return false
		}
		r = c
	default:
		return false
	}
	p.field(s, string(r), 1)
	return true
}

// number appends a number's text with its sign, prefix, and blanks or zeros before it.
func (p *percent) number(s *spec, digits string) {
	sign := ""
	switch {
	case digits[0] == '-':
		sign, digits = "-", digits[1:]
	case s.plus:
		sign = "+"
	case s.blank:
		sign = " "
	}
	if s.alt && (s.verb == 'x' || s.verb == 'X' || s.verb == 'o') {
		sign, digits = sign+digits[:2], digits[2:]
	}
	room := s.width - len(sign) - len(digits)
	switch {
	case s.left:
		p.write(sign)
		p.write(digits)
		p.pad(' ', room)
	case s.zero:
		p.write(sign)
		p.pad('0', room)
		p.write(digits)
	default:
		p.pad(' ', room)
		p.write(sign)
		p.write(digits)
	}
}

// integerDigits returns the digits of an argument for %d and its like, with a minus and, if asked for, 0x or 0o.
func integerDigits(s *spec, v value) (string, bool) {
	digits := ""
	switch v.kind {
	case boolFalse:
		digits = "0"
	case boolTrue:
		digits = "1"
	case number:
		digits = v.raw
	default:
		return "", false
	}
	if strings.IndexAny(digits, ".eE") >= 0 { // a float: %d cuts it to an integer, %x and %o refuse
		if s.verb != 'd' && s.verb != 'i' && s.verb != 'u' {
			return "", false
		}
		x, err := strconv.ParseFloat(digits, 64)
		if err != nil {
			return "", false // infinite
		}
		whole, _ := big.NewFloat(math.Trunc(x)).Int(nil)
		digits = whole.String()
	}
	if len(digits) > maxIntDigits {
		return "", false
	}
	negative := digits[0] == '-'
	if negative {
		digits = digits[1:]
	}
	prefix := ""
	if s.verb == 'x' || s.verb == 'X' || s.verb == 'o' {
		base := 16
		prefix = "0x"
		if s.verb == 'o' {
			base, prefix = 8, "0o"
		}
		n, ok := new(big.Int).SetString(digits, 10)
		if !ok {
			return "", false
		}
		digits = n.Text(base)
		if s.verb == 'X' {
			digits, prefix = strings.ToUpper(digits), "0X"
		}
	}
	if digits == "0" {
		negative = false // an integer has no negative zero
	}
	if missing := s.precision - len(digits); missing > 0 {
		digits = strings.Repeat("0", min(missing, maxFilled)) + digits
	}
	if s.alt {
		digits = prefix + digits
	}
	if negative {
		digits = "-" + digits
	}
	return digits, true
}

// floatOf returns what float() gives of an argument.
func floatOf(v value) (float64, bool) {
	switch v.kind {
	case boolFalse:
		return 0, true
	case boolTrue:
		return 1, true
	case notFinite:
		switch v.raw {
		case "NaN":
			return math.NaN(), true
		case "Infinity":
			return math.Inf(1), true
		}
		return math.Inf(-1), true
	case number:
		x, err := strconv.ParseFloat(v.raw, 64)
		if err != nil && strings.IndexAny(v.raw, ".eE") < 0 {
			return 0, false // "int too large to convert to float"; a float literal of that size is infinite
		}
		return x, true
	}
	return 0, false
}

// floatDigits writes x as C's printf does.
func floatDigits(s *spec, x float64) string {
	precision := s.precision
	if precision < 0 {
		precision = 6
	}
	upper := s.verb == 'E' || s.verb == 'F' || s.verb == 'G'
	var digits string
	switch {
	case math.IsNaN(x):
		digits = "nan"
	case math.IsInf(x, 1):
		digits = "inf"
	case math.IsInf(x, -1):
		digits = "-inf"
	default:
		// A float64 has at most 1074 digits after the point; more are zeros.
		const most = 1100
		exact := min(precision, most)
		zeros := strings.Repeat("0", min(precision-exact, maxFilled))
		switch s.verb {
		case 'f', 'F':
			digits = strconv.FormatFloat(x, 'f', exact, 64) + zeros
			if precision == 0 && s.alt {
				digits += "."
			}
		case 'e', 'E':
			digits = strconv.FormatFloat(x, 'e', exact, 64)
			mantissa, exponent, _ := strings.Cut(digits, "e")
			if precision == 0 && s.alt {
				mantissa += "."
			}
			digits = mantissa + zeros + "e" + exponent
		default:
			digits = generalDigits(x, max(exact, 1), zeros, s.alt)
		}
	}
	if upper {
		digits = strings.ToUpper(digits)
	}
	return digits
}

// generalDigits writes x as %g does: the significant digits in the shorter of both ways, without trailing zeros unless alt.
func generalDigits(x float64, precision int, zeros string, alt bool) string {
	digits := strconv.FormatFloat(x, 'e', precision-1, 64)
	mantissa, exponent, _ := strings.Cut(digits, "e")
	e, _ := strconv.Atoi(exponent)
	if e < -4 || e >= precision+len(zeros) {
		if alt {
			if strings.IndexByte(mantissa, '.') < 0 {
				mantissa += "."
			}
			return mantissa + zeros + "e" + exponent
		}
		return trimZeros(mantissa) + "e" + exponent
	}
	digits = strconv.FormatFloat(x, 'f', precision-1-e, 64)
	if !alt {
		return trimZeros(digits)
	}
	if strings.IndexByte(digits, '.') < 0 {
		digits += "."
	}
	return digits + zeros
}

// trimZeros trims zeros after a decimal point, and the point.
func trimZeros(digits string) string {
	if strings.IndexByte(digits, '.') < 0 {
		return digits
	}
	return strings.TrimSuffix(strings.TrimRight(digits, "0"), ".")
}
