package explore

import (
	"encoding/json"
	"strings"
)

// maxSeen is the number of records that show which values of a pattern are always the same. Ten equal values are not a coincidence.
const maxSeen = 10

// values holds the values of a pattern's variable parts that are the same in all messages seen: a sentence with "GET /export 500 in …" says
// more than one with "GET … in …".
type values struct {
	seen int
	same []string // by variable part; "" where messages differ
}

// observe compares the values of a record with those of the records before.
func (v *values) observe(l *look, encoded []byte) {
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

// filled returns the values in a message at the variable parts of its pattern, or nil if the message does not match the pattern. It returns
// "" for a value that is longer than maxSame.
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
		value := ""
		if end <= maxSame {
			value = strings.Clone(message[:end])
		}
		found = append(found, value)
		message = message[end:]
	}
	return found
}

// maxSame is the greatest length of a value that is shown within a pattern: longer ones would hide the rest of the sentence.
const maxSame = 60

// text returns the pattern's text with the values that all messages share.
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
		case i < len(v.same) && v.same[i] != "":
			b.WriteString(v.same[i])
		default:
			b.WriteString("…")
		}
		i++
	}
	return clip(firstLine(b.String()))
}
