package outbox

import (
	"bytes"
	"encoding/json"
	"time"
)

// Normally a Write is one record, but a buffering logger passes several records to one Write. If the first line of a Write
// begins with a time, a level or a JSON object, each further line that begins the same way starts a record. Other lines
// belong to the record before them, which keeps tracebacks and indented JSON together. Any other Write is one record.
//
// A buffer may end within a record. A record is incomplete if it is a JSON object that is not closed, or, in a Write of
// several such lines, a last line without a newline. It waits for the next Write.

const (
	// maxIncomplete bounds an incomplete record. It is the size up to which Elva shows a record.
	maxIncomplete = 256 << 10
	// MaxIncompleteAge is how long an incomplete record waits. Buffering loggers flush about once a second.
	MaxIncompleteAge = 3 * time.Second
)

// splitter splits Writes into records. The zero value is ready to use.
type splitter struct {
	incomplete []byte    // an incomplete record
	since      time.Time // when incomplete began; zero if it is empty
	torn       bool      // whether incomplete was flushed, so that the next Write begins with the rest of its line
	noNewline  bool      // whether the last Write lacked a newline at its end, so that the next may begin with it
}

// isRecord reports whether p is obviously one record, a line with or without a newline. Nearly all Writes are.
func (s *splitter) isRecord(p []byte) bool {
	if len(s.incomplete) > 0 || s.torn || len(p) == 0 || s.noNewline && (p[0] == '\n' || p[0] == '\r') {
		return false
	}
	end := bytes.IndexByte(p, '\n')
	if end >= 0 && end < len(p)-1 || end < 0 && p[0] == '{' {
		return false
	}
	s.noNewline = end < 0
	return true
}

// write calls add for each record that p completes.
func (s *splitter) write(p []byte, add func(record []byte)) {
	if len(s.incomplete) > 0 && beginsRecord(p, s.incomplete) {
		s.flush(add)
		s.torn = false
	}
	if len(s.incomplete) > 0 {
		s.appendPart(p, add)
	} else if p, ok := s.finishLine(p, add); ok {
		s.incomplete = bytes.Clone(split(p, false, add)) // p belongs to the caller
		s.since = time.Now()
	}
	s.noNewline = len(p) > 0 && p[len(p)-1] != '\n'
	switch {
	case len(s.incomplete) == 0:
		s.since = time.Time{}
	case len(s.incomplete) > maxIncomplete || time.Since(s.since) > MaxIncompleteAge:
		s.flush(add)
	}
}

// appendPart appends p to the incomplete record and calls add for each record that it completes.
func (s *splitter) appendPart(p []byte, add func(record []byte)) {
	s.incomplete = append(s.incomplete, p...)
	if bytes.IndexByte(p, '\n') < 0 && !bytes.HasSuffix(p, []byte("}")) {
		return // nothing is complete yet, and splitting again for each small Write would take quadratic time
	}
	rest := split(s.incomplete, true, add)
	if len(rest) < len(s.incomplete) {
		s.since = time.Now()
		rest = bytes.Clone(rest)
	}
	s.incomplete = rest
}

// finishLine removes from p the end of a line that was already added: its newline, or the rest of a torn line, which
// becomes a record. It reports whether anything remains.
func (s *splitter) finishLine(p []byte, add func(record []byte)) (after []byte, more bool) {
	if s.noNewline {
		after, found := bytes.CutPrefix(bytes.TrimPrefix(p, []byte("\r")), []byte("\n"))
		if found {
			s.torn = false
			return after, len(after) > 0
		}
	}
	if !s.torn || beginsRecord(p, nil) {
		s.torn = false
		return p, true
	}
	line, after, found := bytes.Cut(p, []byte("\n"))
	add(trimNewline(line))
	s.torn = !found
	return after, len(after) > 0
}

// flush adds the incomplete record as it is.
func (s *splitter) flush(add func(record []byte)) {
	if len(s.incomplete) > 0 {
		add(trimNewline(s.incomplete))
		s.incomplete, s.since, s.torn = nil, time.Time{}, true
	}
}

// mark identifies how a line begins. It is 0 unless that is a time, a level or a JSON object.
type mark uint64

const (
	objectMark mark = '{'
	levelMark  mark = 'L'
	// markSize is how many characters of a line's shape form its mark: enough to distinguish a date from its second half.
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

// BeginsLike reports whether a line begins with a time, a level or a JSON object, in the same way as other.
func BeginsLike(line, other []byte) bool {
	m := markOf(line)
	return m != 0 && m == markOf(other)
}

// isObject reports whether text may be the beginning of a JSON object with a member.
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

// timeMark returns the shape of the beginning of text if that has a date or a time of day, else 0. In a shape each number,
// word and blank is one character, so that different times have the same shape.
func timeMark(text []byte) (m mark) {
	var shape [12]byte // enough for "<34>Nov 29 16:16:00"
	n, found := 0, false
	for _, c := range text[:min(len(text), 64)] { // times are within the first 64 bytes
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

// split calls add for each record in text and returns the incomplete record at its end, or nil. joined is whether text
// begins with a record that was incomplete.
func split(text []byte, joined bool, add func(record []byte)) (incomplete []byte) {
	first := markOf(text)
	if first == 0 {
		add(trimNewline(text))
		return nil
	}
	start, afterObject := 0, false
	for at := 0; at < len(text); {
		line := text[at:]
		if end := bytes.IndexByte(line, '\n'); end >= 0 {
			line = line[:end+1]
		}
		if at > start && (afterObject || startsLike(line, first)) {
			add(bytes.TrimRight(text[start:at], "\r\n"))
			start = at
		}
		afterObject = first == objectMark && line[0] == '{' && bytes.HasSuffix(bytes.TrimRight(line, " \t\r\n"), []byte("}"))
		at += len(line)
	}
	last := text[start:]
	if !isComplete(last, !joined && bytes.IndexByte(text, '\n') < 0) {
		return last
	}
	add(trimNewline(last))
	return nil
}

// startsLike reports whether a line starts a record in a buffer whose records have that mark.
func startsLike(line []byte, m mark) bool {
	if m == objectMark {
		return line[0] == '{'
	}
	return markOf(line) == m
}

// beginsRecord reports whether p begins another record: as the incomplete one does, with the same form of time or level, or with a whole
// JSON object. Two loggers may share a
// Writer, or a program may have stopped within a record. incomplete is nil if it was flushed.
func beginsRecord(p, incomplete []byte) bool {
	m := markOf(p)
	if m == objectMark { // within the incomplete object, it would be followed by the end of that
		line, _, _ := bytes.Cut(p, []byte("\n"))
		return json.Valid(line)
	}
	lastLine := incomplete[bytes.LastIndexByte(incomplete, '\n')+1:]
	return m != 0 && (incomplete == nil || m == markOf(incomplete) && m == markOf(lastLine))
}

// isComplete reports whether a record is complete. A line that is alone in its Write needs no newline.
func isComplete(record []byte, alone bool) bool {
	line := bytes.IndexByte(record, '\n')
	switch {
	case !isObject(record):
		return alone || record[len(record)-1] == '\n'
	case line == len(record)-1 && line > 1: // a single line other than "{" is not continued
		return true
	}
	return json.Valid(record)
}

// trimNewline returns a record without the newline at its end.
func trimNewline(record []byte) []byte {
	return bytes.TrimSuffix(bytes.TrimSuffix(record, []byte("\n")), []byte("\r"))
}
