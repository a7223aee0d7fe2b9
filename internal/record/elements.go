package record

// elementIter walks the elements of an array, or the members of an object, in JSON that has been scanned. Unlike the nodes it
// keeps nothing, so that what is asked for only once need not be kept.
type elementIter struct {
	s     string // the array or object as written
	at    int    // where the next element is looked for
	key   string // of a member, as written, with its quotes
	value value
}

// next goes to the next element and reports whether there is one.
func (it *elementIter) next() bool {
	s := it.s
	i := skipBlanks(s, it.at+1) // after the opening bracket or the comma
	if i >= len(s) || it.at == 0 && (s[i] == ']' || s[i] == '}') {
		return false
	}
	if s[0] == '{' {
		end, _ := scanString(s, i+1)
		if end < 0 {
			return false
		}
		it.key = s[i : end+1]
		i = skipBlanks(s, skipBlanks(s, end+1)+1)
	}
	end, k := valueEnd(s, i)
	it.value = value{s[i:end], k}
	it.at = skipBlanks(s, end)
	return true
}

// valueEnd returns the index after the value at i, and its kind. The JSON has been scanned, so that of arrays and objects only
// brackets and strings are looked at.
func valueEnd(s string, i int) (int, kind) {
	switch s[i] {
	case '"':
		end, _ := scanString(s, i+1)
		return end + 1, text
	case 't':
		return i + 4, boolTrue
	case 'f':
		return i + 5, boolFalse
	case 'n':
		return i + 4, null
	case 'N':
		return i + 3, notFinite
	case 'I':
		return i + 8, notFinite
	case '{', '[':
	default:
		if s[i] == '-' && s[i+1] == 'I' {
			return i + 9, notFinite
		}
		return scanNumber(s, i), number
	}
	k := array
	if s[i] == '{' {
		k = object
	}
	for open := 0; ; i++ {
		switch s[i] {
		case '"':
			i, _ = scanString(s, i+1)
		case '{', '[':
			open++
		case '}', ']':
			if open--; open == 0 {
				return i + 1, k
			}
		}
	}
}
