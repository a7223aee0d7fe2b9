package record

import (
	"strings"

	"github.com/SupermanScott/Elva/internal/record/jsonscan"
)

// maxRecords bounds the records of one payload, so that no payload occupies the reader of a source for long.
const maxRecords = 1000

// Split returns the JSON objects of a payload with several of them, which buffering loggers and collectors publish. White space, record
// separators (RFC 7464) or nothing may be between them. The records of OpenTelemetry's export are split, too. Split returns nil for any other
// payload.
func Split(payload string) []string {
	if strings.HasPrefix(payload, exportedLogs) {
		return splitExport(payload)
	}
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

const (
	exportedLogs = `{"resourceLogs"` // how OTLP's JSON begins
	// maxOrigin bounds the resource and the scope that each record of an export gets, so that an export does not grow by its square.
	maxOrigin = 4 << 10
)

// splitExport returns the records of OpenTelemetry's {"resourceLogs":[{"resource":…,"scopeLogs":[{"scope":…,"logRecords":[…]}]}]}, each with its
// resource and its scope.
func splitExport(payload string) (records []string) {
	var check jsonscan.Checker
	payload = strings.TrimRight(payload, betweenObjects)
	if end, _, _ := check.ValueEnd(payload, 0, 0); end != len(payload) {
		return nil
	}
	for _, resource := range elementsOf(payload, `"resourceLogs"`) {
		for _, scope := range elementsOf(resource, `"scopeLogs"`) {
			origin := originOf(resource, `"resource"`) + originOf(scope, `"scope"`)
			for _, record := range elementsOf(scope, `"logRecords"`) {
				if len(records) == maxRecords {
					return nil
				}
				if inside := strings.TrimLeft(record[1:], betweenObjects); record[0] == '{' && inside[0] != '}' {
					records = append(records, "{"+origin+inside)
				}
			}
		}
	}
	return records
}

// elementsOf returns the elements of an array in an object.
func elementsOf(object, key string) (elements []string) {
	for it := (jsonscan.Iterator{JSON: memberOf(object, key)}); it.JSON != "" && it.JSON[0] == '[' && it.Next(); {
		elements = append(elements, it.Value.Raw)
	}
	return elements
}

// memberOf returns a member of an object as written, or "".
func memberOf(object, key string) string {
	for it := (jsonscan.Iterator{JSON: object}); object[0] == '{' && it.Next(); {
		if it.Key == key {
			return it.Value.Raw
		}
	}
	return ""
}

// originOf returns a member of an object with its key and a comma, or "" if it is too long.
func originOf(object, key string) string {
	value := memberOf(object, key)
	if value == "" || len(value) > maxOrigin {
		return ""
	}
	return key + ":" + value + ","
}
