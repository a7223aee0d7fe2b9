package explore

import (
	"encoding/json"
	"strings"
)

// maxSeen is how many records of a pattern say which of its values are always the same: ten that agree are no chance.
const maxSeen = 10

// values are what stands where a pattern's messages vary, as far as it is the same in all of them: a sentence that says "GET /export 500 in …" is
// worth more than "GET … in …".
type values struct {
	seen int
	same []string // "" for what varies
}

// see notes the values of a record.
func (v *values) see(l *look, encoded []byte) {
	if v.seen >= maxSeen || len(encoded) > maxSampled {
		return
	}
	var r struct{ Message string }
	if json.Unmarshal(encoded, &r) != nil {
		return
	}
	found := l.filled(firstLine(r.Message))
	if v.seen++; v.seen == 1 {
		v.same = found
	}
	for i := range v.same {
		if i >= len(found) || found[i] != v.same[i] {
			v.same[i] = ""
		}
	}
}

// filled returns what stands in a message where the pattern varies; nil if the message does not follow it.
func (l *look) filled(message string) (found []string) {
	for i, part := range l.parts {
		if part != nil {
			if !strings.HasPrefix(message, *part) {
				return nil
			}
			message = message[len(*part):]
			continue
		}
		end := len(message)
		if i+1 < len(l.parts) && l.parts[i+1] != nil {
			if i+2 == len(l.parts) {
				end = len(message) - len(*l.parts[i+1])
			} else {
				end = strings.Index(message, *l.parts[i+1])
			}
			if end < 0 {
				return nil
			}
		}
		found = append(found, message[:end])
		message = message[end:]
	}
	return found
}

// maxSame is how long a value is that is shown within a pattern.
const maxSame = 60

// text returns the pattern's text with the values that are always the same.
func (v *values) text(l *look) string {
	if v.seen < 2 || len(v.same) == 0 {
		return l.text
	}
	var b strings.Builder
	i := 0
	for _, part := range l.parts {
		switch {
		case part != nil:
			b.WriteString(*part)
			continue
		case i < len(v.same) && v.same[i] != "" && len(v.same[i]) <= maxSame:
			b.WriteString(v.same[i])
		default:
			b.WriteString("…")
		}
		i++
	}
	return clip(firstLine(b.String()))
}
