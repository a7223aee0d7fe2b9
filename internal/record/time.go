package record

import (
	"strings"
	"time"

	"github.com/SupermanScott/Elva/internal/record/jsonscan"
)

// sameTime is how far two times of one record may differ and still say the same: one may be cut to milliseconds.
const sameTime = time.Millisecond

// time sets the time.
func (d *decoder) time(r *Record) {
	for s := d.next(names.time.from, names.time); s != 0; s = d.next(s+1, names.time) {
		n := d.at(s)
		if n == nil {
			continue
		}
		at, ok := d.timeAt(d.first[s])
		if !ok || !r.Time.IsZero() && r.Time.Sub(at).Abs() > sameTime {
			continue
		}
		if r.Time.IsZero() {
			r.Time = at
		}
		d.takeTime(d.first[s])
	}
}

// takeTime takes a time; of an object only what was read, so that nothing else in it is lost.
func (d *decoder) takeTime(at int32) {
	if d.nodes[at].kind != jsonscan.Object {
		d.take(at)
		return
	}
	for c := at + 1; c < d.nodes[at].next; c = d.nodes[c].next {
		if isTimePart(fold(d.key(&d.nodes[c]))) {
			d.take(c)
		}
	}
}

// isTimePart reports whether a folded name is read by timeOfParts.
func isTimePart(name string) bool {
	return name == "seconds" || name == "epochsecond" || name == "nanos" || name == "nanoofsecond"
}

// timeAt returns the instant that a node names.
func (d *decoder) timeAt(at int32) (time.Time, bool) {
	n := &d.nodes[at]
	switch n.kind {
	case jsonscan.String:
		s := strings.Trim(d.text(n), " ")
		if t, rest, ok := cutTime(s); ok && zoneNote(rest) {
			return t, true
		}
		return timeOfNumber(s)
	case jsonscan.Number:
		return timeOfNumber(d.raw(n))
	case jsonscan.Object:
		return d.timeOfParts(at)
	}
	return time.Time{}, false
}

// timeOfParts reads an object with seconds and nanoseconds: protobuf's Timestamp, Log4j's instant.
func (d *decoder) timeOfParts(at int32) (time.Time, bool) {
	var seconds, nanos int64
	ok, whole := false, true
	for c := at + 1; c < d.nodes[at].next; c = d.nodes[c].next {
		n := &d.nodes[c]
		switch fold(d.key(n)) {
		case "seconds", "epochsecond":
			seconds, ok = d.integer(n)
		case "nanos", "nanoofsecond":
			nanos, whole = d.integer(n)
		}
	}
	if !ok || !whole || seconds < 1e8 {
		return time.Time{}, false
	}
	return instant(seconds, nanos)
}

// timeOfNumber reads a number since 1970, as decimal text so that no digit is lost: seconds from 1e8 (March 1973),
// milliseconds from 1e11, microseconds from 1e14, nanoseconds from 1e17. Below and above it is no time.
func timeOfNumber(s string) (time.Time, bool) {
	// digits holds the number's digits without leading zeros, point how many of them stand before the decimal point.
	var digits [40]byte
	n, point, i, sawPoint := 0, 0, 0, false
	for ; i < len(s); i++ {
		c := s[i]
		if c == '.' && !sawPoint && i > 0 {
			sawPoint = true
			continue
		}
		if c < '0' || c > '9' {
			break
		}
		if !sawPoint {
			point++
		}
		if n < len(digits) {
			digits[n] = c - '0'
			n++
		}
	}
	if n == 0 {
		return time.Time{}, false
	}
	if i < len(s) {
		if s[i] != 'e' && s[i] != 'E' {
			return time.Time{}, false
		}
		exponent, ok := smallInt(s[i+1:])
		if !ok {
			return time.Time{}, false
		}
		point += exponent
	}
	zeros := 0
	for zeros < n && digits[zeros] == 0 {
		zeros++
	}
	whole := point - zeros // digits before the point: 9 for 1e8
	if whole < 9 || whole > 20 {
		return time.Time{}, false
	}
	switch {
	case whole >= 18:
		point -= 9
	case whole >= 15:
		point -= 6
	case whole >= 12:
		point -= 3
	}
	at := func(i int) int64 {
		if i < n {
			return int64(digits[i])
		}
		return 0
	}
	var seconds, nanos int64
	for i := zeros; i < point; i++ {
		seconds = seconds*10 + at(i)
	}
	for i := point; i < point+9; i++ {
		nanos = nanos*10 + at(i)
	}
	return instant(seconds, nanos)
}

// cutTime reads an ISO date and clock at the start of s and returns what follows them: `-` or `/` in the date, T or a space
// before the clock; seconds, fraction and zone may lack. No zone means UTC.
func cutTime(s string) (t time.Time, rest string, ok bool) {
	if len(s) < 16 {
		return t, s, false
	}
	year, ok1 := digits4(s)
	month, ok2 := digits2(s[5:])
	day, ok3 := digits2(s[8:])
	hour, ok4 := digits2(s[11:])
	minute, ok5 := digits2(s[14:])
	if !(ok1 && ok2 && ok3 && ok4 && ok5) || s[4] != s[7] || s[4] != '-' && s[4] != '/' ||
		s[10] != 'T' && s[10] != ' ' && s[10] != 't' || s[13] != ':' {
		return t, s, false
	}
	if month < 1 || month > 12 || day < 1 || day > 28 && day > daysIn(year, month) || hour > 23 || minute > 59 {
		return t, s, false
	}
	rest = s[16:]
	second, nanos := 0, 0
	if len(rest) >= 3 && rest[0] == ':' {
		if second, ok = digits2(rest[1:]); !ok || second > 60 { // 60 is a leap second, RFC 3339 section 5.6
			return t, s, false
		}
		rest = rest[3:]
		if len(rest) >= 2 && (rest[0] == '.' || rest[0] == ',') && rest[1]-'0' <= 9 {
			i, unit := 1, 100_000_000
			for ; i < len(rest) && rest[i]-'0' <= 9; i++ {
				nanos += int(rest[i]-'0') * unit
				unit /= 10
			}
			rest = rest[i:]
		}
	}
	if rest != "" && rest[0]-'0' <= 9 {
		return t, s, false // one digit too many: no clock
	}
	offset, rest, ok := cutZone(rest)
	if !ok {
		return t, s, false
	}
	// The seconds since 1970 by arithmetic: time.Date normalises what is checked above, at thrice the cost.
	seconds := daysSince1970(year, month, day)*86400 + int64(hour*3600+minute*60+second-offset)
	if t, ok = instant(seconds, int64(nanos)); !ok {
		return t, s, false
	}
	return t, rest, true
}

// cutZone reads a zone at the start of s: Z, ±hh, ±hhmm, ±hh:mm, also after one space. None is UTC.
func cutZone(s string) (offset int, rest string, ok bool) {
	if s == "" {
		return 0, s, true
	}
	if s[0] == 'Z' || s[0] == 'z' {
		return 0, s[1:], true
	}
	z := strings.TrimPrefix(s, " ")
	if strings.HasPrefix(z, "UTC") || strings.HasPrefix(z, "GMT") {
		if len(z) == 3 || !isWord(z[3]) && z[3] != '+' && z[3] != '-' {
			return 0, z[3:], true
		}
	}
	if len(z) < 3 || z[0] != '+' && z[0] != '-' {
		return 0, s, true
	}
	hours, ok := digits2(z[1:])
	if !ok {
		return 0, s, len(z) < len(s) // "12:00:00 -x" has no zone; "12:00:00-x" is something else
	}
	minutes, n := 0, 3
	if m := strings.TrimPrefix(z[3:], ":"); len(m) >= 2 {
		if v, isNumber := digits2(m); isNumber {
			minutes, n = v, len(z)-len(m)+2
		}
	}
	if hours > 23 || minutes > 59 || n < len(z) && isWord(z[n]) {
		return 0, s, len(z) < len(s)
	}
	offset = hours*3600 + minutes*60
	if z[0] == '-' {
		offset = -offset
	}
	return offset, z[n:], true
}

// zoneNote reports whether s, after a time, only names its zone again: Java's "[Europe/Berlin]", Go's "CET" and "m=+0.1".
func zoneNote(s string) bool {
	if s == "" || s[0] == '[' && strings.IndexByte(s, ']') == len(s)-1 {
		return true
	}
	if s[0] != ' ' {
		return false
	}
	for _, word := range strings.Fields(s) {
		if !strings.HasPrefix(word, "m=+") && !strings.HasPrefix(word, "m=-") && word != "UTC" && word != "GMT" &&
			(len(word) < 3 || len(word) > 5 || strings.ToUpper(word) != word || !isLetter(word[0])) {
			return false
		}
	}
	// A zone by letters alone ("12:00 CET") is no zone that can be known: it must follow an offset.
	return strings.Contains(s, " m=") || s == " UTC"
}

func digits2(s string) (int, bool) {
	if len(s) < 2 || s[0]-'0' > 9 || s[1]-'0' > 9 {
		return 0, false
	}
	return int(s[0]-'0')*10 + int(s[1]-'0'), true
}

func digits4(s string) (int, bool) {
	a, ok1 := digits2(s)
	b, ok2 := digits2(s[2:])
	return a*100 + b, ok1 && ok2
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// daysSince1970 counts the days of the Gregorian calendar; March is the first month of the year it counts in.
func daysSince1970(year, month, day int) int64 {
	if month <= 2 {
		year--
		month += 12
	}
	return int64(365*year+year/4-year/100+year/400+(153*(month-3)+2)/5+day) - 719469
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func isWord(c byte) bool { return isLetter(c) || c-'0' <= 9 || c == '_' }
