package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sort"
	"strings"
	"time"

	"github.com/SupermanScott/Elva/internal/printable"
)

// colors are SGR sequences (ECMA-48 8.3.117) that every modern terminal understands. Log text can't contain any: see [clean].
// It is read only.
var colors = map[string]string{
	"trace": "\x1b[90m", "debug": "\x1b[90m", "info": "\x1b[34m", "warning": "\x1b[33m", "error": "\x1b[31m", "critical": "\x1b[1;35m",
}

const reset, faint = "\x1b[0m", "\x1b[2m"

// Printer formats records and gaps as text. The zero Printer uses no colors.
type Printer struct {
	Color bool
}

// Record appends the text of a record, given in the encoding of the history. The first line has the record's time in UTC, or its
// arrival if it has no time, the level, host, logger, message, fields and source. Further lines of the message and the trace follow,
// indented.
func (p Printer) Record(dst, encoded []byte) []byte {
	var r struct {
		Time, At                                             time.Time
		Channel, Level, Logger, Message, Source, Trace, Host string
		Fields                                               map[string]json.RawMessage
	}
	if err := json.Unmarshal(encoded, &r); err != nil { // the encoding is Elva's own
		return append(clean(dst, string(encoded)), '\n')
	}
	if r.Time.IsZero() {
		r.Time = r.At
	}
	dst = r.Time.UTC().AppendFormat(dst, "2006-01-02 15:04:05.000 ")
	level := r.Level
	if level == "" {
		level = "-"
	}
	dst = p.paint(dst, colors[r.Level], fmt.Sprintf("%-8s", strings.ToUpper(level)))
	for _, part := range []string{r.Host, r.Logger} {
		if part != "" {
			dst = append(clean(append(dst, ' '), part), ':')
		}
	}
	first, rest, _ := strings.Cut(r.Message, "\n")
	dst = clean(append(dst, ' '), first)
	for _, name := range names(r.Fields) {
		dst = clean(append(dst, ' '), name)
		dst = clean(append(dst, '='), compact(r.Fields[name]))
	}
	if r.Source != "" {
		dst = p.paint(append(dst, ' '), faint, "("+string(clean(nil, r.Source))+")")
	}
	dst = append(dst, '\n')
	dst = indented(dst, rest)
	return indented(dst, r.Trace)
}

// Gap appends one line for a gap, given in the encoding of the history.
func (p Printer) Gap(dst, encoded []byte) []byte {
	var g struct {
		Kind, Reason string
		Lost         uint64
		From, To     time.Time
		LastRecord   time.Time
	}
	if err := json.Unmarshal(encoded, &g); err != nil {
		return append(clean(dst, string(encoded)), '\n')
	}
	text := "--- gap (" + g.Kind + ")"
	if g.Lost > 0 {
		records := "records"
		if g.Lost == 1 {
			records = "record"
		}
		text += fmt.Sprintf(" %d %s lost", g.Lost, records)
	}
	if !g.From.IsZero() && !g.To.IsZero() {
		text += g.From.UTC().Format(" 2006-01-02 15:04:05.000") + g.To.UTC().Format(" to 15:04:05.000")
	}
	if !g.LastRecord.IsZero() {
		text += g.LastRecord.UTC().Format(", last record before it 15:04:05.000")
	}
	if g.Reason != "" {
		text += ": " + g.Reason
	}
	return append(p.paint(dst, colors["warning"], string(clean(nil, text))), '\n')
}

func (p Printer) paint(dst []byte, color, text string) []byte {
	if !p.Color || color == "" {
		return append(dst, text...)
	}
	return append(append(append(dst, color...), text...), reset...)
}

// indented appends the lines of text, each behind four spaces.
func indented(dst []byte, text string) []byte {
	if text == "" {
		return dst
	}
	for line := range strings.Lines(text) {
		dst = clean(append(dst, "    "...), strings.TrimRight(line, "\r\n"))
		dst = append(dst, '\n')
	}
	return dst
}

// clean appends text as one line without control sequences for a terminal.
func clean(dst []byte, text string) []byte {
	return append(dst, strings.ReplaceAll(printable.Text(text), "\n", "␊")...)
}

// compact returns the text of a field's value: a plain word unchanged, anything else as JSON.
func compact(value json.RawMessage) string {
	var s string
	if json.Unmarshal(value, &s) == nil && s != "" && !strings.ContainsAny(s, " \t\r\n\"=") {
		return s
	}
	var b bytes.Buffer
	if json.Compact(&b, value) != nil {
		return string(value)
	}
	return b.String()
}

func names(fields map[string]json.RawMessage) []string {
	list := make([]string, 0, len(fields))
	for name := range fields {
		list = append(list, name)
	}
	sort.Strings(list)
	return list
}
