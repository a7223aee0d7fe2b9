package record

import (
	"strconv"

	"github.com/SupermanScott/Elva/internal/record/jsonscan"
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
	return jsonscan.AppendString(append(dst, member...), value)
}
