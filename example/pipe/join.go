package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/SupermanScott/Elva/internal/outbox"
	"github.com/SupermanScott/Elva/internal/record"
	"github.com/SupermanScott/Elva/internal/record/stack"
)

const (
	// maxRecord bounds a record: Elva shows no more of one.
	maxRecord = 256 << 10

	// maxAge bounds how long a record grows: the indented lines of a program that prints no others are seen live too.
	maxAge = 3 * time.Second
)

// collector is what docker compose, kubectl and docker logs -t write before each line.
var collector = regexp.MustCompile(`^(?:[\w.-]+ +\| |\[pod/[^\]\s]+\] |\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z )+`)

// register is a line of the registers that Go prints.
var register = regexp.MustCompile(`^[a-z]\w+ +0x[0-9a-f]+$`)

// part is where the lines of a record have come to, where lines without an indent may follow.
type part int

const (
	plain     part = iota
	object         // a JSON object over several lines
	frames         // of Python: the exception's line follows
	exception      // of Python: a chained traceback may follow
	goroutine      // of Go
	rustPanic      // the panic's text follows
	nodeCrash      // the place, the source and a mark, and then the error's line
)

// A joiner makes records of lines: what is indented, and what belongs to a traceback, joins the record above it.
type joiner struct {
	publish func(record []byte)

	line []byte // incomplete
	cut  int    // bytes of the line that were not kept
	held []byte // a line below an exception: the next one shows whether it belongs to the exception's text

	record []byte // may grow; empty if there is none
	prefix int    // length of the collector's prefix
	source string // who wrote it, as the collector says
	first  string // its first line, without the prefix
	last   string // its last line that is not blank
	blank  bool   // its last line is blank
	lines  int
	part   part
	began  time.Time
}

// Write takes some of the input. It never fails.
func (j *joiner) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		line, after, complete := bytes.Cut(rest, []byte("\n"))
		kept := line[:min(len(line), maxRecord-len(j.line))]
		j.line = append(j.line, kept...)
		j.cut += len(line) - len(kept)
		if complete {
			j.endLine()
		}
		rest = after
	}
	return len(p), nil
}

// End publishes what is left, a line without its end too.
func (j *joiner) End() {
	if len(j.line) > 0 {
		j.endLine()
	}
	j.Flush()
}

// Flush publishes the lines that have come.
func (j *joiner) Flush() {
	if record := bytes.TrimRight(j.record, " \t\r\n"); len(record) > 0 {
		j.publish(record)
	}
	j.record = j.record[:0]
	if held := j.held; held != nil {
		j.held = nil
		j.publish(held)
	}
}

// Pending reports whether a record waits for more lines.
func (j *joiner) Pending() bool { return len(j.record) > 0 }

func (j *joiner) endLine() {
	line := bytes.TrimSuffix(j.line, []byte("\r"))
	if j.cut > 0 {
		line = fmt.Appendf(line, " … %d bytes more", j.cut)
	}
	j.add(line)
	j.line, j.cut = j.line[:0], 0
}

// add adds a line to the record, or begins one with it.
func (j *joiner) add(line []byte) {
	source, content := split(line)
	if j.Pending() && (source != j.source || len(j.record)+len(line) > maxRecord || time.Since(j.began) > maxAge) {
		j.Flush()
	}
	if held := j.held; held != nil {
		j.held = nil
		if isIndented(content) {
			j.join(held)
		} else {
			j.Flush()
			j.begin(held)
		}
	}
	switch {
	case j.Pending() && j.joins(content):
		j.join(content)
	case j.Pending() && j.part == exception && !j.blank && !outbox.BeginsLike(content, content) && !stack.IsHeading(string(content)):
		j.held = bytes.Clone(line)
	default:
		j.Flush()
		j.begin(line)
	}
	if j.Pending() && j.part == object && (j.lines == 1 || bytes.HasPrefix(content, []byte("}"))) && json.Valid(j.record[j.prefix:]) {
		j.Flush() // nothing belongs to what is complete
	}
}

// split returns who wrote a line, as its collector says, and what.
func split(line []byte) (source string, content []byte) {
	prefix := collector.Find(line)
	source, _, _ = strings.Cut(string(prefix), " ")
	if strings.HasSuffix(source, "Z") { // the time
		source = ""
	}
	return source, line[len(prefix):]
}

// begin begins a record with a line.
func (j *joiner) begin(line []byte) {
	source, content := split(line)
	if len(bytes.TrimSpace(content)) == 0 {
		return
	}
	j.record = append(j.record[:0], line...)
	j.source, j.prefix, j.first = source, len(line)-len(content), string(content)
	j.lines, j.began, j.part = 1, time.Now(), plain
	switch {
	case content[0] == '{' && outbox.BeginsLike(content, content):
		j.part = object
	case isNodePlace(strings.TrimPrefix(j.first, "file://")):
		j.part = nodeCrash
	}
	j.note(content)
}

// join adds a line to the record.
func (j *joiner) join(content []byte) {
	j.record = append(append(j.record, '\n'), content...)
	j.lines++
	j.note(content)
}

// note notes what kind of line the record's last one is.
func (j *joiner) note(line []byte) {
	s := string(bytes.TrimSpace(line))
	switch {
	case s == "" && j.part == goroutine:
		j.part = plain
	case strings.HasPrefix(s, "Traceback (most"), s == "Call stack:":
		j.part = frames
	case strings.HasPrefix(s, "goroutine ") && stack.IsHeading(s), s == "runtime stack:":
		j.part = goroutine
	case strings.HasPrefix(s, "thread '") && strings.Contains(s, "' panicked at ") && strings.HasSuffix(s, ":"):
		j.part = rustPanic
	case j.part == rustPanic:
		j.part = plain
	case j.part == frames && s != "" && !isIndented(line):
		j.part = exception
	}
	if j.blank = s == ""; !j.blank {
		j.last = s
	}
}

// joins reports whether a line belongs to the record.
func (j *joiner) joins(line []byte) bool {
	s := strings.TrimRight(string(line), " \t\r")
	beginsRecord := outbox.BeginsLike(line, line)
	switch {
	case strings.Trim(s, "}])>;,") == "": // blank, or closes what is open
		return true
	case isIndented(line):
		return j.joinsIndented(strings.TrimLeft(s, " \t"), len(line)-len(bytes.TrimLeft(line, " \t")))
	case j.part == frames: // the text of an exception may begin like a record
		return !outbox.BeginsLike(line, []byte(j.first))
	case beginsRecord:
		return false
	case stack.IsHeading(s):
		return j.joinsHeading(s)
	case stack.IsFrame(s):
		return true
	}
	switch j.part {
	case rustPanic:
		return true
	case goroutine: // a call
		return strings.HasSuffix(s, ")") || strings.HasPrefix(s, "created by ") || strings.HasPrefix(s, "...")
	case exception:
		if isChain(s) || s[0] == '[' || s[0] == '(' { // SQLAlchemy's statement and link
			return true
		}
	case nodeCrash:
		return j.lines == 1 || strings.Trim(s, "^~") == "" || strings.Trim(j.last, "^~") == "" || strings.HasPrefix(s, "Node.js v")
	}
	return j.surroundsStack(s)
}

// joinsIndented reports whether an indented line belongs to the record. Levels may be padded on their left, and the traceback of an
// exception group is indented.
func (j *joiner) joinsIndented(s string, indent int) bool {
	if strings.HasPrefix(s, "+ Exception Group Traceback") && j.part == plain {
		return j.joinsHeading(strings.TrimPrefix(s, "+ Exception Group "))
	}
	return indent > 2 || j.part == object || !outbox.BeginsLike([]byte(s), []byte(strings.TrimLeft(j.first, " \t")))
}

// joinsHeading reports whether the heading of a stack belongs to the record. The traceback of an error that was logged follows its line;
// that of a program's end may follow any line, and is a record of its own.
func (j *joiner) joinsHeading(s string) bool {
	switch {
	case j.part == object:
		return false
	case !strings.HasPrefix(s, "Traceback (") && !strings.HasPrefix(s, "** ("):
		return true
	case isChain(j.last) || j.last == "--- Logging error ---":
		return true
	}
	return j.lines == 1 && (isFailure(j.first) || strings.HasPrefix(j.first, "Exception in thread ") || strings.HasPrefix(j.first, "Exception ignored in"))
}

// surroundsStack reports whether a line is one that the runtime of the record's first line prints before or after its stacks, such as Go's
// registers or Rust's note.
func (j *joiner) surroundsStack(s string) bool {
	beginnings := []string{"--- End of "} // .NET
	switch first, _, _ := strings.Cut(j.first, " "); first {
	case "panic:", "fatal", "SIGQUIT:", "SIGABRT:":
		if register.MatchString(s) {
			return true
		}
		beginnings = []string{"[signal ", "runtime", "panic: ", "PC="}
	case "thread":
		beginnings = []string{"note: "}
	case "---":
		beginnings = []string{"Call stack:", "Message: ", "Arguments: "}
	}
	for _, beginning := range beginnings {
		if strings.HasPrefix(s, beginning) {
			return true
		}
	}
	return j.lines == 1 && stack.IsQualifiedError(s) && isFailure(j.first) // as Java's loggers write it
}

func isIndented(line []byte) bool {
	return len(line) > 0 && (line[0] == ' ' || line[0] == '\t') && len(bytes.TrimSpace(line)) > 0
}

// isChain reports whether a line connects two of Python's tracebacks.
func isChain(s string) bool {
	return s == "During handling of the above exception, another exception occurred:" ||
		s == "The above exception was the direct cause of the following exception:"
}

// isFailure reports whether a line is a logger's, of a level that comes with tracebacks.
func isFailure(line string) bool { return record.Decode(line).Level >= record.Warning }

// isNodePlace reports whether a line is the place at which Node ended.
func isNodePlace(s string) bool {
	place, ok := stack.CutLine(s)
	return ok && !strings.ContainsAny(s, " \t") && (strings.HasPrefix(s, "node:") || place == "[eval]" || place == "[stdin]" || strings.HasSuffix(strings.TrimRight(place, "cmjst"), "."))
}
