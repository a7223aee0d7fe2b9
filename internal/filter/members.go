package filter

import (
	"bytes"
	"encoding/json"
)

// members are the parts of an encoded record that a filter can ask for: the contents of strings, without
// quotes and as they are escaped, and the text of the fields.
type members struct{ channel, logger, host, message, trace, fields []byte }

// find finds the members of a record as the history encodes it: compact JSON, in which no name is escaped
// and none comes twice. It is ten times as fast as encoding/json, and a filter looks at every record. ok is
// false when that is not what it was given.
func (m *members) find(encoded []byte) (ok bool) {
	for i := 1; i < len(encoded) && encoded[i] == '"'; i++ {
		end := closing(encoded, i+1)
		if end < 0 || end+2 >= len(encoded) {
			return false
		}
		name, start := encoded[i+1:end], end+2
		switch encoded[start] {
		case '"':
			start++
			if end = closing(encoded, start); end < 0 {
				return false
			}
			value := encoded[start:end]
			end++
			switch string(name) {
			case "channel":
				m.channel = value
			case "logger":
				m.logger = value
			case "host":
				m.host = value
			case "message":
				m.message = value
			case "trace":
				m.trace = value
			}
		case '{':
			if end = object(encoded, start); end < 0 {
				return false
			}
			if string(name) == "fields" {
				m.fields = encoded[start:end]
			}
		default:
			n := bytes.IndexAny(encoded[start:], ",}")
			if n < 0 {
				return false
			}
			end = start + n
		}
		if i = end; i == len(encoded)-1 {
			return encoded[i] == '}'
		}
	}
	return false
}

// closing returns where the string ends that has its first character at i, or -1.
func closing(text []byte, i int) int {
	for {
		n := bytes.IndexByte(text[i:], '"')
		if n < 0 {
			return -1
		}
		end := i + n
		slashes := 0
		for slashes < n && text[end-1-slashes] == '\\' {
			slashes++
		}
		if slashes%2 == 0 {
			return end
		}
		i = end + 1
	}
}

// object returns where the object ends that begins at i, or -1.
func object(text []byte, i int) int {
	for depth := 0; i < len(text); i++ {
		switch text[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i + 1
			}
		case '"':
			if i = closing(text, i+1); i < 0 {
				return -1
			}
		}
	}
	return -1
}

// plain returns a string's text, given its contents.
func plain(contents []byte) []byte {
	if bytes.IndexByte(contents, '\\') < 0 {
		return contents
	}
	quoted := make([]byte, 0, len(contents)+2)
	quoted = append(append(append(quoted, '"'), contents...), '"')
	var text string
	if json.Unmarshal(quoted, &text) != nil { // the encoding is Elva's own
		return contents
	}
	return []byte(text)
}
