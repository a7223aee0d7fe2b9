package instant

import (
	"strconv"
	"time"
)

// Number parses a number since 1970 in decimal: seconds from 1e8 (March 1973) on, milliseconds from 1e11, microseconds from 1e14, nanoseconds
// from 1e18. Other numbers are not times; those with 18 digits may be ticks of .NET or FILETIMEs.
func Number(s string) (time.Time, bool) {
	var n decimal
	if !n.read(s) {
		return time.Time{}, false
	}
	point := n.point
	switch whole := point - n.zeros; {
	case whole < 9 || whole == 18 || whole > 19 || n.zeros == n.n:
		return time.Time{}, false
	case whole == 19:
		point -= 9
	case whole >= 15:
		point -= 6
	case whole >= 12:
		point -= 3
	}
	var seconds, nanos int64
	for i := n.zeros; i < point; i++ {
		seconds = seconds*10 + n.at(i)
	}
	for i := point; i < point+9; i++ {
		nanos = nanos*10 + n.at(i)
	}
	return Of(seconds, nanos)
}

// decimal is a number as its digits.
type decimal struct {
	digits [40]byte
	n      int // how many there are
	zeros  int // how many of them lead
	point  int // where the decimal point is
}

// at returns a digit, which is zero after the last one.
func (d *decimal) at(i int) int64 {
	if i < d.n {
		return int64(d.digits[i])
	}
	return 0
}

// read parses a number without a sign, which may have a fraction and an exponent. It reports whether s is one.
func (d *decimal) read(s string) bool {
	i, sawPoint := 0, false
	for ; i < len(s); i++ {
		c := s[i]
		if c == '.' && !sawPoint && i > 0 {
			sawPoint = true
			continue
		}
		if !isDigit(c) {
			break
		}
		if !sawPoint {
			d.point++
		}
		if d.n < len(d.digits) {
			d.digits[d.n] = c - '0'
			d.n++
		}
	}
	if d.n == 0 || !d.readExponent(s[i:]) {
		return false
	}
	for d.zeros < d.n && d.digits[d.zeros] == 0 {
		d.zeros++
	}
	return true
}

// readExponent parses an optional exponent such as "e9" at the end of a number.
func (d *decimal) readExponent(s string) bool {
	if s == "" {
		return true
	}
	if s[0]|0x20 != 'e' || len(s) > 8 {
		return false
	}
	exponent, err := strconv.Atoi(s[1:])
	d.point += exponent
	return err == nil
}
