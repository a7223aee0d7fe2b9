package jsonscan

// Checker checks JSON values. The zero value is ready to use. It reuses memory and is not safe for concurrent use.
type Checker struct {
	open []uint64 // a bit for each open bracket: 1 for an object
}

// Trim releases the memory that an unusually deep value needed.
func (c *Checker) Trim() {
	if cap(c.open) > 64 {
		c.open = nil
	}
}

// ValueEnd checks the value at i, which must be within s, and returns the index after it, or -1, and its kind and flags. depth is its depth in
// the payload.
func (c *Checker) ValueEnd(s string, i, depth int) (int, Kind, Flags) {
	switch b := s[i]; {
	case b == '"':
		end, f := StringEnd(s, i+1)
		if end < 0 {
			return -1, 0, 0
		}
		return end + 1, String, f
	case b == '{' || b == '[':
		k := Array
		if b == '{' {
			k = Object
		}
		end, f := c.nested(s, i, depth)
		return end, k, f
	case b == 't':
		return literal(s, i, "true"), True, 0
	case b == 'f':
		return literal(s, i, "false"), False, 0
	case b == 'n':
		return literal(s, i, "null"), Null, 0
	case b == 'N':
		return literal(s, i, "NaN"), NotFinite, Unclean
	case b == 'I':
		return literal(s, i, "Infinity"), NotFinite, Unclean
	case b == '-' && i+1 < len(s) && s[i+1] == 'I':
		return literal(s, i, "-Infinity"), NotFinite, Unclean
	default:
		return NumberEnd(s, i), Number, 0
	}
}

// nested checks the array or object at i and returns the index after it, or -1. It doesn't recurse, since the depth may be any.
func (c *Checker) nested(s string, i, depth int) (int, Flags) {
	var f Flags
	open := 0 // brackets
	wantValue, first := true, false
	for {
		i = f.blanks(s, i)
		if i >= len(s) {
			return -1, 0
		}
		inObject := open > 0 && c.isObject(open-1)
		if open > 0 && (first || !wantValue) {
			if b := s[i]; b == ']' && !inObject || b == '}' && inObject {
				i++
				if open--; open == 0 {
					return i, f
				}
				wantValue, first = false, false
				continue
			}
		}
		if !wantValue {
			if s[i] != ',' {
				return -1, 0
			}
			if i = f.blanks(s, i+1); i >= len(s) {
				return -1, 0
			}
		}
		if inObject {
			if i = f.key(s, i); i < 0 {
				return -1, 0
			}
		}
		if b := s[i]; b == '{' || b == '[' {
			c.push(open, b == '{')
			if open++; open+depth > MaxDepth {
				f |= Deep
			}
			i++
			wantValue, first = true, true
			continue
		}
		end, _, vf := c.ValueEnd(s, i, depth)
		if end < 0 {
			return -1, 0
		}
		f |= vf & Unclean
		i = end
		wantValue, first = false, false
	}
}

// push notes whether the n-th open bracket is that of an object.
func (c *Checker) push(n int, isObject bool) {
	word, bit := n>>6, uint(n)&63
	if word == len(c.open) {
		c.open = append(c.open, 0)
	}
	c.open[word] &^= 1 << bit
	if isObject {
		c.open[word] |= 1 << bit
	}
}

func (c *Checker) isObject(n int) bool { return c.open[n>>6]>>(uint(n)&63)&1 != 0 }

// blanks skips white space. A line break can't be copied into a record, which is one line.
func (f *Flags) blanks(s string, i int) int {
	for i < len(s) && s[i] <= ' ' {
		switch s[i] {
		case ' ':
		case '\n', '\r', '\t':
			*f |= Unclean
		default:
			return i
		}
		i++
	}
	return i
}

// key checks a member's name and colon at i, and returns the index of its value, or -1.
func (f *Flags) key(s string, i int) int {
	if s[i] != '"' {
		return -1
	}
	end, kf := StringEnd(s, i+1)
	if end < 0 {
		return -1
	}
	*f |= kf & Unclean
	i = f.blanks(s, end+1)
	if i >= len(s) || s[i] != ':' {
		return -1
	}
	if i = f.blanks(s, i+1); i >= len(s) {
		return -1
	}
	return i
}
