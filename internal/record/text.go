package record

import (
	"strings"
	"time"

	"github.com/SupermanScott/Elva/internal/record/instant"
	"github.com/SupermanScott/Elva/internal/record/stack"
)

// decodeText reads a payload that is only text: by its layout, if it has one that is known. What an envelope around it said before stays,
// where the text has nothing else to say.
func decodeText(r *Record, s string, depth int) {
	s = trimTail(s)
	if readColumns(r, s, depth) {
		return
	}
	if t, ok := timeOfLine(s); ok && r.Time.IsZero() { // zero if its instant is not known
		r.Time = t
	}
	if r.Level == Unknown {
		r.Level = levelOfLine(s)
	}
	r.split(s)
}

// split takes a text's message, and the stack below it.
func (r *Record) split(s string) {
	r.Message, r.Trace = stack.Split(s)
	r.Message = endLines(r.Message)
}

// readColumns reads a text by its layout, and reports whether it has one. Its message may be a record of its own.
func readColumns(r *Record, s string, depth int) bool {
	c := pooled.Get().(*columns)
	defer pooled.Put(c)
	if !readLayout(s, c) {
		return false
	}
	r.takeColumns(c)
	message := trimTail(c.message)
	if object := trimBlanks(message); object != "" && object[0] == '{' && openText(r, object, depth) {
		return true
	}
	r.split(message)
	if r.Level == Unknown {
		r.Level = levelOfLine(message)
	}
	return true
}

// takeColumns takes what a layout says.
func (r *Record) takeColumns(c *columns) {
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
		own := append(append(make([]byte, 0, len(c.fields)+1), '{'), c.fields[1:]...) // a copy: the columns are used again
		r.Fields = mergeFields(append(own, '}'), r.Fields)
		r.IDs = append(r.IDs, c.ids...)
	}
}

// timeOfLine returns the time that a line starts with, or that an access log has in brackets behind three words.
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
