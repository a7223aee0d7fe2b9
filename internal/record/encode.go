package record

import (
	"strconv"

	"github.com/SupermanScott/Elva/internal/printable"
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

// appendString appends s, which is valid UTF-8, as a JSON string with its control characters escaped (see
// [printable.JSON]).
func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := len(dst)
	for {
		i := plainEnd(s, 0)
		dst = append(dst, s[:i]...)
		if i == len(s) {
			break
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
	if escaped := printable.JSON(dst[start:]); len(escaped) > len(dst)-start {
		dst = append(dst[:start], escaped...)
	}
	return append(dst, '"')
}

// escapedLen returns the length that s has in appendString, without the quotes.
func escapedLen(s string) int {
	n := len(s) + printable.Grown(s)
	for i := 0; ; i++ {
		i += plainEnd(s[i:], 0)
		if i >= len(s) {
			return n
		}
		n += escapeCost(s, i)
	}
}

// escapeCost returns how many bytes more than itself the byte at s[i] takes in appendString; a character of several
// bytes counts with its first.
func escapeCost(s string, i int) int {
	switch c := s[i]; {
	case c == '"' || c == '\\' || c == '\n' || c == '\t' || c == '\r':
		return 1
	case c < ' ':
		return 5
	}
	return printable.Growth(s, i)
}
