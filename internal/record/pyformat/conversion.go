package pyformat

import (
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/SupermanScott/Elva/internal/record/jsonscan"
)

// convert appends one argument.
func (p *percent) convert(s *spec, v jsonscan.Value) bool {
	if p.work += len(v.Raw); p.mapping != "" && p.work > maxWork {
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

// plain reports whether the conversion has neither flags nor a width.
func (s *spec) plain() bool {
	return s.width < 0 && !(s.left || s.plus || s.blank || s.alt || s.zero)
}

// plain appends the result of a common conversion without allocating, and reports whether it could.
func (p *percent) plain(s *spec, v jsonscan.Value) bool {
	switch s.verb {
	case 's':
		if s.precision >= 0 || v.Kind != jsonscan.String && v.Kind != jsonscan.Number {
			return false
		}
		if v.Kind == jsonscan.String {
			p.write(jsonscan.Contents(v.Raw))
		} else {
			p.write(v.Raw)
		}
		return true
	case 'd', 'i':
		if s.precision >= 0 || v.Kind != jsonscan.Number || len(v.Raw) > 20 || jsonscan.SkipDigits(v.Raw, 0) != len(v.Raw) {
			return false
		}
		p.write(v.Raw)
		return true
	case 'f', 'e':
		if v.Kind != jsonscan.Number || s.precision > 60 || p.full() {
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

// text appends the result of str(), repr() or ascii().
func (p *percent) text(s *spec, v jsonscan.Value) bool {
	var words string
	if v.Kind == jsonscan.String && s.verb == 's' {
		words = jsonscan.Contents(v.Raw)
	} else {
		r := representation{ascii: s.verb == 'a'}
		if r.value(v.Raw, 0, 0) < 0 {
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

// field appends words padded to the width.
func (p *percent) field(s *spec, words string, count int) {
	if !s.left {
		p.pad(' ', s.width-count)
	}
	p.write(words)
	if s.left {
		p.pad(' ', s.width-count)
	}
}

// character appends the result of %c for an integer or a string of one character.
func (p *percent) character(s *spec, v jsonscan.Value) bool {
	var r rune
	switch v.Kind {
	case jsonscan.False, jsonscan.True:
		r = rune(v.Kind - jsonscan.False)
	case jsonscan.Number:
		n, err := strconv.ParseInt(v.Raw, 10, 32)
		if err != nil || n < 0 || n > utf8.MaxRune {
			return false
		}
		r = rune(n)
	case jsonscan.String:
		words := jsonscan.Contents(v.Raw)
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
