package record

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/SupermanScott/Elva/internal/record/instant"
	"github.com/SupermanScott/Elva/internal/record/stack"
)

// levelReach is how far into a text its level is looked for: further on, words are the message's own.
const levelReach = 100

// decodeText reads a payload that is only text.
func decodeText(r *Record, s string) {
	s = trimTail(s)
	if t, ok := timeOfLine(s); ok {
		r.Time = t
	}
	r.Level = levelOfLine(s)
	r.Message, r.Trace = stack.Split(s)
}

// timeOfLine returns the time that a line starts with.
func timeOfLine(s string) (time.Time, bool) {
	t, _, ok := instant.Cut(strings.TrimLeft(s, " ["))
	return t, ok
}

// levelOfLine returns the first level word that stands alone near the start of a text.
func levelOfLine(s string) Level {
	// From here on, limit is the first byte that is too far: 100 characters, or the end of the second line.
	limit, lines := 0, 0
	for chars := 0; chars < levelReach && limit < len(s); chars++ {
		if s[limit] == '\n' {
			if lines++; lines == 2 {
				break
			}
		}
		_, n := utf8.DecodeRuneInString(s[limit:])
		limit += n
	}
	start := afterTime(s)
	for i := 0; i < limit; {
		if !isLetter(s[i]) {
			i++
			continue
		}
		end := i + 1
		for end < len(s) && isLetter(s[end]) {
			end++
		}
		if end <= limit && (i == 0 || !isJoined(s, i)) {
			if level := levelInText(s[i:end]); level != Unknown && standsAlone(s, i, end, start) {
				return level
			}
		}
		i = end
	}
	return Unknown
}

// isJoined reports whether the character before i belongs to the same word.
func isJoined(s string, i int) bool {
	c := s[i-1]
	return isWord(c) || c >= utf8.RuneSelf
}

// levelInText returns the level of a word in a text, where single letters and everyday words do not count.
func levelInText(word string) Level {
	if len(word) < 2 || len(word) > maxLevelWord || strings.EqualFold(word, "log") || strings.EqualFold(word, "http") ||
		strings.EqualFold(word, "config") {
		return Unknown
	}
	return levelOfWord(word)
}

// standsAlone reports whether the word from i to end stands by itself, as a level does: in capitals, in brackets, or at the
// start with a colon.
func standsAlone(s string, i, end, start int) bool {
	before, after := byte(' '), byte(' ')
	if i > 0 {
		before = s[i-1]
	}
	if end < len(s) {
		after = s[end]
	}
	if strings.ToUpper(s[i:end]) == s[i:end] && strings.IndexByte(" \t\r\n[(<|:.,", before) >= 0 &&
		strings.IndexByte(" \t\r\n])>|:,/[-", after) >= 0 {
		return true
	}
	if i == start && after == ':' {
		return true
	}
	from, to := i, end
	for from > 0 && s[from-1] == ' ' {
		from--
	}
	for to < len(s) && s[to] == ' ' {
		to++
	}
	if from == 0 || to == len(s) || s[to] != ']' {
		return false
	}
	if s[from-1] == '[' {
		return true
	}
	if s[from-1] != ':' { // [core:error]
		return false
	}
	for j := from - 2; j >= 0 && j > from-2-levelReach; j-- {
		switch s[j] {
		case '[':
			return true
		case ']', '\n':
			return false
		}
	}
	return false
}

// afterTime returns the index of the first word after the time that a text starts with: with a date or, since only
// the place is asked for, without.
func afterTime(s string) int {
	i := len(s) - len(strings.TrimLeft(s, " \t["))
	rest := s[i:]
	if _, after, ok := instant.Cut(rest); ok {
		rest = after
	} else if after, ok := instant.CutClock(rest); ok {
		rest = after
	} else {
		return len(s) - len(strings.TrimLeft(s, " \t"))
	}
	return len(s) - len(strings.TrimLeft(rest, " \t]"))
}
