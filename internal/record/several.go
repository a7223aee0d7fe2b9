package record

import (
	"strings"

	"github.com/SupermanScott/Elva/internal/record/jsonscan"
)

// maxRecords bounds the records of one payload, so that no payload occupies the reader of a source for long.
const maxRecords = 1000

// Split returns the JSON objects of a payload with several of them, which buffering loggers and collectors publish. White space, record
// separators (RFC 7464) or nothing may be between them. Split returns nil for any other payload.
func Split(payload string) []string {
	if strings.IndexByte(payload, '\n') < 0 && !strings.Contains(payload, "}{") && strings.IndexByte(payload, recordSeparator) < 0 {
		return nil
	}
	s := strings.TrimLeft(strings.TrimPrefix(payload, byteOrderMark), betweenObjects)
	var objects []string
	var check jsonscan.Checker
	for s != "" && s[0] == '{' && len(objects) < maxRecords {
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
