package record

import "strings"

// skipValue checks the value at i and returns the index after it, or -1, with its kind and flags.
func (d *decoder) skipValue(i, depth int) (int, kind, flags) {
	s := d.s
	switch c := s[i]; {
	case c == '"':
		end, f := scanString(s, i+1)
		if end < 0 {
			return -1, 0, 0
		}
		return end + 1, text, f
	case c == '{' || c == '[':
		k := array
		if c == '{' {
			k = object
		}
		end, f := d.skip(i, depth)
		return end, k, f
	case c == 't':
		return literal(s, i, "true"), boolTrue, 0
	case c == 'f':
		return literal(s, i, "false"), boolFalse, 0
	case c == 'n':
		return literal(s, i, "null"), null, 0
	case c == 'N':
		return literal(s, i, "NaN"), notFinite, unclean
	case c == 'I':
		return literal(s, i, "Infinity"), notFinite, unclean
	case c == '-' && i+1 < len(s) && s[i+1] == 'I':
		return literal(s, i, "-Infinity"), notFinite, unclean
	default:
		return scanNumber(s, i), number, 0
	}
}

// skip checks the array or object at i without keeping its members, and returns the index after it, or -1.
// It does not recurse: the depth is the payload's to choose.
func (d *decoder) skip(i, depth int) (int, flags) {
	s := d.s
	open := 0 // brackets open
	var f flags
	push := func(isObject bool) {
		word, bit := open>>6, uint(open)&63
		if word == len(d.stack) {
			d.stack = append(d.stack, 0)
		}
		d.stack[word] &^= 1 << bit
		if isObject {
			d.stack[word] |= 1 << bit
		}
		open++
		if open+depth > maxDepth {
			f |= deep
		}
	}
	blanks := func(i int) int {
		for i < len(s) && s[i] <= ' ' {
			switch s[i] {
			case ' ':
			case '\n', '\r', '\t':
				f |= unclean
			default:
				return i
			}
			i++
		}
		return i
	}
	inObject := false
	wantValue := true // else a comma or the end
	first := false    // right after an opening bracket, where the end may be
	for {
		i = blanks(i)
		if i >= len(s) {
			return -1, 0
		}
		if open > 0 && (first || !wantValue) {
			if c := s[i]; c == ']' && !inObject || c == '}' && inObject {
				i++
				open--
				if open == 0 {
					return i, f
				}
				inObject = d.stack[(open-1)>>6]>>(uint(open-1)&63)&1 != 0
				wantValue, first = false, false
				continue
			}
		}
		if !wantValue {
			if s[i] != ',' {
				return -1, 0
			}
			i = blanks(i + 1)
			if i >= len(s) {
				return -1, 0
			}
		}
		if open > 0 && inObject {
			if s[i] != '"' {
				return -1, 0
			}
			end, kf := scanString(s, i+1)
			if end < 0 {
				return -1, 0
			}
			f |= kf & unclean
			i = blanks(end + 1)
			if i >= len(s) || s[i] != ':' {
				return -1, 0
			}
			i = blanks(i + 1)
			if i >= len(s) {
				return -1, 0
			}
		}
		if c := s[i]; c == '{' || c == '[' {
			inObject = c == '{'
			push(inObject)
			i++
			wantValue, first = true, true
			continue
		}
		end, _, vf := d.skipValue(i, depth)
		if end < 0 {
			return -1, 0
		}
		f |= vf & unclean
		i = end
		wantValue, first = false, false
	}
}

// literal returns the index after word if it stands at i, else -1.
func literal(s string, i int, word string) int {
	if strings.HasPrefix(s[i:], word) {
		return i + len(word)
	}
	return -1
}

// scanNumber returns the index after the number at i, or -1.
func scanNumber(s string, i int) int {
	if i < len(s) && s[i] == '-' {
		i++
	}
	switch {
	case i >= len(s):
		return -1
	case s[i] == '0':
		i++
	case s[i] >= '1' && s[i] <= '9':
		i = skipDigits(s, i)
	default:
		return -1
	}
	if i < len(s) && s[i] == '.' {
		j := skipDigits(s, i+1)
		if j == i+1 {
			return -1
		}
		i = j
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		i++
		if i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		j := skipDigits(s, i)
		if j == i {
			return -1
		}
		i = j
	}
	return i
}

func skipDigits(s string, i int) int {
	for i < len(s) && s[i]-'0' <= 9 {
		i++
	}
	return i
}

// skipBlanks skips JSON's white space.
func skipBlanks(s string, i int) int {
	for i < len(s) && (s[i] == ' ' || s[i] == '\n' || s[i] == '\r' || s[i] == '\t') {
		i++
	}
	return i
}
