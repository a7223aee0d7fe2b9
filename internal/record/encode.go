package record

import (
	"strconv"

	"github.com/SupermanScott/Elva/internal/record/instant"
	"github.com/SupermanScott/Elva/internal/record/jsonscan"
)

// AppendMembers appends the parts that are present to dst as JSON members, each preceded by a comma:
// `,"time":"…","level":"…"`, so that a caller can put its own members first. What it appends is one line.
func (r *Record) AppendMembers(dst []byte) []byte {
	if !r.Time.IsZero() {
		dst = append(dst, `,"time":"`...)
		dst = append(instant.Append(dst, r.Time), '"')
	}
	if level := r.Level.String(); level != "" {
		dst = append(append(append(dst, `,"level":"`...), level...), '"')
	}
	dst = appendPart(dst, `,"logger":`, r.Logger)
	dst = appendPart(dst, `,"message":`, r.Message)
	dst = appendPart(dst, `,"source":`, r.Source)
	dst = appendPart(dst, `,"trace":`, r.Trace)
	dst = appendPart(dst, `,"traceLines":`, r.Stack.Lines)
	dst = r.appendException(dst)
	dst = appendPart(dst, `,"host":`, r.Host)
	if r.HasPID {
		dst = strconv.AppendInt(append(dst, `,"pid":`...), r.PID, 10)
	}
	if r.Fields != nil {
		dst = append(append(dst, `,"fields":`...), r.Fields...)
	}
	dst = r.appendIDs(dst)
	return appendPart(dst, `,"template":`, r.Template)
}

// appendIDs appends the ids: [{"kind","name","value"},…].
func (r *Record) appendIDs(dst []byte) []byte {
	if len(r.IDs) == 0 {
		return dst
	}
	dst = append(dst, `,"ids":[`...)
	for i, id := range r.IDs {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(append(append(dst, `{"kind":"`...), id.Kind...), '"')
		dst = append(appendPart(appendPart(dst, `,"name":`, id.Name), `,"value":`, id.Value), '}')
	}
	return append(dst, ']')
}

// appendException appends what the trace says was thrown: {"type","text","cause","place","leaves"}, what is known of them.
func (r *Record) appendException(dst []byte) []byte {
	t := &r.Stack
	if t.Type == "" && t.Text == "" && t.Place() == "" {
		return dst
	}
	start := len(dst)
	dst = append(dst, `,"exception":{`...)
	dst = appendPart(dst, `,"type":`, t.Type)
	dst = appendPart(dst, `,"text":`, t.Text)
	dst = appendPart(dst, `,"cause":`, t.Cause)
	dst = appendPart(dst, `,"place":`, t.Place())
	for i, leaf := range t.Leaves {
		if i == 0 {
			dst = append(dst, `,"leaves":[`...)
		} else {
			dst = append(dst, ',')
		}
		dst = jsonscan.AppendString(dst, leaf)
	}
	if len(t.Leaves) > 0 {
		dst = append(dst, ']')
	}
	open := start + len(`,"exception":{`)
	return append(append(dst[:open], dst[open+1:]...), '}') // without the first comma
}

func appendPart(dst []byte, member, value string) []byte {
	if value == "" {
		return dst
	}
	return jsonscan.AppendString(append(dst, member...), value)
}
