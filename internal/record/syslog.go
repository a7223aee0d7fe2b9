package record

import (
	"strconv"
	"strings"

	"github.com/SupermanScott/Elva/internal/record/instant"
	"github.com/SupermanScott/Elva/internal/record/jsonscan"
)

// decodeSyslog decodes a syslog message (RFC 5424 or RFC 3164) and reports whether payload is one.
func decodeSyslog(r *Record, payload string, depth int) bool {
	payload = trimIndent(payload)
	if payload == "" || payload[0] != '<' {
		return false
	}
	end := jsonscan.SkipDigits(payload, 1)
	if end == 1 || end > 4 || end >= len(payload) || payload[end] != '>' {
		return false
	}
	priority, _ := strconv.Atoi(payload[1:end])
	if priority > 191 {
		return false
	}
	r.Level = levelOfSyslog(priority % 8)
	rest := payload[end+1:]
	fields := strconv.AppendInt([]byte(`{"facility":`), int64(priority/8), 10)
	message, fields, ok := syslog5424(r, rest, fields)
	if !ok {
		message = syslog3164(r, rest)
		message, fields = systemdDotNet(r, message, fields)
	}
	r.Fields = append(fields, '}')
	decodeContent(r, strings.TrimPrefix(message, byteOrderMark), depth+1)
	return true
}

// syslog5424 decodes a message after its PRI (RFC 5424, section 6). It appends the MSGID and the structured data to fields.
func syslog5424(r *Record, s string, fields []byte) (message string, _ []byte, ok bool) {
	var header [5]string // after the version: TIMESTAMP HOSTNAME APP-NAME PROCID MSGID
	rest, ok := strings.CutPrefix(s, "1 ")
	if !ok {
		return "", fields, false
	}
	for i := range header {
		if header[i], rest, ok = strings.Cut(rest, " "); !ok || header[i] == "" {
			return "", fields, false
		}
		if header[i] == "-" {
			header[i] = ""
		}
	}
	var next Record
	if header[0] != "" {
		t, more, ok := instant.Cut(header[0])
		if !ok || more != "" {
			return "", fields, false
		}
		next.Time = t
	}
	known := len(fields)
	if header[0] != "" && next.Time.IsZero() { // a time in an unknown zone
		fields = jsonscan.AppendString(append(fields, `,"timestamp":`...), header[0])
	}
	next.Host, next.Logger = header[1], header[2]
	if header[3] != "" {
		if pid, err := strconv.ParseInt(header[3], 10, 64); err == nil {
			next.PID, next.HasPID = pid, true
		} else {
			fields = jsonscan.AppendString(append(fields, `,"procid":`...), header[3])
		}
	}
	if header[4] != "" {
		fields = jsonscan.AppendString(append(fields, `,"msgid":`...), header[4])
	}
	if header[1] == "host" && rest != "" && rest[0] != '-' && rest[0] != '[' { // Heroku writes no structured data, and the dyno as the process
		r.Time, r.Host, r.Logger = next.Time, header[3], next.Logger
		return rest, fields[:known], true
	}
	if rest, ok = strings.CutPrefix(rest, "-"); !ok {
		if fields, rest, ok = appendStructured(fields, rest); !ok {
			return "", fields[:known], false
		}
	}
	if rest != "" {
		if rest, ok = strings.CutPrefix(rest, " "); !ok {
			return "", fields[:known], false
		}
	}
	r.Time, r.Host, r.Logger, r.PID, r.HasPID = next.Time, next.Host, next.Logger, next.PID, next.HasPID
	return strings.TrimPrefix(rest, byteOrderMark), fields, true
}

// appendStructured appends the structured data at the start of s (RFC 5424, section 6.3), one member for each SD-ID.
func appendStructured(fields []byte, s string) (_ []byte, rest string, ok bool) {
	for strings.HasPrefix(s, "[") {
		end := strings.IndexAny(s, " ]")
		if end < 2 {
			return fields, s, false
		}
		fields = append(jsonscan.AppendString(append(fields, ','), s[1:end]), ":{"...)
		s = s[end:]
		for first := true; s[0] == ' '; first = false {
			name, more, ok := strings.Cut(s[1:], `="`)
			if !ok || name == "" || strings.ContainsAny(name, ` ]"`) {
				return fields, s, false
			}
			value, n := structuredValue(more)
			if n < 0 || n >= len(more) {
				return fields, s, false
			}
			s = more[n:]
			if !first {
				fields = append(fields, ',')
			}
			fields = jsonscan.AppendString(append(jsonscan.AppendString(fields, name), ':'), value)
		}
		if s[0] != ']' {
			return fields, s, false
		}
		fields = append(fields, '}')
		s = s[1:]
		ok = true
	}
	return fields, s, ok
}

// structuredValue returns the value of a parameter, with the escapes `\"`, `\\` and `\]`, and the index after its quote, or -1.
func structuredValue(s string) (string, int) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return b.String(), i + 1
		case c == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\' || s[i+1] == ']'):
			i++
			b.WriteByte(s[i])
		default:
			b.WriteByte(c)
		}
	}
	return "", -1
}

// syslog3164 decodes a message after its PRI (RFC 3164): "Nov 22 17:25:08 host tag[pid]: message". The record has no time, since the date has
// no year. Any other text is the message.
func syslog3164(r *Record, s string) string {
	if !isSyslogDate(s) {
		return s
	}
	host, rest, ok := strings.Cut(s[16:], " ")
	if !ok || host == "" || strings.HasSuffix(host, ":") || strings.IndexByte(host, '[') >= 0 || isUpper(host) && levelInText(host) != Unknown {
		return s // a tag without a host, or a level behind the time
	}
	r.Host = host
	message, _ := syslogTag(r, rest)
	return message
}

// systemdDotNet removes the category and the number of the event that .NET's console writes for systemd, "Shop.Cart[1002] text", perhaps after a time.
func systemdDotNet(r *Record, s string, fields []byte) (string, []byte) {
	t, rest, ok := instant.Cut(s)
	if !ok {
		rest = s
	}
	category, rest, ok := strings.Cut(trimIndent(rest), "[")
	event, message, ok2 := strings.Cut(rest, "] ")
	if !ok || !ok2 || !isDigits(event) || !isLoggerName(category) || strings.IndexByte(category, '.') < 0 {
		return s, fields
	}
	r.Time, r.Logger = t, category
	return message, jsonscan.AppendString(append(fields, `,"EventId":`...), event)
}

// syslogTag removes a tag such as "shop[7]: " or "shop: " from the start of rest and sets the logger and process. It reports whether there is
// one.
func syslogTag(r *Record, rest string) (string, bool) {
	tag := strings.IndexAny(rest, ":[ ")
	if tag <= 0 || rest[tag] == ' ' {
		return rest, false
	}
	after := rest[tag:]
	var pid int64
	hasPID := false
	if after[0] == '[' {
		end := strings.IndexByte(after, ']')
		if end < 0 || end+1 >= len(after) || after[end+1] != ':' {
			return rest, false
		}
		v, err := strconv.ParseInt(after[1:end], 10, 64)
		if err != nil {
			return rest, false
		}
		pid, hasPID = v, true
		after = after[end+1:]
	}
	if len(after) > 1 && after[1] != ' ' {
		return rest, false
	}
	r.Logger, r.PID, r.HasPID = rest[:tag], pid, hasPID
	return strings.TrimPrefix(after[1:], " "), true
}

// isSyslogDate reports whether s starts with "Nov 22 17:25:08 ".
func isSyslogDate(s string) bool {
	if len(s) < 17 || s[3] != ' ' || s[15] != ' ' {
		return false
	}
	rest, ok := instant.CutClock(s)
	return ok && len(s)-len(rest) == 15
}
