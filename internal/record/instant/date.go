package instant

import "strings"

// cutDateTime reads a date and a clock at the start of s, without the zone.
func cutDateTime(s string) (d dateTime, rest string, ok bool) {
	if len(s) < 14 {
		return d, s, false
	}
	if isDigit(s[0]) {
		if rest, ok = d.cutISO(s); ok {
			return d, rest, true
		}
		d = dateTime{}
		if rest, ok = d.cutDayFirst(s); ok {
			return d, rest, true
		}
		d = dateTime{}
		rest, ok = d.cutNumbers(s)
		return d, rest, ok
	}
	if !isLetter(s[0]) || secondLetters[s[0]|0x20-'a']>>(s[1]|0x20-'a')&1 == 0 {
		return d, s, false
	}
	rest, ok = d.cutNamed(s)
	return d, rest, ok
}

// cutISO reads "2026-11-29T10:00:00.123", with -, / or . in the date, T, a space, a comma and a space, or " - " before the clock, "20261129T100000",
// "20261129 10:00:00" and "261129 10:00:00".
func (d *dateTime) cutISO(s string) (rest string, ok bool) {
	if s[6] == ' ' && skipDigits(s) == 6 {
		year, _ := digits2(s)
		d.month, _ = digits2(s[2:])
		d.day, _ = digits2(s[4:])
		d.year = 2000 + year
		return d.cutClock(strings.TrimLeft(s[7:], " "))
	}
	year, ok1 := digits4(s)
	if !ok1 {
		return s, false
	}
	if s[8] == ' ' && skipDigits(s) == 8 {
		d.year = year
		d.month, _ = digits2(s[4:])
		d.day, _ = digits2(s[6:])
		return d.cutClock(s[9:])
	}
	if len(s) >= 15 && isDigit(s[4]) && s[8] == 'T' {
		month, ok1 := digits2(s[4:])
		day, ok2 := digits2(s[6:])
		hour, ok3 := digits2(s[9:])
		minute, ok4 := digits2(s[11:])
		second, ok5 := digits2(s[13:])
		d.year, d.month, d.day, d.hour, d.minute, d.second = year, month, day, hour, minute, second
		return d.cutFraction(s[15:]), ok1 && ok2 && ok3 && ok4 && ok5
	}
	if len(s) < 16 || s[4] != '-' && s[4] != '/' && s[4] != '.' || s[7] != s[4] || s[10] != 'T' && s[10] != ' ' && s[10] != 't' && s[10] != ',' {
		return s, false
	}
	month, ok1 := digits2(s[5:])
	day, ok2 := digits2(s[8:])
	d.year, d.month, d.day = year, month, day
	if !ok1 || !ok2 {
		return s, false
	}
	if s[10] == ',' {
		if s[11] != ' ' {
			return s, false
		}
		return d.cutClock(s[12:])
	}
	return d.cutClock(strings.TrimPrefix(s[11:], "- "))
}

// cutDayFirst reads "29/Nov/2026:10:00:00", "29-Nov-2026 10:00:00", "29 Nov 2026 10:00:00" and "29-Nov-26 10:00:00".
func (d *dateTime) cutDayFirst(s string) (rest string, ok bool) {
	n := skipDigits(s)
	if n == 0 || n > 2 || n >= len(s) || s[n] != '/' && s[n] != '-' && s[n] != ' ' {
		return s, false
	}
	separator := s[n]
	d.day = number(s[:n])
	month, rest := cutMonth(s[n+1:])
	if month == 0 || rest == "" || rest[0] != separator {
		return s, false
	}
	d.month = month
	rest = rest[1:]
	n = skipDigits(rest)
	if n != 4 && (n != 2 || separator == '/') || n >= len(rest) {
		return s, false
	}
	d.year = number(rest[:n])
	if n == 2 { // RFC 850 and RFC 822 have two digits; 1970 to 2069
		if d.year += 2000; d.year >= 2070 {
			d.year -= 100
		}
	}
	if rest[n] != ' ' && (rest[n] != ':' || n == 2) { // "29 Nov 10:00:00" has no year
		return s, false
	}
	return d.cutClock(strings.TrimPrefix(rest[n+1:], ":")) // Erlang has two colons
}

// cutNumbers reads "29.11.2026 10:00:00", "29-11-2026 10:00:00" and "11/29/2026, 10:00:00 AM". Where month and day can be either, the instant is unknown.
func (d *dateTime) cutNumbers(s string) (rest string, ok bool) {
	n := skipDigits(s)
	if n == 0 || n > 2 || n >= len(s) || s[n] != '.' && s[n] != '/' && s[n] != '-' {
		return s, false
	}
	separator := s[n]
	first := number(s[:n])
	rest = s[n+1:]
	if n = skipDigits(rest); n == 0 || n > 2 || n >= len(rest) || rest[n] != separator {
		return s, false
	}
	second := number(rest[:n])
	rest = rest[n+1:]
	year, isYear := digits4(rest)
	if !isYear || len(rest) < 6 {
		return s, false
	}
	d.year, d.day, d.month = year, first, second
	if separator != '.' && second > 12 {
		d.day, d.month = second, first
	}
	d.unknown = separator != '.' && first <= 12 && second <= 12 && first != second
	rest = strings.TrimPrefix(rest[4:], ",")
	if rest == "" || rest[0] != ' ' {
		return s, false
	}
	return d.cutClock(rest[1:])
}

// cutNamed reads what begins with a name: "Sun, 29 Nov 2026 10:00:00", "Sunday, 29-Nov-26 10:00:00", "Sun Nov 29 10:00:00 2026",
// "Sun Nov 29 2026 10:00:00", "Nov 29, 2026 10:00:00 AM".
func (d *dateTime) cutNamed(s string) (rest string, ok bool) {
	rest = s
	if d.weekday, rest = cutWeekday(s); d.weekday != 0 {
		rest = strings.TrimPrefix(rest, ",")
		if rest == "" || rest[0] != ' ' {
			return s, false
		}
		rest = rest[1:]
		if rest != "" && isDigit(rest[0]) {
			return d.cutDayFirst(rest)
		}
	}
	month, rest := cutMonth(rest)
	if month == 0 || rest == "" || rest[0] != ' ' {
		return s, false
	}
	d.month = month
	rest = strings.TrimLeft(rest, " ")
	n := skipDigits(rest)
	if n == 0 || n > 2 {
		return s, false
	}
	d.day = number(rest[:n])
	rest = rest[n:]
	hasComma := strings.HasPrefix(rest, ",")
	rest = strings.TrimPrefix(rest, ",")
	if rest == "" || rest[0] != ' ' {
		return s, false
	}
	rest = rest[1:]
	if year, ok := digits4(rest); ok && len(rest) > 5 && !isDigit(rest[4]) {
		d.year = year
		rest = strings.TrimPrefix(rest[4:], ",")
		if rest == "" || rest[0] != ' ' {
			return s, false
		}
		return d.cutClock(rest[1:])
	}
	d.lacksYear = true
	rest, ok = d.cutClock(rest)
	return rest, ok && d.weekday != 0 && !hasComma
}

// cutClock reads "10:00", "10:00:00", "1:00:00 PM" and a fraction of the second.
func (d *dateTime) cutClock(s string) (rest string, ok bool) {
	n := skipDigits(s)
	if n == 0 || n > 2 || n >= len(s) || s[n] != ':' {
		return s, false
	}
	d.hour = number(s[:n])
	minute, ok := digits2(s[n+1:])
	if !ok {
		return s, false
	}
	d.minute = minute
	rest = s[n+3:]
	if len(rest) >= 3 && rest[0] == ':' {
		if d.second, ok = digits2(rest[1:]); !ok {
			return s, false
		}
		rest = d.cutFraction(rest[3:])
	}
	if rest != "" && isDigit(rest[0]) {
		return s, false // more digits than a time of day has
	}
	return d.cutHalf(rest, n)
}

// cutFraction parses the fraction of a second after a point or a comma.
func (d *dateTime) cutFraction(s string) string {
	if len(s) < 2 || s[0] != '.' && s[0] != ',' || !isDigit(s[1]) {
		return s
	}
	i, unit := 1, 100_000_000
	for ; i < len(s) && isDigit(s[i]); i++ {
		d.nanos += int(s[i]-'0') * unit
		unit /= 10
	}
	return s[i:]
}

// cutHalf parses AM or PM after a time of day whose hour has n digits.
func (d *dateTime) cutHalf(s string, n int) (rest string, ok bool) {
	half := strings.TrimPrefix(strings.TrimPrefix(s, " "), "\u202f") // CLDR has a narrow space
	if len(half) < 2 || half[1]|0x20 != 'm' || half[0]|0x20 != 'a' && half[0]|0x20 != 'p' || len(half) > 2 && isLetter(half[2]) {
		return s, n == 2 || d.year != 0 // "9:00:00" counts only after a date
	}
	if d.hour < 1 || d.hour > 12 {
		return s, false
	}
	d.hour %= 12
	if half[0]|0x20 == 'p' {
		d.hour += 12
	}
	return half[2:], true
}

// CutClock cuts a clock without a date off the start, or a date without a year: "10:00:00.123", "10:00AM", "Nov 29 10:00:00.123",
// "29 Nov 10:00:00.123", "11-29 10:00:00.123", "26/11/29 10:00:00". These don't determine an instant.
func CutClock(s string) (rest string, ok bool) {
	if len(s) < 5 {
		return s, false
	}
	var d dateTime
	switch {
	case isLetter(s[0]):
		month, after := cutMonth(s)
		if month == 0 || after == "" || after[0] != ' ' {
			return s, false
		}
		after = strings.TrimLeft(after, " ")
		n := skipDigits(after)
		if n == 0 || n > 2 || n >= len(after) || after[n] != ' ' {
			return s, false
		}
		rest = after[n+1:]
	case !isDigit(s[0]):
		return s, false
	case len(s) > 14 && s[2] == ' ' && isLetter(s[3]):
		month, after := cutMonth(s[3:])
		if month == 0 || after == "" || after[0] != ' ' {
			return s, false
		}
		rest = after[1:]
	case len(s) > 14 && s[2] == '-' && s[5] == ' ': // 11-29
		rest = s[6:]
	case len(s) > 16 && s[2] == '/' && s[5] == '/' && s[8] == ' ': // 26/11/29
		rest = s[9:]
	default:
		rest = s
	}
	after, ok := d.cutClock(rest)
	if !ok || d.hour > 23 || d.minute > 59 || d.second > 60 {
		return s, false
	}
	if len(rest)-len(after) < 7 && len(after) == len(strings.TrimLeft(after, "AaPpMm")) && rest[len(rest)-len(after)-1]|0x20 != 'm' {
		return s, false // "10:00" alone is an address or a ratio
	}
	return after, true
}

var monthNames = [...]string{"january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"}

// cutMonth reads the name of a month, in full or its first three letters.
func cutMonth(s string) (month int, rest string) {
	for i, name := range monthNames {
		if n := cutName(s, name); n > 0 {
			return i + 1, s[n:]
		}
	}
	return 0, s
}

var dayNames = [...]string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}

// secondLetters has the second letters of the names of months and days by the first one, as bit masks. It excludes most other words.
var secondLetters = func() (masks [26]uint32) {
	for _, name := range append(monthNames[:], dayNames[:]...) {
		masks[name[0]-'a'] |= 1 << (name[1] - 'a')
	}
	return masks
}()

// cutWeekday parses the name of a day of the week; 1 is Sunday.
func cutWeekday(s string) (day int, rest string) {
	for i, name := range dayNames {
		if n := cutName(s, name); n > 0 {
			return i + 1, s[n:]
		}
	}
	return 0, s
}

// cutName returns the length of the name at the start of s, which may be its first three letters only; 0 if it is another text.
func cutName(s, name string) int {
	if len(s) < 3 || s[0]|0x20 != name[0] || s[1]|0x20 != name[1] || s[2]|0x20 != name[2] {
		return 0
	}
	n := 3
	for n < len(s) && n < len(name) && s[n]|0x20 == name[n] {
		n++
	}
	if n != 3 && n != len(name) || n < len(s) && isLetter(s[n]) {
		return 0
	}
	return n
}

func isDigit(c byte) bool { return c-'0' <= 9 }

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func isWord(c byte) bool { return isLetter(c) || isDigit(c) || c == '_' }

// skipDigits returns the number of digits at the start of s.
func skipDigits(s string) int {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n
}

// number returns the value of at most four digits.
func number(digits string) int {
	n := 0
	for _, c := range []byte(digits) {
		n = n*10 + int(c-'0')
	}
	return n
}

func digits2(s string) (int, bool) {
	if len(s) < 2 || !isDigit(s[0]) || !isDigit(s[1]) {
		return 0, false
	}
	return int(s[0]-'0')*10 + int(s[1]-'0'), true
}

func digits4(s string) (int, bool) {
	if len(s) < 4 {
		return 0, false
	}
	a, ok1 := digits2(s)
	b, ok2 := digits2(s[2:])
	return a*100 + b, ok1 && ok2
}
