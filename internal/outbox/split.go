package outbox

import (
	"bytes"
	"encoding/json"
	"time"
)

// One Write is one record, but a buffering logger hands over several records in one Write. When the first line of a Write
// begins with a time, a level or a JSON object, each further line that begins the same way starts a record. All other lines
// belong to the record before them, which keeps tracebacks and indented JSON whole. Any other Write is one record.
//
// A buffer may end within a record. An incomplete one waits for the next Write: a JSON object that is not closed, or, in a
// Write of several such lines, a last line without a newline.

const (
	// maxPart bounds an incomplete record: Elva shows no more of one.
	maxPart = 256 << 10
	// PartAge is how long an incomplete record waits: loggers with a buffer flush it about once a second.
	PartAge = 3 * time.Second
)

// splitter splits Writes into records. The zero value is ready.
type splitter struct {
	part    []byte    // an incomplete record
	since   time.Time // when part began to wait; zero if part is empty
	torn    bool      // part was published as it was: the next Write begins with the rest of its line
	unended bool      // the last Write did not end with a newline, so that the next may begin with it
}

// isRecord reports whether p is one record at first sight, as nearly every logger writes it: a line, with a newline or not.
// The others are for write.
func (s *splitter) isRecord(p []byte) bool {
	if len(s.part) > 0 || s.torn || len(p) == 0 || s.unended && (p[0] == '\n' || p[0] == '\r') {
		return false
	}
	end := bytes.IndexByte(p, '\n')
	if end >= 0 && end < len(p)-1 || end < 0 && p[0] == '{' {
		return false
	}
	s.unended = end < 0
	return true
}

// write calls add for each record that p completes.
func (s *splitter) write(p []byte, add func(record []byte)) {
	if len(s.part) > 0 && beginsAnew(p, s.part) {
		s.endPart(add)
		s.torn = false
	}
	if len(s.part) > 0 {
		s.join(p, add)
	} else if p, ok := s.afterLine(p, add); ok {
		s.part = bytes.Clone(split(p, false, add)) // it may be a small part of a large Write
		s.since = time.Now()
	}
	s.unended = len(p) > 0 && p[len(p)-1] != '\n'
	switch {
	case len(s.part) == 0:
		s.since = time.Time{}
	case len(s.part) > maxPart || time.Since(s.since) > PartAge:
		s.endPart(add)
	}
}

// join appends p to part.
func (s *splitter) join(p []byte, add func(record []byte)) {
	s.part = append(s.part, p...)
	if bytes.IndexByte(p, '\n') < 0 && !bytes.HasSuffix(p, []byte("}")) {
		return // it completes nothing, and splitting part again for each small Write would be quadratic
	}
	part := split(s.part, true, add)
	if len(part) < len(s.part) {
		s.since = time.Now()
		part = bytes.Clone(part)
	}
	s.part = part
}

// afterLine removes from p what belongs to the line before, which is a record already: its newline, or the rest of a torn
// one. It reports whether anything is left.
func (s *splitter) afterLine(p []byte, add func(record []byte)) (after []byte, more bool) {
	if s.unended {
		after, found := bytes.CutPrefix(bytes.TrimPrefix(p, []byte("\r")), []byte("\n"))
		if found {
			s.torn = false
			return after, len(after) > 0
		}
	}
	if !s.torn || beginsAnew(p, nil) {
		s.torn = false
		return p, true
	}
	line, after, found := bytes.Cut(p, []byte("\n"))
	add(trim(line))
	s.torn = !found
	return after, len(after) > 0
}

// endPart makes a record of part.
func (s *splitter) endPart(add func(record []byte)) {
	if len(s.part) > 0 {
		add(trim(s.part))
		s.part, s.since, s.torn = nil, time.Time{}, true
	}
}

// mark is the way in which a line begins. It is 0 if that is neither a time, a level nor an object.
type mark uint64

const (
	objectMark mark = '{'
	levelMark  mark = 'L'
	// markSize is how many characters of a line's shape make its mark: enough to tell a date from the middle of one.
	markSize = 5
)

// markOf returns the mark of the first line of text.
func markOf(text []byte) mark {
	if isObject(text) {
		return objectMark
	}
	for len(text) > 1 && text[0] == '\x1b' { // colors
		_, after, ok := bytes.Cut(text, []byte("m"))
		if !ok {
			break
		}
		text = after
	}
	if beginsWithLevel(text) {
		return levelMark
	}
	return timeMark(text)
}

// BeginsLike reports whether a line begins with a time, a level or a JSON object, and in the way in which other begins.
func BeginsLike(line, other []byte) bool {
	m := markOf(line)
	return m != 0 && m == markOf(other)
}

// isObject reports whether text begins a JSON object with a member, as far as it goes.
func isObject(text []byte) bool {
	if len(text) == 0 || text[0] != '{' {
		return false
	}
	inside := bytes.TrimLeft(text[1:], " \t\r\n")
	return len(inside) == 0 || inside[0] == '"'
}

// beginsWithLevel reports whether text begins with a level in capitals, in brackets or not, or with level=.
func beginsWithLevel(text []byte) bool {
	if bytes.HasPrefix(text, []byte("level=")) {
		return true
	}
	text = bytes.TrimPrefix(text, []byte("["))
	n := 0
	for n < len(text) && text[n] >= 'A' && text[n] <= 'Z' {
		n++
	}
	if n < len(text) && bytes.IndexByte([]byte(" \t\r\n]:[|\x1b"), text[n]) < 0 {
		return false
	}
	switch string(text[:n]) {
	case "TRACE", "DEBUG", "INFO", "NOTICE", "WARN", "WARNING", "ERROR", "CRITICAL", "FATAL", "PANIC",
		"TRC", "DBG", "INF", "WRN", "ERR", "FTL", "PNC":
		return true
	}
	return false
}

// timeMark returns the shape in which text begins, if it has a date or a clock: each number, word and blank as one
// character. Times differ from line to line, their shape does not.
func timeMark(text []byte) (m mark) {
	var shape [12]byte // up to the clock of "<34>Nov 29 16:16:00"
	n, found := 0, false
	for _, c := range text[:min(len(text), 64)] { // no time is longer, with all before it
		switch {
		case c >= '0' && c <= '9':
			c = '0'
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= 0x80:
			c = 'a'
		case c == '\t':
			c = ' '
		}
		if n > 0 && c == shape[n-1] && (c == '0' || c == 'a' || c == ' ') {
			continue
		}
		if c == '\n' || n == len(shape) || found && n >= markSize {
			break
		}
		shape[n] = c
		n++
		found = found || n >= 3 && c == '0' && shape[n-3] == '0' && bytes.IndexByte([]byte("-/:"), shape[n-2]) >= 0
	}
	if !found {
		return 0
	}
	for _, c := range shape[:markSize] {
		m = m<<8 | mark(c)
	}
	return m
}

// split calls add for each record in text and returns the incomplete one at its end, or nil. joined says that text begins
// with one that was incomplete.
func split(text []byte, joined bool, add func(record []byte)) (part []byte) {
	m := markOf(text)
	if m == 0 {
		add(trim(text))
		return nil
	}
	start, afterObject := 0, false
	for at := 0; at < len(text); {
		line := text[at:]
		if end := bytes.IndexByte(line, '\n'); end >= 0 {
			line = line[:end+1]
		}
		if at > start && (afterObject || begins(line, m)) {
			add(bytes.TrimRight(text[start:at], "\r\n"))
			start = at
		}
		afterObject = m == objectMark && line[0] == '{' && bytes.HasSuffix(bytes.TrimRight(line, " \t\r\n"), []byte("}"))
		at += len(line)
	}
	last := text[start:]
	if !isWhole(last, !joined && bytes.IndexByte(text, '\n') < 0) {
		return last
	}
	add(trim(last))
	return nil
}

// begins reports whether a line begins a record in a buffer of that mark.
func begins(line []byte, m mark) bool {
	if m == objectMark {
		return line[0] == '{'
	}
	return markOf(line) == m
}

// beginsAnew reports whether p begins a record rather than continue part: two loggers may share a Writer, and a program may
// have failed within a record. part is nil if it was torn.
func beginsAnew(p, part []byte) bool {
	m := markOf(p)
	if m == objectMark { // it may be a member of the object in part, but then the end of that one follows it
		line, _, _ := bytes.Cut(p, []byte("\n"))
		return json.Valid(line)
	}
	lastLine := part[bytes.LastIndexByte(part, '\n')+1:]
	return m != 0 && (part == nil || m == markOf(part) && m == markOf(lastLine))
}

// isWhole reports whether a record is complete. A line that is alone in its Write need not end with a newline.
func isWhole(record []byte, alone bool) bool {
	line := bytes.IndexByte(record, '\n')
	switch {
	case !isObject(record):
		return alone || record[len(record)-1] == '\n'
	case line == len(record)-1 && line > 1: // what ends with its line is not continued, but for "{"
		return true
	}
	return json.Valid(record)
}

// trim returns a record without the newline at its end.
func trim(record []byte) []byte {
	return bytes.TrimSuffix(bytes.TrimSuffix(record, []byte("\n")), []byte("\r"))
}
