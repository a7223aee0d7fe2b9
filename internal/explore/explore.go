// Package explore summarizes many records: their patterns, the values of their fields, the operations that run, and what has changed. A
// search of the history passes it encoded records, the newest first. It counts only records that the filter of the search selects, so each
// number equals the length of a list of records with the same filter.
//
// Memory is bounded whatever is logged. What exceeds a bound is counted but not listed.
package explore

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/SupermanScott/Elva/internal/group"
	"github.com/SupermanScott/Elva/internal/record"
)

// Levels are numbers of records by level.
type Levels [record.Critical + 1]int

// Cut says whether an answer covers all records. If it does not, Reason says why, and Reached, if known, is the time down to which
// everything was counted.
type Cut struct {
	Complete bool       `json:"complete"`
	Reason   string     `json:"reason,omitempty"`
	Reached  *time.Time `json:"reached,omitempty"`
}

// Or returns c if it is not complete, else other.
func (c Cut) Or(other Cut) Cut {
	if !c.Complete {
		return c
	}
	return other
}

// LevelName returns the name of a level in answers: "none" for records without a level.
func LevelName(level record.Level) string {
	if level == record.Unknown {
		return "none"
	}
	return level.String()
}

// counts returns the numbers other than 0, by level name.
func (l *Levels) counts() map[string]int {
	counts := make(map[string]int)
	for level, n := range l {
		if n > 0 {
			counts[LevelName(record.Level(level))] = n
		}
	}
	return counts
}

// worst returns the worst level that has records.
func (l *Levels) worst() record.Level {
	for level := record.Critical; level > record.Unknown; level-- {
		if l[level] > 0 {
			return level
		}
	}
	return record.Unknown
}

// PatternOf returns the pattern of an encoded record, which is its last member. ok is false if there is none.
func PatternOf(encoded []byte) (pattern uint32, ok bool) {
	const member, digits = `,"pattern":"`, 8
	start := len(encoded) - digits - len(`"}`)
	if start < len(member) || string(encoded[start-len(member):start]) != member {
		return 0, false
	}
	for _, c := range encoded[start : start+digits] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		default:
			return 0, false
		}
		pattern = pattern<<4 | uint32(c)
	}
	return pattern, true
}

// patternText returns a pattern in the form that records have it.
func patternText(pattern uint32) string { return string(group.AppendPattern(nil, pattern)) }

const (
	// maxText bounds the text of a pattern and its example, in bytes: a line on a wide screen.
	maxText = 300
	// maxParts bounds the parts of a pattern.
	maxParts = 64
)

// look describes the messages of a pattern.
type look struct {
	text    string    // the message with … where it varies
	parts   []*string // the constant parts of text, with nil for …
	example string    // one message
}

// lookOf returns the look of an encoded record's pattern.
func lookOf(p *group.Patterns, encoded []byte) look {
	var r struct {
		Message, Template, Trace string
	}
	if json.Unmarshal(encoded, &r) != nil { // the encoding is Elva's own
		return look{}
	}
	l := look{example: clip(firstLine(r.Message)), parts: []*string{}}
	var text strings.Builder
	for i, piece := range p.Pieces(&record.Record{Message: r.Message, Template: r.Template, Trace: r.Trace}) {
		if piece.Varies || i == maxParts || text.Len() > maxText {
			text.WriteString("…")
			l.parts = append(l.parts, nil)
			if piece.Varies {
				continue
			}
			break
		}
		words := clip(piece.Text)
		text.WriteString(words)
		l.parts = append(l.parts, &words)
	}
	l.text = clip(firstLine(text.String()))
	if l.text == "" {
		l.text = "no message"
	}
	if l.example == "" {
		l.example = l.text
	}
	return l
}

func firstLine(s string) string {
	s = strings.TrimSpace(s)
	if i := strings.IndexByte(s, '\n'); i >= 0 {
		return s[:i]
	}
	return s
}

// clip returns the first maxText bytes of a text, without a partial character at the end, and … if it cuts. The result does not keep
// the memory of a longer text of which s is a part.
func clip(s string) string {
	if len(s) <= maxText {
		return strings.Clone(s)
	}
	return strings.ToValidUTF8(s[:maxText], "") + "…"
}

// bucket returns the index of the part that contains a time when a range is divided into n equal parts. A time outside the range is in the
// first or the last part.
func bucket(at, from, to time.Time, n int) int {
	width := to.Sub(from)
	if width <= 0 {
		return n - 1
	}
	i := int(float64(at.Sub(from)) / float64(width) * float64(n))
	return min(max(i, 0), n-1)
}

// milliseconds returns a duration in milliseconds, or 0 if it is negative.
func milliseconds(d time.Duration) int64 { return max(d, 0).Milliseconds() }
