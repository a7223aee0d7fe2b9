package record

import (
	"strings"
	"time"

	"github.com/SupermanScott/Elva/internal/record/instant"
	"github.com/SupermanScott/Elva/internal/record/stack"
)

// decodeText decodes text, by its layout if that is known. r may have parts from an envelope, which the text's own parts replace.
func decodeText(r *Record, s string, depth int) {
	s = trimTail(s)
	if decodeLayout(r, s, depth) {
		return
	}
	if t, ok := timeOfLine(s); ok && r.Time.IsZero() { // zero if its zone is unknown
		r.Time = t
	}
	if r.Level == Unknown {
		r.Level = levelOfLine(s)
	}
	r.splitTrace(s)
}

// setTrace sets the message and the stack trace below it, as published.
func (r *Record) setTrace(s string) {
	if strings.IndexByte(s, '\n') < 0 { // as nearly always
		r.Message = s
		return
	}
	r.Message, r.Trace, r.Stack = stack.Split(s)
	r.parsed = r.Trace
}

// splitTrace sets the message and the stack trace below it.
func (r *Record) splitTrace(s string) {
	r.setTrace(s)
	r.Message = normalizeLineEnds(r.Message)
}

// decodeLayout decodes a text by its layout and reports whether it has a known one. Its message may be a JSON object.
func decodeLayout(r *Record, s string, depth int) bool {
	c := columnsPool.Get().(*columns)
	defer columnsPool.Put(c)
	if !readLayout(s, c) && !readPrefix(s, c) {
		return false
	}
	r.setColumns(c)
	message := trimTail(c.message)
	if object := trimBlanks(message); object != "" && object[0] == '{' && decodeInner(r, object, depth) {
		return true
	}
	r.splitTrace(message)
	if r.Level == Unknown {
		r.Level = levelOfLine(message)
	}
	return true
}

// setColumns sets the parts that a layout contains.
func (r *Record) setColumns(c *columns) {
	if !c.time.IsZero() {
		r.Time = c.time
	}
	if c.level != Unknown {
		r.Level = c.level
	}
	if c.logger != "" {
		r.Logger = c.logger
	}
	if c.host != "" {
		r.Host = c.host
	}
	if c.source != "" {
		if r.Source = c.source; c.function != "" {
			r.Source += " " + c.function
		}
	}
	if c.hasPID {
		r.PID, r.HasPID = c.pid, true
	}
	if len(c.fields) > 0 {
		own := append(append(make([]byte, 0, len(c.fields)+1), '{'), c.fields[1:]...) // a copy, since the columns are reused
		r.Fields = mergeFields(append(own, '}'), r.Fields)
		r.IDs = append(r.IDs, c.ids...)
	}
}

// timeOfLine returns the time at the start of a line, or in brackets after three words as in an access log.
func timeOfLine(s string) (time.Time, bool) {
	t, _, ok := instant.Cut(strings.TrimLeft(s, " ["))
	if ok || strings.HasPrefix(s, " ") {
		return t, ok
	}
	if open := strings.IndexByte(s, '['); open > 4 && open < 256 && s[open-1] == ' ' && strings.Count(s[:open], " ") == 3 {
		t, _, ok = instant.Cut(s[open+1:])
	}
	return t, ok
}
