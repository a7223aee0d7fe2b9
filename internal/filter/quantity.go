package filter

import (
	"bytes"
	"cmp"
	"math/bits"
	"time"

	"github.com/SupermanScott/Elva/internal/record/instant"
	"github.com/SupermanScott/Elva/internal/record/jsonscan"
)

// quantity is a value that <, <=, > and >= can compare. The comparison is exact, and only between values of the same kind.
type quantity struct {
	kind   quantityKind
	number decimal
	amount amount // a duration in nanoseconds, or a size in bytes
	time   moment
}

type quantityKind uint8

const (
	noQuantity quantityKind = iota
	aNumber
	aDuration
	aSize
	aTime
)

// parseQuantity parses a text that is a number, a duration, a size or a time as a whole.
func parseQuantity(s []byte) (q quantity) {
	if len(s) == 0 || s[0] != '-' && (s[0] < '0' || s[0] > '9') {
		return q
	}
	var ok bool
	if q.number, ok = parseNumber(s); ok {
		q.kind = aNumber
	} else if q.amount, ok = parseDuration(s); ok {
		q.kind = aDuration
	} else if q.amount, ok = parseSize(s); ok {
		q.kind = aSize
	} else if q.time, ok = parseMoment(s); ok {
		q.kind = aTime
	}
	return q
}

// compare compares a with b, which must be of the same kind.
func (a *quantity) compare(b *quantity) int {
	switch a.kind {
	case aNumber:
		return a.number.compare(b.number)
	case aTime:
		return a.time.compare(b.time)
	}
	return a.amount.compare(b.amount)
}

// decimal is a number with all digits as written: ±0.d₁d₂d₃… × 10^exponent.
type decimal struct {
	negative bool
	digits   []byte // from the first one that is not 0, possibly with a point; empty for zero
	exponent int
}

// parseNumber parses a number of JSON. The exponent may have at most four digits: no measurement has more.
func parseNumber(s []byte) (d decimal, ok bool) {
	i := 0
	if d.negative = len(s) > 0 && s[0] == '-'; d.negative {
		i++
	}
	start := i
	i = jsonscan.SkipDigits(s, i)
	whole := i - start
	if whole == 0 || whole > 1 && s[start] == '0' {
		return d, false
	}
	if i < len(s) && s[i] == '.' {
		fraction := i + 1
		if i = jsonscan.SkipDigits(s, fraction); i == fraction {
			return d, false
		}
	}
	end := i
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		if d.exponent, ok = exponentOf(s[i+1:]); !ok {
			return d, false
		}
		i = len(s)
	}
	d.digits = bytes.TrimLeft(s[start:end], "0.")
	if len(d.digits) == 0 {
		return decimal{}, i == len(s)
	}
	switch first := end - len(d.digits) - start; { // the index of the first digit that is not 0
	case first < whole:
		d.exponent += whole - first
	default:
		d.exponent += whole + 1 - first
	}
	return d, i == len(s)
}

func exponentOf(s []byte) (n int, ok bool) {
	negative := false
	if len(s) > 0 && (s[0] == '-' || s[0] == '+') {
		negative, s = s[0] == '-', s[1:]
	}
	if len(s) == 0 || len(s) > 4 || jsonscan.SkipDigits(s, 0) < len(s) {
		return 0, false
	}
	for _, c := range s {
		n = n*10 + int(c-'0')
	}
	if negative {
		n = -n
	}
	return n, true
}

func (d decimal) compare(other decimal) int {
	if a, b := d.sign(), other.sign(); a != b || a == 0 {
		return cmp.Compare(a, b)
	}
	order := cmp.Compare(d.exponent, other.exponent)
	for i, j := 0, 0; order == 0 && (i < len(d.digits) || j < len(other.digits)); {
		var a, b byte
		a, i = nextDigit(d.digits, i)
		b, j = nextDigit(other.digits, j)
		order = cmp.Compare(a, b)
	}
	return order * d.sign()
}

func (d decimal) sign() int {
	switch {
	case len(d.digits) == 0:
		return 0
	case d.negative:
		return -1
	}
	return 1
}

// nextDigit returns the digit at i and the index of the next one. Digits after the end are zero.
func nextDigit(digits []byte, i int) (byte, int) {
	if i < len(digits) && digits[i] == '.' {
		i++
	}
	if i >= len(digits) {
		return '0', i
	}
	return digits[i], i + 1
}

// amount is a duration or a size. It has up to 128 bits of whole units, and billionths.
type amount struct {
	negative   bool
	high, low  uint64
	billionths uint64
}

const (
	billion     = 1_000_000_000
	maxWhole    = 15 // the most digits before the point: with 15, even weeks fit into 128 bits of nanoseconds
	maxFraction = 9  // the most digits after the point: nanoseconds
)

// unit is the name of a unit and its size in the smallest unit.
type unit struct {
	name string
	size uint64
}

// durationUnits and sizeUnits are searched from the front. They are read only.
var (
	durationUnits = [...]unit{
		{"ns", 1}, {"us", 1e3}, {"µs", 1e3}, {"μs", 1e3}, {"ms", 1e6},
		{"s", 1e9}, {"m", 60e9}, {"h", 3600e9}, {"d", 86400e9}, {"w", 7 * 86400e9},
	}
	sizeUnits = [...]unit{
		{"b", 1}, {"kb", 1e3}, {"mb", 1e6}, {"gb", 1e9}, {"tb", 1e12},
		{"kib", 1 << 10}, {"mib", 1 << 20}, {"gib", 1 << 30}, {"tib", 1 << 40},
	}
)

// parseDuration parses a duration such as 500ms or 1h30m.
func parseDuration(s []byte) (a amount, ok bool) {
	if a.negative = len(s) > 0 && s[0] == '-'; a.negative {
		s = s[1:]
	}
	for len(s) > 0 {
		whole, billionths, rest := cutAmount(s)
		size := uint64(0)
		for _, u := range durationUnits {
			if bytes.HasPrefix(rest, []byte(u.name)) {
				size, rest = u.size, rest[len(u.name):]
				break
			}
		}
		if size == 0 {
			return a, false
		}
		a.add(whole, billionths, size)
		s, ok = rest, true
	}
	return a, ok
}

// ParseDuration parses a duration in the syntax of filters, such as 90s, 1h30m or 1d. ok is false if s is not a duration or is longer than
// a century.
func ParseDuration(s string) (d time.Duration, ok bool) {
	a, ok := parseDuration([]byte(s))
	const century = 100 * 366 * 24 * time.Hour
	if !ok || a.high > 0 || a.low > uint64(century) {
		return 0, false
	}
	if d = time.Duration(a.low); a.negative {
		d = -d
	}
	return d, true
}

// parseSize parses a size such as 1.5 MiB.
func parseSize(s []byte) (a amount, ok bool) {
	whole, billionths, rest := cutAmount(s)
	if len(rest) == 0 || len(rest) > 3 {
		return a, false
	}
	var name [3]byte
	for i, c := range rest {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		name[i] = c
	}
	for _, u := range sizeUnits {
		if u.name == string(name[:len(rest)]) {
			a.add(whole, billionths, u.size)
			return a, true
		}
	}
	return a, false
}

// cutAmount parses the number at the start of s. rest is the unit after it, without a space before it. rest is empty if s does not begin
// with a number.
func cutAmount(s []byte) (whole, billionths uint64, rest []byte) {
	i := jsonscan.SkipDigits(s, 0)
	if i == 0 || i > maxWhole {
		return 0, 0, nil
	}
	for _, c := range s[:i] {
		whole = whole*10 + uint64(c-'0')
	}
	if i < len(s) && s[i] == '.' {
		start := i + 1
		i = jsonscan.SkipDigits(s, start)
		if i == start || i > start+maxFraction {
			return 0, 0, nil
		}
		for j := range maxFraction {
			billionths *= 10
			if start+j < i {
				billionths += uint64(s[start+j] - '0')
			}
		}
	}
	return whole, billionths, bytes.TrimPrefix(s[i:], []byte(" "))
}

// add adds a number of units of the given size.
func (a *amount) add(whole, billionths, size uint64) {
	high, low := bits.Mul64(whole, size)
	carried, rest := bits.Mul64(billionths, size)
	carried, rest = bits.Div64(carried, rest, billion)
	if a.billionths += rest; a.billionths >= billion {
		a.billionths -= billion
		carried++
	}
	var carry uint64
	low, carry = bits.Add64(low, carried, 0)
	high += carry
	a.low, carry = bits.Add64(a.low, low, 0)
	a.high += high + carry
}

func (a amount) compare(b amount) int {
	if x, y := a.sign(), b.sign(); x != y {
		return cmp.Compare(x, y)
	}
	return a.sign() * cmp.Or(cmp.Compare(a.high, b.high), cmp.Compare(a.low, b.low), cmp.Compare(a.billionths, b.billionths))
}

func (a amount) sign() int {
	switch {
	case a.high == 0 && a.low == 0 && a.billionths == 0:
		return 0
	case a.negative:
		return -1
	}
	return 1
}

// moment is a point in time.
type moment struct {
	seconds int64 // since 1970
	nanos   int64
}

func (i moment) compare(other moment) int {
	return cmp.Or(cmp.Compare(i.seconds, other.seconds), cmp.Compare(i.nanos, other.nanos))
}

// parseMoment parses a time of RFC 3339. T and Z must be upper case, and leap seconds are not allowed.
func parseMoment(s []byte) (at moment, ok bool) {
	const layout = "0000-00-00T00:00:00"
	if len(s) <= len(layout) {
		return at, false
	}
	for i := range layout {
		if c := s[i]; layout[i] == '0' && c-'0' > 9 || layout[i] != '0' && layout[i] != c {
			return at, false
		}
	}
	number := func(i int) int { return int(s[i]-'0')*10 + int(s[i+1]-'0') }
	year, month, day := number(0)*100+number(2), number(5), number(8)
	hour, minute, second := number(11), number(14), number(17)
	if month < 1 || month > 12 || day < 1 || day > instant.DaysIn(year, month) || hour > 23 || minute > 59 || second > 59 {
		return at, false
	}
	i := len(layout)
	if s[i] == '.' {
		start := i + 1
		if i = jsonscan.SkipDigits(s, start); i == start || i > start+maxFraction {
			return at, false
		}
		for j := range maxFraction {
			at.nanos *= 10
			if start+j < i {
				at.nanos += int64(s[start+j] - '0')
			}
		}
	}
	offset, ok := offsetOf(s[i:])
	at.seconds = instant.DaysSince1970(year, month, day)*86400 + int64(hour*3600+minute*60+second) - offset
	return at, ok
}

// offsetOf parses Z, +01:00 or -01:00, and returns the seconds east of UTC.
func offsetOf(s []byte) (seconds int64, ok bool) {
	if len(s) == 1 {
		return 0, s[0] == 'Z'
	}
	if len(s) != len("+00:00") || s[0] != '+' && s[0] != '-' || s[3] != ':' {
		return 0, false
	}
	for _, i := range [...]int{1, 2, 4, 5} {
		if s[i]-'0' > 9 {
			return 0, false
		}
	}
	hours, minutes := int64(s[1]-'0')*10+int64(s[2]-'0'), int64(s[4]-'0')*10+int64(s[5]-'0')
	seconds = hours*3600 + minutes*60
	if s[0] == '-' {
		seconds = -seconds
	}
	return seconds, hours <= 23 && minutes <= 59
}
