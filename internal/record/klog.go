package record

import (
	"strconv"
	"strings"

	"github.com/SupermanScott/Elva/internal/record/instant"
	"github.com/SupermanScott/Elva/internal/record/jsonscan"
	"github.com/SupermanScott/Elva/internal/record/stack"
)

// decodeKlog decodes a line of klog or glog, "I1122 17:08:44.201537   30591 main.go:297] message", and reports whether payload is one. Without
// a year in the line, the record has no time.
func decodeKlog(r *Record, payload string) bool {
	s := trimIndent(payload)
	if len(s) < 30 {
		return false
	}
	level := Unknown
	switch s[0] {
	case 'I':
		level = Info
	case 'W':
		level = Warning
	case 'E':
		level = Error
	case 'F':
		level = Critical
	default:
		return false
	}
	day := jsonscan.SkipDigits(s, 1)
	if day != 5 && day != 7 && day != 9 { // glog has an option to write the year, and CockroachDB writes two digits of it
		return false
	}
	clock := s[day:]
	if clock[0] != ' ' || clock[3] != ':' || clock[6] != ':' || clock[9] != '.' || jsonscan.SkipDigits(clock, 10) != 16 {
		return false
	}
	rest := strings.TrimLeft(clock[16:], " ")
	end := jsonscan.SkipDigits(rest, 0)
	if end == 0 || end > 18 || end >= len(rest) || rest[end] != ' ' {
		return false
	}
	afterPlace := "]"
	if day == 7 {
		afterPlace = " ⋮"
	}
	place, message, ok := strings.Cut(rest[end+1:], afterPlace)
	place = place[strings.IndexByte(place, '@')+1:] // CockroachDB writes a channel before it
	if !ok || strings.ContainsAny(place, " \n") {
		return false
	}
	if head, ok := stack.CutLine(place); !ok || head == "" {
		return false
	}
	if day > 5 {
		if t, more, ok := instant.Cut(("20" + s[1:day])[day-7:day-3] + "-" + s[day-4:day-2] + "-" + s[day-2:day] + clock[:16]); ok && more == "" {
			r.Time = t
		}
	}
	r.PID, _ = strconv.ParseInt(rest[:end], 10, 64)
	r.HasPID = true
	r.Level, r.Source = level, place
	r.setTrace(trimTail(strings.TrimPrefix(message, " ")))
	return true
}
