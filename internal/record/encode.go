package record

import (
	"strconv"
	"unicode/utf8"
)

// AppendMembers appends the parts that are present to dst as JSON members, each preceded by a comma:
// `,"time":"…","level":"…"`, so that a caller can put its own members first. What it appends is one line.
func (r *Record) AppendMembers(dst []byte) []byte {
	if !r.Time.IsZero() {
		dst = append(dst, `,"time":"`...)
		dst = append(r.Time.UTC().AppendFormat(dst, "2006-01-02T15:04:05.999999999Z07:00"), '"')
	}
	if level := r.Level.String(); level != "" {
		dst = append(append(append(dst, `,"level":"`...), level...), '"')
	}
	dst = appendPart(dst, `,"logger":`, r.Logger)
	dst = appendPart(dst, `,"message":`, r.Message)
	dst = appendPart(dst, `,"source":`, r.Source)
	dst = appendPart(dst, `,"trace":`, r.Trace)
	dst = appendPart(dst, `,"host":`, r.Host)
	if r.HasPID {
		dst = strconv.AppendInt(append(dst, `,"pid":`...), r.PID, 10)
	}
	if r.Fields != nil {
		dst = append(append(dst, `,"fields":`...), r.Fields...)
	}
	return appendPart(dst, `,"template":`, r.Template)
}

func appendPart(dst []byte, member, value string) []byte {
	if value == "" {
		return dst
	}
	return appendString(append(dst, member...), value)
}

const hexDigits = "0123456789abcdef"

// appendString appends s, which is valid UTF-8, as a JSON string.
func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for {
		i := plainEnd(s, 0)
		dst = append(dst, s[:i]...)
		if i == len(s) {
			return append(dst, '"')
		}
		switch c := s[i]; c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, `\n`...)
		case '\t':
			dst = append(dst, `\t`...)
		case '\r':
			dst = append(dst, `\r`...)
		default:
			dst = append(dst, `\u00`...)
			dst = append(dst, hexDigits[c>>4], hexDigits[c&15])
		}
		s = s[i+1:]
	}
}

// escapedLen returns the length that appendString gives s, without the quotes.
func escapedLen(s string) int {
	n := len(s)
	for i := 0; ; i++ {
		j := plainEnd(s[i:], 0)
		i += j
		if i >= len(s) {
			return n
		}
		n += escapeCost(s[i])
	}
}

// escapeCost returns how many bytes more than itself a byte takes in a JSON string.
func escapeCost(c byte) int {
	switch {
	case c == '"' || c == '\\' || c == '\n' || c == '\t' || c == '\r':
		return 1
	case c < ' ':
		return 5
	}
	return 0
}

// fields returns what no part took, as the text of a JSON object, or nil.
func (d *decoder) fields() []byte {
	dst := d.appendRest(append(d.rest[:0], '{'), 0, int32(len(d.nodes)))
	if cap(dst) <= maxKept {
		d.rest = dst
	}
	if len(dst) == 1 {
		return nil
	}
	fields := make([]byte, len(dst)+1)
	copy(fields, dst)
	fields[len(dst)] = '}'
	return fields
}

// appendRest appends the members from one node to another that are not taken, with commas between them.
func (d *decoder) appendRest(dst []byte, from, end int32) []byte {
	start := len(dst)
	for c := from; c < end; c = d.nodes[c].next {
		n := &d.nodes[c]
		if n.flags&taken != 0 {
			continue
		}
		before := len(dst)
		if before > start {
			dst = append(dst, ',')
		}
		dst = append(dst, '"')
		if n.flags&keyUnclean != 0 {
			dst = appendString(dst[:len(dst)-1], d.key(n))
		} else {
			dst = append(append(dst, d.s[n.keyStart:n.keyEnd]...), '"')
		}
		dst = append(dst, ':')
		switch {
		case n.kind == object && n.next > c+1:
			members := len(dst) + 1
			dst = d.appendRest(append(dst, '{'), c+1, n.next)
			if len(dst) == members && n.flags&touched != 0 {
				dst = dst[:before] // an object that loses its last member goes away
				continue
			}
			dst = append(dst, '}')
		case n.flags&deep != 0:
			dst = appendString(dst, d.raw(n))
		case n.flags&unclean != 0:
			dst = appendClean(dst, d.raw(n))
		default:
			dst = append(dst, d.raw(n)...)
		}
	}
	return dst
}

// appendClean appends a JSON value without blanks between its tokens, NaN and the infinities as strings, and U+FFFD for lone
// surrogates. The value has been scanned.
func appendClean(dst []byte, raw string) []byte {
	for i := 0; i < len(raw); {
		switch c := raw[i]; {
		case c == '"':
			end, f := scanString(raw, i+1)
			if end < 0 {
				return dst
			}
			if f&unclean != 0 {
				dst = appendString(dst, unescape(raw[i+1:end]))
			} else {
				dst = append(dst, raw[i:end+1]...)
			}
			i = end + 1
		case c == ' ' || c == '\n' || c == '\r' || c == '\t':
			i++
		case c == 'N' || c == 'I' || c == '-' && i+1 < len(raw) && raw[i+1] == 'I':
			n := len("NaN")
			switch c {
			case 'I':
				n = len("Infinity")
			case '-':
				n = len("-Infinity")
			}
			dst = append(append(append(dst, '"'), raw[i:i+n]...), '"')
			i += n
		default:
			dst = append(dst, c)
			i++
		}
	}
	return dst
}

// appendNote appends the member with which Elva says something about the payload: how many bytes it had.
func appendNote(fields []byte, name string, size int) []byte {
	if fields == nil {
		fields = append(fields, '{')
	} else {
		fields = append(fields[:len(fields)-1], ',')
	}
	fields = append(append(append(fields, '"'), name...), `":{"bytes":`...)
	return append(strconv.AppendInt(fields, int64(size), 10), "}}"...)
}

// cutHead returns the longest start of s, in whole characters, whose escaped length is not over limit.
func cutHead(s string, limit int) string {
	for i := 0; i < len(s); i++ {
		if limit -= 1 + escapeCost(s[i]); limit < 0 {
			for i > 0 && !utf8.RuneStart(s[i]) {
				i--
			}
			return s[:i]
		}
	}
	return s
}

// cutTail returns the longest end of s, in whole characters, whose escaped length is not over limit.
func cutTail(s string, limit int) string {
	for i := len(s) - 1; i >= 0; i-- {
		if limit -= 1 + escapeCost(s[i]); limit < 0 {
			for i++; i < len(s) && !utf8.RuneStart(s[i]); i++ {
			}
			return s[i:]
		}
	}
	return s
}
