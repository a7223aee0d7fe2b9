// Package record turns any payload into one normal form: what was logged, when, how bad, by whom.
//
// There is one rule for every logging library and no switch per library. In short:
//
//   - A payload that is one JSON object is a record; so is a logfmt line. Syslog and klog lines have their own
//     headers, and lines of text their layouts (layouts.go). Everything else is text, and a JSON string is the payload it holds.
//   - Names are folded (case, "_", "-", "." and spaces do not count) and nesting joins them, so that log.level, logLevel
//     and {"log":{"level":…}} are one name. Each part of the normal form has an ordered list of names; the first whose
//     value decodes is taken. The lists are in names.go, and nowhere else.
//   - Words that people also use for their own data (name, host, channel, …) count only with evidence that the
//     record keeps its own data apart.
//   - What no part takes stays in the fields, under its own name and shape. Nothing is lost but a stack frame's extras.
//   - A record inside another one, or behind a collector's prefix, is opened (envelope.go).
//   - A message that was published apart from its arguments is filled: Python's %, and message templates.
//   - A stack trace below a message becomes the trace; package stack says what was thrown and whose frames are whose. Terminal escapes
//     are removed.
//
// docs/records.md is made of the tables. testdata/corpus/README.md has the whole rule, sentence by sentence, with records of real libraries beside it.
//
// Payloads are hostile. Time and memory are linear in the payload, nothing panics, and whatever was
// published, the encoded record is valid JSON in valid UTF-8 of a bounded length (see [MaxBytes]).
//
// # Where the rule leaves room
//
//   - The fallbacks of the message (text, data, log, error, err) and weak names without evidence are people's own words: what is empty
//     under them stays a field.
//   - A request's method (GET, POST, …) is never a source's function, though "method" is in its list.
//   - A source in one piece stays as published: "x.js:1:2", "a.py:f:20". Only the endings of source files count, so that
//     "db.internal:5432" is none.
//   - {"Type":…,"Value":…} is opened only for the types that OpenTelemetry has; others are people's own.
//   - "@mt" that fills to what "@m" says is dropped, and kept as the template.
//   - Of an error's causes what is no type, message or stack stays in the fields, as of the error itself.
//   - A value nested deeper than 500 levels is kept as the text it was published as, so that who reads the stream can parse it.
package record

import (
	"time"

	"github.com/SupermanScott/Elva/internal/printable"
	"github.com/SupermanScott/Elva/internal/record/jsonscan"
	"github.com/SupermanScott/Elva/internal/record/stack"
)

// Level is how bad a record says it is.
type Level uint8

// The levels, from unknown (the record names none) to the worst.
const (
	Unknown Level = iota
	Trace
	Debug
	Info
	Warning
	Error
	Critical
)

// String returns the level's name in the normal form; "" for Unknown.
func (l Level) String() string {
	if l > Critical {
		return ""
	}
	return [...]string{"", "trace", "debug", "info", "warning", "error", "critical"}[l]
}

// Record is the normal form of one payload. Its strings and Fields may alias the payload.
type Record struct {
	Time     time.Time // UTC; zero when absent
	Level    Level
	Logger   string
	Message  string
	Source   string // "file:line", or "file:line function"
	Trace    string
	Host     string
	PID      int64 // valid if HasPID
	HasPID   bool
	Template string // the unformatted text, when the message was made from one
	Fields   []byte // the text of a JSON object on one line; nil when absent

	Stack stack.Trace // what Trace says; zero without one
	// ErrorText is the error that a record of an error names apart from its message, where it has no trace; it is among the fields, too.
	ErrorText string
	IDs       []ID // the ids that join it to other records, at most 8; they are among the fields, too
}

// Decode returns the normal form of payload. It never fails: what is no record of a known kind is text.
//
// A payload with nothing to show (blank, or an object without a single member of content) has no message, and none is
// invented; so that its row is not empty, its fields say what came: {"elva.empty":{"bytes":N}}.
//
// Decode may be called from several goroutines at once.
func Decode(payload string) Record {
	var r Record
	text := trimPayload(validUTF8(payload))
	lost := decodePayload(&r, text, 0)
	if r.IDs == nil {
		r.textIDs(text != "" && text[0] == '{')
	}
	if r.Level == Unknown && r.Trace != "" {
		r.Level = Error
	}
	if r.blank() {
		r.Fields = appendNote(nil, "elva.empty", len(payload))
	}
	r.Fields = printable.JSON(r.Fields) // before they are measured
	cut(&r, len(payload), lost)
	if r.Trace != "" {
		r.Stack = stack.Read(r.Message, r.Trace)
	}
	return r
}

// decodePayload reads a payload, or what an envelope holds, of which depth are around it. It reports whether it had more members than
// are kept.
func decodePayload(r *Record, text string, depth int) (lost bool) {
	isObject, lost := decodeObject(r, text, depth)
	if !isObject && !decodeString(r, text, depth) {
		decodeLine(r, text, depth)
	}
	return lost
}

// decodeObject reads payload as one JSON object. It reports whether it is one, and whether it had more members than are kept.
func decodeObject(r *Record, payload string, depth int) (ok, lost bool) {
	payload = trimBlanks(payload)
	if payload == "" || payload[0] != '{' {
		return false, false
	}
	d := newDecoder()
	defer d.release()
	if mayBeWrapped(payload) {
		payload = unwrap(payload)
	}
	if !d.scan(payload) {
		return false, false
	}
	d.open(r, depth)
	d.decode(r)
	d.ids(r)
	d.errorText(r)
	r.readMessage(depth)
	return true, d.lost
}

// readMessage reads a record's message as the text that it would be by itself, where the record has no level of its own.
func (r *Record) readMessage(depth int) {
	if r.Level != Unknown || r.Message == "" {
		return
	}
	at, trace := r.Time, r.Trace
	var inner Record
	switch {
	case r.Template != "":
		r.Level = levelOfLine(r.Message)
	case depth < maxEnvelopes && (decodeSyslog(&inner, r.Message, depth+1) && inner.Message != "" || decodeLogfmt(&inner, r.Message) || decodeKlog(&inner, r.Message)):
		inner.wrap(r)
		*r = inner
	case !readColumns(r, r.Message, depth):
		r.Level = levelOfLine(r.Message)
	}
	if !at.IsZero() { // with a zone, as a collector's
		r.Time = at
	}
	if trace != "" {
		r.Trace = trace
	}
}

// decodeString reads payload as one JSON string, whose contents are read as a payload, and reports whether it is one.
func decodeString(r *Record, payload string, depth int) bool {
	contents, ok := wholeString(trimBlanks(payload))
	if !ok {
		return false
	}
	if depth < maxEnvelopes {
		decodePayload(r, trimPayload(contents), depth+1)
	} else {
		decodeText(r, plain(contents), depth)
	}
	return true
}

// wholeString returns the contents of a text that is one JSON string.
func wholeString(s string) (string, bool) {
	if s == "" || s[0] != '"' {
		return "", false
	}
	if end, _ := jsonscan.StringEnd(s, 1); end != len(s)-1 {
		return "", false
	}
	return jsonscan.Contents(s), true
}

// decodeLine reads a payload that is no JSON: syslog, logfmt, klog or plain text, perhaps behind a collector's prefix.
func decodeLine(r *Record, payload string, depth int) {
	if shown := plain(unescapeControls(payload)); shown != payload { // JSON in color is JSON
		payload = shown
		if ok, _ := decodeObject(r, payload, depth); ok {
			return
		}
	}
	if !decodeSyslog(r, payload, depth) && !decodeLogfmt(r, payload) && !decodeKlog(r, payload) && !decodePrefix(r, payload, depth) {
		decodeText(r, payload, depth)
	}
}

// blank reports whether there is nothing at all to show.
func (r *Record) blank() bool {
	return r.Message == "" && r.Fields == nil && r.Level == Unknown && r.Trace == "" && r.Logger == "" &&
		r.Source == "" && r.Host == "" && !r.HasPID && r.Time.IsZero()
}
