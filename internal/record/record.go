// Package record decodes any payload into one normal form: the message, its time, its level and its origin.
//
// The same rules apply to all logging libraries; there is no code for a particular JSON format. In short:
//
//   - A payload that is a JSON object, or a logfmt line, is a record. Syslog and klog lines have their own headers, and lines of text have
//     layouts (layouts.go). A JSON string is decoded like a payload. Everything else is text.
//   - Names of members are compared without case, "_", "-", "." and spaces, and names of nested objects are joined: log.level, logLevel and
//     {"log":{"level":…}} are the same name. Each part of the normal form has an ordered list of names (names.go). The first one with a
//     suitable value counts.
//   - Names that applications also use for their own data (name, host, channel, …) count only if the record evidently separates the
//     application's data.
//   - Members that no part uses stay in the fields, with their name and form. Only some details of stack frames are dropped.
//   - A record inside another one, or after a prefix of a log collector, is decoded, too (envelope.go).
//   - A message that was published separately from its arguments is formatted: with Python's % operator or as a message template.
//   - A stack trace below a message becomes the trace, which package stack parses. Terminal escapes are removed.
//
// docs/records.md is generated from the tables. testdata/corpus/README.md has all rules, with records of real libraries.
//
// Payloads may be hostile. Time and memory are linear in the size of the payload, nothing panics, and the encoded record is always valid
// JSON in valid UTF-8 of a bounded length (see [MaxBytes]).
//
// # Details of the rules
//
//   - The fallback names of the message (text, data, log, error, err), and weak names without evidence, belong to the application. Empty
//     values of them stay in the fields.
//   - The method of a request (GET, POST, …) is never the function of a source, although "method" is in the list of functions.
//   - A source in one piece remains as published: "x.js:1:2", "a.py:f:20". It must have the extension of a source file, which
//     "db.internal:5432" has not.
//   - {"Type":…,"Value":…} is unwrapped only for the types of OpenTelemetry.
//   - "@mt" is dropped if it formats to "@m", and becomes the template.
//   - Members of an error, or of its causes, that are not its type, message or stack stay in the fields.
//   - A value that is nested deeper than 500 levels is kept as text, so that every reader of the stream can parse the record.
package record

import (
	"time"

	"github.com/SupermanScott/Elva/internal/printable"
	"github.com/SupermanScott/Elva/internal/record/jsonscan"
	"github.com/SupermanScott/Elva/internal/record/stack"
)

// Level is the level of a record.
type Level uint8

// The levels in ascending order. Unknown means that the record has none.
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
	Template string // the unformatted message, if it was published
	Fields   []byte // a JSON object on one line; nil if there are no fields

	Stack stack.Trace // the parsed Trace
	// ErrorText is the text of an error besides the message, if the record has the level error or higher and no trace. It is also in Fields.
	ErrorText string
	IDs       []ID // identifiers that the record shares with others, at most 8; they are also in Fields

	parsed string // the trace from which Stack was read while the message was split, if any
}

// Decode returns the normal form of payload. It never fails, since any other payload is text.
//
// A payload without any content (blank, or an object with only empty members) has no message. So that it can be shown, its fields are
// {"elva.empty":{"bytes":N}}.
//
// Decode is safe for concurrent use.
func Decode(payload string) Record {
	var r Record
	text := trimPayload(validUTF8(payload))
	dropped := decodePayload(&r, text, 0)
	if r.IDs == nil {
		r.textIDs(text != "" && text[0] == '{')
	}
	if r.Level == Unknown && r.Trace != "" {
		r.Level = Error
	}
	if r.isBlank() {
		r.Fields = appendNote(nil, "elva.empty", len(payload))
	}
	r.Fields = printable.JSON(r.Fields) // before truncate, since it changes the length
	truncate(&r, len(payload), dropped)
	switch {
	case r.Trace == "":
		if r.parsed != "" {
			r.Stack = stack.Trace{}
		}
	case r.Trace != r.parsed || r.Stack.Lines == "":
		r.Stack = stack.Read(r.Message, r.Trace)
	}
	r.parsed = ""
	return r
}

// decodePayload decodes a payload, or the content of an envelope at a depth. It reports whether members were dropped because there were too
// many.
func decodePayload(r *Record, text string, depth int) (dropped bool) {
	isObject, dropped := decodeObject(r, text, depth)
	if !isObject && !decodeString(r, text, depth) {
		decodeLine(r, text, depth)
	}
	return dropped
}

// decodeObject decodes a JSON object. It reports whether payload is one, and whether members were dropped because there were too many.
func decodeObject(r *Record, payload string, depth int) (ok, dropped bool) {
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
	d.openEnvelope(r, depth)
	d.decode(r)
	d.ids(r)
	d.setErrorText(r)
	if r.Level == Info && d.have.has(names.priority) { // journald's level of every line of a program's output
		r.Level = Unknown
		r.readMessage(depth)
		if r.Level == Unknown {
			r.Level = Info
		}
		return true, d.membersDropped
	}
	r.readMessage(depth)
	return true, d.membersDropped
}

// readMessage decodes the message of a record without a level like a payload of text, which may have a level.
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
		inner.inheritFrom(r)
		*r = inner
	case !decodeLayout(r, r.Message, depth):
		r.Level = levelOfLine(r.Message)
	}
	if !at.IsZero() { // the outer time is better, since it has a zone
		r.Time = at
	}
	if trace != "" {
		r.Trace = trace
	}
}

// decodeString decodes the contents of a JSON string like a payload. It reports whether payload is a JSON string.
func decodeString(r *Record, payload string, depth int) bool {
	contents, ok := unquoteString(trimBlanks(payload))
	if !ok {
		return false
	}
	if depth < maxEnvelopes {
		decodePayload(r, trimPayload(contents), depth+1)
	} else {
		decodeText(r, cleanText(contents), depth)
	}
	return true
}

// unquoteString returns the contents of a JSON string; ok is false if s is not one.
func unquoteString(s string) (string, bool) {
	if s == "" || s[0] != '"' {
		return "", false
	}
	if end, _ := jsonscan.StringEnd(s, 1); end != len(s)-1 {
		return "", false
	}
	return jsonscan.Contents(s), true
}

// decodeLine decodes a payload that is not JSON: syslog, logfmt, klog or plain text, perhaps after a prefix of a log collector.
func decodeLine(r *Record, payload string, depth int) {
	if clean := cleanText(unescapeControls(payload)); clean != payload { // it may be JSON with colors
		payload = clean
		if ok, _ := decodeObject(r, payload, depth); ok {
			return
		}
	}
	if !decodeSyslog(r, payload, depth) && !decodeLogfmt(r, payload) && !decodeKlog(r, payload) && !decodePrefix(r, payload, depth) {
		decodeText(r, payload, depth)
	}
}

// isBlank reports whether the record has no content.
func (r *Record) isBlank() bool {
	return r.Message == "" && r.Fields == nil && r.Level == Unknown && r.Trace == "" && r.Logger == "" &&
		r.Source == "" && r.Host == "" && !r.HasPID && r.Time.IsZero()
}
