package record

import (
	"strings"

	"github.com/SupermanScott/Elva/internal/record/jsonscan"
)

// maxSeveral bounds how many records one payload can be, so that none occupies the reader of a source for long.
const maxSeveral = 1000

// Split returns the payloads in a payload that is several JSON objects, one after the other: a logger with a buffer, or a collector, publishes
// many lines at once. White space, record separators (RFC 7464) and nothing at all may be between them. It returns nil for what is one record,
// as nearly every payload is.
func Split(payload string) []string {
	if strings.IndexByte(payload, '\n') < 0 && !strings.Contains(payload, "}{") && strings.IndexByte(payload, recordSeparator) < 0 {
		return nil
	}
	s := strings.TrimLeft(strings.TrimPrefix(payload, byteOrderMark), betweenObjects)
	var objects []string
	var check jsonscan.Checker
	for s != "" && s[0] == '{' && len(objects) < maxSeveral {
		end, _, _ := check.ValueEnd(s, 0, 0)
		if end < 0 {
			return nil
		}
		objects = append(objects, s[:end])
		s = strings.TrimLeft(s[end:], betweenObjects)
	}
	if s != "" || len(objects) < 2 {
		return nil
	}
	return objects
}

const (
	recordSeparator = 0x1E
	betweenObjects  = " \t\r\n\x00\x1E"
)
