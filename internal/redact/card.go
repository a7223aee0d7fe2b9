package redact

// scanNumber skips a number, and hides it if it is that of a payment card, which has certain first digits, lengths, groups and a Luhn check
// digit (ISO/IEC 7812-1, annex B).
func (r *redactor) scanNumber(i int) int {
	s := r.s
	start := i
	for i < len(s) && s[i]-'0' <= 9 {
		i++
	}
	if i-start < 4 || i-start < 14 && (i == len(s) || s[i] != ' ' && s[i] != '-') {
		return i
	}
	i = start
	var digits [20]byte
	var groups [8]int
	n, g, end := 0, 0, i
	separator := byte(0)
	for ; end < len(s); end++ {
		c := s[end]
		if c-'0' <= 9 {
			if n == len(digits) {
				break
			}
			digits[n] = c - '0'
			n++
			groups[g]++
			continue
		}
		if c != ' ' && c != '-' || separator != 0 && c != separator || end+1 == len(s) || s[end+1]-'0' > 9 || groups[g] < 4 || g+1 == len(groups) {
			break
		}
		separator = c
		g++
	}
	if n < 14 || n > 19 || !isCard(digits[:n], groups[:g+1]) || i > 0 && (isWord(s[i-1]) || s[i-1] == '.') || end < len(s) && (isWord(s[end]) || s[end] == '.' && end+1 < len(s) && s[end+1]-'0' <= 9) {
		for end = i + 1; end < len(s) && s[end]-'0' <= 9; end++ {
		}
		return end
	}
	with := Replacement
	if r.isJSON && !r.inString(i) {
		with = `"` + Replacement + `"`
	}
	return r.replace(i, end, with)
}

// isCard reports whether digits in groups of these lengths are a card number.
func isCard(d []byte, groups []int) bool {
	first := int(d[0])*1000 + int(d[1])*100 + int(d[2])*10 + int(d[3])
	ok := false
	switch n := len(d); {
	case first/1000 == 4, first/100 >= 51 && first/100 <= 55, first >= 2221 && first <= 2720, first == 6011, first/100 == 65, first/10 >= 644 && first/10 <= 649, first/10 >= 352 && first/10 <= 358:
		ok = n == 16
	case first/100 == 34, first/100 == 37:
		ok = n == 15
	case first/100 == 36, first/100 == 38, first/10 >= 300 && first/10 <= 305:
		ok = n == 14
	case first/100 == 62:
		ok = n >= 16
	}
	if !ok || len(groups) > 1 && (groups[0] != 4 || len(groups) != 4 && len(groups) != 3) {
		return false
	}
	sum := 0
	for i := range d {
		digit := int(d[len(d)-1-i])
		if i%2 == 1 {
			if digit *= 2; digit > 9 {
				digit -= 9
			}
		}
		sum += digit
	}
	return sum%10 == 0
}

// inString reports whether s[i] is inside a JSON string.
func (r *redactor) inString(i int) bool {
	for i--; i >= 0 && isBlank(r.s[i]); i-- {
	}
	if i < 0 || r.s[i] != ':' && r.s[i] != ',' && r.s[i] != '[' {
		return true
	}
	in := false
	for j := 0; j < i; j++ {
		switch r.s[j] {
		case '\\':
			j++
		case '"':
			in = !in
		}
	}
	return in
}
