// Package jsonscan finds the tokens of JSON in place. It copies nothing and builds no tree, and its time is linear in the length of the text,
// even for deep nesting.
//
// Unlike encoding/json it keeps each part of a record as it was published: numbers keep their digits, members keep their order even with
// repeated names, and NaN and the infinities, which Python and others write, are allowed. Fuzz tests compare it with encoding/json.
//
// Functions whose comment says "checks" accept any text. The others require checked JSON.
package jsonscan

import "strings"

// Kind is the type of a JSON value.
type Kind uint8

// The kinds of values.
const (
	Null Kind = iota
	False
	True
	Number
	NotFinite // NaN, Infinity, -Infinity: not in the standard
	String
	Array
	Object
)

// Flags are properties of a value.
type Flags uint8

const (
	// Escaped marks a string with a backslash.
	Escaped Flags = 1 << iota
	// Unclean marks a value that can't be copied unchanged: it has a lone surrogate, NaN, or a line break between tokens. [AppendClean] fixes that.
	Unclean
	// Deep marks a value that is nested deeper than [MaxDepth].
	Deep
)

// MaxDepth is how deep a value may be nested. Python supports 1000 levels and encoding/json 10,000, so every reader supports 500.
const MaxDepth = 500

// Value is one JSON value as written.
type Value struct {
	Raw  string
	Kind Kind
}

// literal returns the index after word if s has it at i, else -1.
func literal(s string, i int, word string) int {
	if strings.HasPrefix(s[i:], word) {
		return i + len(word)
	}
	return -1
}

// NumberEnd checks the number at i and returns the index after it, or -1.
func NumberEnd(s string, i int) int {
	if i < len(s) && s[i] == '-' {
		i++
	}
	switch {
	case i >= len(s):
		return -1
	case s[i] == '0':
		i++
	case s[i] >= '1' && s[i] <= '9':
		i = SkipDigits(s, i)
	default:
		return -1
	}
	if i < len(s) && s[i] == '.' {
		j := SkipDigits(s, i+1)
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
		j := SkipDigits(s, i)
		if j == i {
			return -1
		}
		i = j
	}
	return i
}

// SkipDigits returns the index of the first byte from i on that is not a decimal digit.
func SkipDigits[T string | []byte](s T, i int) int {
	for i < len(s) && s[i]-'0' <= 9 {
		i++
	}
	return i
}

// SkipBlanks returns the index of the first byte from i on that is not JSON white space.
func SkipBlanks(s string, i int) int {
	for i < len(s) && (s[i] == ' ' || s[i] == '\n' || s[i] == '\r' || s[i] == '\t') {
		i++
	}
	return i
}

// ValueEnd returns the index after the value at i, and its kind.
func ValueEnd(s string, i int) (int, Kind) {
	switch s[i] {
	case '"':
		end, _ := StringEnd(s, i+1)
		return end + 1, String
	case 't':
		return i + 4, True
	case 'f':
		return i + 5, False
	case 'n':
		return i + 4, Null
	case 'N':
		return i + 3, NotFinite
	case 'I':
		return i + 8, NotFinite
	case '{', '[':
	default:
		if s[i] == '-' && s[i+1] == 'I' {
			return i + 9, NotFinite
		}
		return NumberEnd(s, i), Number
	}
	k := Array
	if s[i] == '{' {
		k = Object
	}
	for open := 0; ; i++ {
		switch s[i] {
		case '"':
			i, _ = StringEnd(s, i+1)
		case '{', '[':
			open++
		case '}', ']':
			if open--; open == 0 {
				return i + 1, k
			}
		}
	}
}

// Iterator iterates over the elements of an array or the members of an object, the field JSON.
type Iterator struct {
	JSON  string // the array or object as written
	Key   string // of the current member, as written, with its quotes
	Value Value  // the current one

	at int // where the next element is looked for
}

// Next advances to the next element and reports whether there is one.
func (it *Iterator) Next() bool {
	s := it.JSON
	i := SkipBlanks(s, it.at+1) // after the opening bracket or the comma
	if i >= len(s) || it.at == 0 && (s[i] == ']' || s[i] == '}') {
		return false
	}
	if s[0] == '{' {
		end, _ := StringEnd(s, i+1)
		if end < 0 {
			return false
		}
		it.Key = s[i : end+1]
		i = SkipBlanks(s, SkipBlanks(s, end+1)+1)
	}
	end, k := ValueEnd(s, i)
	it.Value = Value{s[i:end], k}
	it.at = SkipBlanks(s, end)
	return true
}

// Reset returns to the position before the first element.
func (it *Iterator) Reset() { it.at = 0 }
