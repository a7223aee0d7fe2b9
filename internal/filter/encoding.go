package filter

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// valueKind is the type of a JSON value.
type valueKind uint8

const (
	absent valueKind = iota
	aText
	aNumeral
	aWord   // true or false
	aNull   // a leaf that does not count as present
	aNested // an object or an array
)

// value is an encoded JSON value. For a string, raw is the text between the quotes, still escaped.
type value struct {
	raw  []byte
	kind valueKind
}

// member returns the part that a member of a record's encoding holds: field for the fields, and anyText for an unknown name.
func member(name []byte) part {
	switch string(name) {
	case "level":
		return partLevel
	case "logger":
		return partLogger
	case "host":
		return partHost
	case "channel":
		return partChannel
	case "worker":
		return partWorker
	case "message":
		return partMessage
	case "source":
		return partSource
	case "trace":
		return partTrace
	case "pid":
		return partPID
	case "time":
		return partTime
	case "seq":
		return partSeq
	case "at":
		return partAt
	case "template":
		return partTemplate
	case "entry":
		return partEntry
	case "pattern":
		return partPattern
	case "ids":
		return partIDs
	case "fields":
		return field
	}
	return anyText
}

// scan finds the needed parts of a record in the encoding of the history, and stops when it has found them all. That encoding is
// compact JSON in which no member's name is escaped and none occurs twice. ok is false if encoded is not of that form.
func (r *reader) scan(encoded []byte, needed partSet) (ok bool) {
	for i := 1; i < len(encoded) && encoded[i] == '"'; i++ {
		end := closing(encoded, i+1)
		if end < 0 || end+2 >= len(encoded) {
			return false
		}
		p := member(encoded[i+1 : end])
		var v value
		if v, i = cutValue(encoded, end+2); i < 0 {
			return false
		}
		if needed.has(p) {
			r.parts[p] = v
			if needed &^= 1 << p; needed == 0 {
				return true
			}
		}
		if i == len(encoded)-1 {
			return encoded[i] == '}'
		}
	}
	return false
}

// cutValue returns the JSON value that begins at i and the index after it, or -1 if the value does not end.
func cutValue(s []byte, i int) (v value, end int) {
	switch s[i] {
	case '"':
		if end = closing(s, i+1); end < 0 {
			return v, -1
		}
		return value{s[i+1 : end], aText}, end + 1
	case '{', '[':
		if end = closingBracket(s, i); end < 0 {
			return v, -1
		}
		return value{s[i:end], aNested}, end
	case 't', 'f':
		v.kind = aWord
	case 'n':
		v.kind = aNull
	default:
		v.kind = aNumeral
	}
	for end = i; end < len(s) && s[end] > ' ' && s[end] != ',' && s[end] != '}' && s[end] != ']'; {
		end++
	}
	v.raw = s[i:end]
	return v, end
}

// closing returns the index of the quote that closes a string, or -1. i is the index after the opening quote.
func closing(s []byte, i int) int {
	for {
		n := bytes.IndexByte(s[i:], '"')
		if n < 0 {
			return -1
		}
		end := i + n
		slashes := 0
		for slashes < n && s[end-1-slashes] == '\\' {
			slashes++
		}
		if slashes%2 == 0 {
			return end
		}
		i = end + 1
	}
}

// closingBracket returns the index after the object or array that begins at i, or -1 if it does not end.
func closingBracket(s []byte, i int) int {
	for depth := 0; i < len(s); i++ {
		switch s[i] {
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		case '"':
			if i = closing(s, i+1); i < 0 {
				return -1
			}
		}
	}
	return -1
}

// appendUnescaped appends the contents of a JSON string, unescaped.
func appendUnescaped(dst, s []byte) []byte {
	for {
		i := bytes.IndexByte(s, '\\')
		if i < 0 || i+1 == len(s) {
			return append(dst, s...)
		}
		dst = append(dst, s[:i]...)
		c := s[i+1]
		s = s[i+2:]
		switch c {
		case 'b':
			c = '\b'
		case 'f':
			c = '\f'
		case 'n':
			c = '\n'
		case 'r':
			c = '\r'
		case 't':
			c = '\t'
		case 'u':
			var r rune
			r, s = cutUnicode(s)
			dst = utf8.AppendRune(dst, r)
			continue
		}
		dst = append(dst, c)
	}
}

// cutUnicode reads the digits after \u, and the second half of a surrogate pair if there is one. Half a pair becomes U+FFFD.
func cutUnicode(s []byte) (rune, []byte) {
	r := hex4(s)
	if r < 0 {
		return utf8.RuneError, s
	}
	s = s[4:]
	if r&0xFC00 == 0xD800 && len(s) >= 6 && s[0] == '\\' && s[1] == 'u' {
		if low := hex4(s[2:]); low&^0x3FF == 0xDC00 {
			return 0x10000 + (r-0xD800)<<10 + low - 0xDC00, s[6:]
		}
	}
	return r, s // utf8.AppendRune replaces a surrogate with U+FFFD
}

// hex4 returns the value of the four hexadecimal digits that s begins with, or -1.
func hex4(s []byte) rune {
	n, err := strconv.ParseUint(string(s[:min(4, len(s))]), 16, 16)
	if err != nil || len(s) < 4 {
		return -1
	}
	return rune(n)
}

// leaves walks over the leaves of a JSON object. The elements of an array have the path of the array.
type leaves struct {
	value        // the current leaf
	path  []byte // its names joined by dots, folded like the texts of the reader

	in         []byte
	pos        int
	open       []frame
	name       []byte // unescaped
	ignoreCase bool
}

// frame is an object or array that has not ended yet.
type frame struct {
	array bool
	path  int // the length of its path
}

// begin starts a walk before the first leaf of an object.
func (l *leaves) begin(object []byte) {
	l.in, l.pos, l.path = object, 0, l.path[:0]
	l.open = l.open[:0]
}

// next moves to the next leaf and reports whether there is one.
func (l *leaves) next() bool {
	for l.pos < len(l.in) {
		c := l.in[l.pos]
		switch {
		case c == ',' || c == ':' || c <= ' ':
			l.pos++
			continue
		case c == '}' || c == ']':
			l.pos++
			if l.open = l.open[:len(l.open)-1]; len(l.open) == 0 {
				return false
			}
			continue
		}
		if n := len(l.open); n > 0 {
			if top := l.open[n-1]; !top.array && !l.key(top, n > 1) {
				return false
			} else if top.array {
				l.path = l.path[:top.path]
			}
		}
		if c = l.in[l.pos]; c == '{' || c == '[' {
			l.open = append(l.open, frame{c == '[', len(l.path)})
			l.pos++
			continue
		}
		var end int
		if l.value, end = cutValue(l.in, l.pos); end <= l.pos {
			return false
		}
		l.pos = end
		return true
	}
	return false
}

// isID reports whether the current leaf of a record's ids is an ID. It must be a string other than the kind and the name of an ID.
func (l *leaves) isID() bool {
	return l.kind == aText && string(l.path) != ".kind" && string(l.path) != ".name"
}

// key reads a member's name, sets the path, and moves to the value.
func (l *leaves) key(top frame, below bool) bool {
	end := closing(l.in, l.pos+1)
	if end < 0 {
		return false
	}
	name := l.in[l.pos+1 : end]
	if l.path = l.path[:top.path]; below {
		l.path = append(l.path, '.')
	}
	if bytes.IndexByte(name, '\\') >= 0 {
		l.name = appendUnescaped(l.name[:0], name)
		name = l.name
	}
	l.path = appendFolded(l.path, name, l.ignoreCase)
	for l.pos = end + 1; l.pos < len(l.in) && (l.in[l.pos] == ':' || l.in[l.pos] <= ' '); {
		l.pos++
	}
	return l.pos < len(l.in)
}
