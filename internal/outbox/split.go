package outbox

import (
	"bytes"
	"encoding/json"
	"time"
)

// A Write is one record, unless it is a buffer's: when its first line begins with a time, a level or a JSON object, each
// further line that begins like it begins a record, and the lines between belong to the record before. That keeps a
// traceback and indented JSON with their record. Other text is one record, whatever its lines are.
//
// A buffer may end within a record. What can't be a whole one waits for the next Write: a JSON object that is not closed,
// and of such a text a last line without its end that follows others.

const (
	// maxPart bounds the beginning of a record that waits for its rest: what Elva shows of a record at most.
	maxPart = 256 << 10
	// PartAge is how long it waits: programs that buffer flush every second or so.
	PartAge = 3 * time.Second
)

// splitter finds the records in what is written. The zero value has seen nothing.
type splitter struct {
	part    []byte    // the beginning of a record that waits for its rest
	since   time.Time // when it began to wait; zero if there is none
	torn    bool      // its waiting is over: the next Write begins with the rest of a line
	unended bool      // the last Write had no newline at its end, which may come with the next
}

// isRecord reports whether p is one record, as nearly every logger writes it: a line with a newline, or text that is none.
func (s *splitter) isRecord(p []byte) bool {
	end := bytes.IndexByte(p, '\n')
	return len(s.part) == 0 && !s.torn && !s.unended && end == len(p)-1 && end >= 0
}

// write calls add for each record that p brings to its end.
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

// join adds p to the part that has waited for it.
func (s *splitter) join(p []byte, add func(record []byte)) {
	s.part = append(s.part, p...)
	if bytes.IndexByte(p, '\n') < 0 && !bytes.HasSuffix(p, []byte("}")) {
		return // nothing is whole by that, and to look through all of it for each small piece would take long
	}
	part := split(s.part, true, add)
	if len(part) < len(s.part) {
		s.since = time.Now()
		part = bytes.Clone(part)
	}
	s.part = part
}

// afterLine takes off p what belongs to a line that is a record already: its newline, or the rest of one whose waiting is
// over. It reports whether there is more.
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

// endPart makes a record of what waits for its rest.
func (s *splitter) endPart(add func(record []byte)) {
	if len(s.part) > 0 {
		add(trim(s.part))
		s.part, s.since, s.torn = nil, time.Time{}, true
	}
}

// mark is how the first line of a record begins. The zero value is the beginning of anything else.
type mark [5]byte

var objectMark, levelMark = mark{'{'}, mark{'L'}

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

// timeMark returns the shape in which text begins, if there is a date or a clock in it: its numbers, words and blanks as one
// character each. Times differ, and their shape does not.
func timeMark(text []byte) (m mark) {
	var shape [12]byte // "<34>Nov 29 16:16:00" has its clock at the end of them
	n, found := 0, false
	for _, c := range text {
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
		if c == '\n' || n == len(shape) || found && n >= len(m) {
			break
		}
		shape[n] = c
		n++
		found = found || n >= 3 && c == '0' && shape[n-3] == '0' && bytes.IndexByte([]byte("-/:"), shape[n-2]) >= 0
	}
	if found {
		copy(m[:], shape[:])
	}
	return m
}

// split calls add for each record of text and returns the beginning of one more, if there is one. rest says that text
// begins with such a beginning itself.
func split(text []byte, rest bool, add func(record []byte)) (part []byte) {
	m := markOf(text)
	if m == (mark{}) {
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
	if !isWhole(last, !rest && bytes.IndexByte(text, '\n') < 0) {
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

// beginsAnew reports whether a Write begins a record although part waits for its rest: two loggers may share a Writer, and a
// program may have failed within a record. part is nil if it waits no longer.
func beginsAnew(p, part []byte) bool {
	m := markOf(p)
	if m == objectMark { // may stand within an object, but not with its end
		line, _, _ := bytes.Cut(p, []byte("\n"))
		return json.Valid(line)
	}
	lastLine := part[bytes.LastIndexByte(part, '\n')+1:]
	return m != mark{} && (part == nil || m == markOf(part) && m == markOf(lastLine))
}

// isWhole reports whether nothing of a record is missing at its end. A line that is alone need not end with a newline.
func isWhole(record []byte, alone bool) bool {
	line := bytes.IndexByte(record, '\n')
	switch {
	case !isObject(record):
		return alone || record[len(record)-1] == '\n'
	case line == len(record)-1 && line > 1: // a line is as whole as it gets, but for "{"
		return true
	}
	return json.Valid(record)
}

// trim returns a record without the newline at its end.
func trim(record []byte) []byte {
	return bytes.TrimSuffix(bytes.TrimSuffix(record, []byte("\n")), []byte("\r"))
}
