// Package explore answers questions about many records at once: what is alike, which values a field has, what runs, what changed. It is
// fed with encoded records by a search of the history, the newest first, and counts what the search's filter selects, so that each number is
// what a list of the records with the same filter gives.
//
// Memory is bounded whatever is logged: what is beyond a bound is counted, not listed.
package explore

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/SupermanScott/Elva/internal/group"
	"github.com/SupermanScott/Elva/internal/record"
)

// Levels are the numbers of records by level.
type Levels [record.Critical + 1]int

// Cut says whether an answer is of all records, or why not. Then what is later than Reached was counted, if that is known.
type Cut struct {
	Complete bool       `json:"complete"`
	Reason   string     `json:"reason,omitempty"`
	Reached  *time.Time `json:"reached,omitempty"`
}

// Or returns c if it says that the answer is cut, else other.
func (c Cut) Or(other Cut) Cut {
	if !c.Complete {
		return c
	}
	return other
}

// LevelName returns the name of a level as in a histogram: that of no level is none.
func LevelName(level record.Level) string {
	if level == record.Unknown {
		return "none"
	}
	return level.String()
}

// counts returns the numbers that are not 0, by name.
func (l *Levels) counts() map[string]int {
	counts := make(map[string]int)
	for level, n := range l {
		if n > 0 {
			counts[LevelName(record.Level(level))] = n
		}
	}
	return counts
}

// worst returns the worst level that there is.
func (l *Levels) worst() record.Level {
	for level := record.Critical; level > record.Unknown; level-- {
		if l[level] > 0 {
			return level
		}
	}
	return record.Unknown
}

// PatternOf returns the pattern of an encoded record, which is its last member; ok is false for what has none.
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

// patternText returns a pattern as the member has it.
func patternText(pattern uint32) string { return string(group.AppendPattern(nil, pattern)) }

const (
	// maxText bounds a text that stands for many records: a line on a wide screen.
	maxText = 300
	// maxParts bounds the parts of a pattern.
	maxParts = 64
)

// look is what a pattern's records look like.
type look struct {
	text    string
	parts   []*string
	example string
}

// lookOf returns what the pattern of an encoded record looks like.
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

// clip returns at most maxText bytes of a text, in whole characters.
func clip(s string) string {
	if len(s) <= maxText {
		return s
	}
	return strings.ToValidUTF8(s[:maxText], "") + "…"
}

// bucket returns which of n equal parts of a range a time is in; what is outside is in the first or the last.
func bucket(at, from, to time.Time, n int) int {
	width := to.Sub(from)
	if width <= 0 {
		return n - 1
	}
	i := int(float64(at.Sub(from)) / float64(width) * float64(n))
	return min(max(i, 0), n-1)
}

// milliseconds returns a duration as the answers have it.
func milliseconds(d time.Duration) int64 { return max(d, 0).Milliseconds() }
