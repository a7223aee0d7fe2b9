package filter

import (
	"bytes"
	"unicode/utf8"
)

// valueKind is what a JSON value is.
type valueKind uint8

const (
	absent valueKind = iota
	aText
	aNumeral
	aWord   // true or false
	aNull   // a leaf that does not count as present
	aNested // an object or an array
)

// value is a JSON value as it is encoded; of a text only its contents, still escaped.
type value struct {
	raw  []byte
	kind valueKind
}

// member returns the part that a member of a record's encoding holds; field for the fields, anyText for a name that is none.
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

// scan finds the parts of a record as the history encodes it: compact JSON, in which no member's name is escaped and none
// comes twice. It stops when it has found all that are needed. ok is false when that is not what it was given.
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

// cutValue returns the JSON value that begins at i, and where it ends, -1 if it does not.
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

// closing returns where the string ends that has its first character at i, or -1.
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

// closingBracket returns where the object or array ends that begins at i, or -1.
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

// appendUnescaped appends what the contents of a JSON string say.
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

// cutUnicode reads the digits behind \u, and of a surrogate the second half. Half a pair becomes U+FFFD.
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
	return r, s // utf8.AppendRune makes U+FFFD of a surrogate
}

// hex4 returns the value of the four hexadecimal digits that s begins with, or -1.
func hex4(s []byte) (r rune) {
	if len(s) < 4 {
		return -1
	}
	for _, c := range s[:4] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return -1
		}
		r = r<<4 | rune(c)
	}
	return r
}

// leaves walks over the leaves of a JSON object. The members of an array stand under the array's path.
type leaves struct {
	value        // the leaf
	path  []byte // names joined by points, folded as the reader's texts are

	in         []byte
	pos        int
	open       []frame
	name       []byte // unescaped
	ignoreCase bool
}

// frame is an object or array that is open.
type frame struct {
	array bool
	path  int // the length of its path
}

// begin begins at the first leaf of an object.
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

// isID reports whether the leaf of a record's ids is an id: a string, but not what says what kind of id it is.
func (l *leaves) isID() bool {
	return l.kind == aText && string(l.path) != ".kind" && string(l.path) != ".name"
}

// key reads a member's name, up to its value, and makes the path of it.
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
