package record

import (
	"strings"
	"unicode/utf8"

	"github.com/SupermanScott/Elva/internal/record/instant"
	"github.com/SupermanScott/Elva/internal/record/stack"
)

const (
	// levelReach is how many characters of a text are searched for its level. Later words belong to the message.
	levelReach = 100
	// maxPlainWords is how many plain words, such as a program's name, may precede a level. More words are a sentence.
	maxPlainWords = 1
	// maxTimedWords is the same after a time, for words such as a service and a thread.
	maxTimedWords = 2
)

// levelOfLine returns the level near the start of the first two lines of a text, Unknown if there is none.
func levelOfLine(s string) Level {
	if !mayHaveLevel(s[:min(len(s), 4*levelReach)]) {
		return Unknown
	}
	chars := 0
	for line, rest, more := s, "", true; more && chars < levelReach; line = rest {
		line, rest, more = strings.Cut(line, "\n")
		limit := len(line)
		for i := range line { // the byte after the last character that counts
			if chars == levelReach {
				limit = i
				break
			}
			chars++
		}
		chars++
		if level, done := levelOfHead(line, limit); done {
			return level
		}
		if len(rest) < len(s) && strings.Count(s[:len(s)-len(rest)], "\n") == 2 {
			break
		}
	}
	return Unknown
}

// mayHaveLevel reports whether a text has two capitals in a row, a bracket or a colon, which every level has or precedes.
func mayHaveLevel(s string) bool {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '[' || c == ':':
			return true
		case c-'A' < 26 && i+1 < len(s) && s[i+1]-'A' < 26:
			return true
		}
	}
	return false
}

// errorPhrases are the beginnings of error lines of runtimes, which may follow a time and "PHP ".
var errorPhrases = []struct {
	words string
	level Level
}{
	{"Fatal error: ", Critical}, {"fatal error: ", Critical}, {"Parse error: ", Critical}, {"Recoverable fatal error: ", Critical},
	{"Catchable fatal error: ", Critical}, {"Compile error: ", Critical}, {"Core error: ", Critical}, {"Fatal Python error: ", Critical},
	{"Strict Standards: ", Warning}, {"Deprecated: ", Warning}, {"Core warning: ", Warning}, {"Compile warning: ", Warning},
	{"panic: ", Critical}, {"thread '", Critical}, {"terminate called ", Critical}, {"Execution error ", Error}, {"error[E", Error}, {"http: panic serving ", Critical},
	{"npm error ", Error}, {"npm warn ", Warning}, {"Exception in thread ", Error}, {"Unhandled exception", Error}, {"Unhandled Exception", Error}, {"Uncaught ", Error},
}

// detailPrefixes begin lines of PostgreSQL and MySQL that belong to an error and have no level.
var detailPrefixes = []string{"STATEMENT:  ", "DETAIL:  ", "HINT:  ", "CONTEXT:  ", "QUERY:  ", "LOCATION:  "}

// levelOfHead returns the level of a line before limit. done reports whether to search no further line.
func levelOfHead(line string, limit int) (level Level, done bool) {
	start := afterTime(line)
	begins := start > len(line)-len(strings.TrimLeft(line, " \t["))
	if level, ok := levelOfPhrase(line[start:]); ok {
		return level, true
	}
	plain := 0 // plain words so far
	before := ""
	for i := start; i < limit; {
		for i < limit && (line[i] == ' ' || line[i] == '\t') {
			i++
		}
		end := i
		for end < len(line) && line[end] != ' ' && line[end] != '\t' {
			end++
		}
		word := line[i:end]
		if level, from, to := levelOfWordAt(line, i, min(end, limit), start); level != Unknown {
			if isBracketed(line, from, to) || from == start && to < len(line) && line[to] == ':' {
				return level, true
			}
			if plain == 0 || plain <= maxPlainWords && isPlain(before) || begins && plain <= maxTimedWords || isBetweenColons(before, word, line[end:]) {
				if !isCount(before, line[end:], word, begins) && !isOfSentence(before) && (begins || !isEveryday(word) && !isCompound(word, line[end:])) {
					return level, true
				}
			}
		}
		if isPlain(word) {
			plain++
		}
		before = word
		i = end
	}
	return Unknown, false
}

// levelOfWordAt returns the level of a separate word within the text between two blanks, and the range of that word.
func levelOfWordAt(line string, i, end, start int) (level Level, from, to int) {
	for i < end {
		if !isLetter(line[i]) {
			i++
			continue
		}
		n := i + 1
		for n < len(line) && isLetter(line[n]) {
			n++
		}
		if n <= end && (i == 0 || !isJoined(line, i)) {
			if standsAlone(line, i, n, start) {
				if level := levelInText(line[i:n]); level != Unknown {
					return level, i, n
				}
				if strings.HasPrefix(line[n:], ":  ") && line[i:n] == "LOG" { // PostgreSQL
					return Info, i, n
				}
				if level := bracketLevels[line[i:n]]; level != Unknown && isBracketed(line, i, n) { // MySQL
					return level, i, n
				}
			}
		}
		i = n
	}
	return Unknown, 0, 0
}

// bracketLevels are words that are a level in brackets only.
var bracketLevels = map[string]Level{"Note": Info, "System": Info, "note": Info}

// negations are words before a level that make it a word of a sentence.
var negations = map[string]bool{"no": true, "not": true, "without": true, "zero": true, "any": true, "never": true, "less": true, "the": true, "a": true, "an": true, "this": true, "that": true, "each": true, "every": true, "some": true, "got": true, "to": true, "of": true, "http": true, "kein": true, "keine": true, "ohne": true, "sans": true, "aucun": true, "aucune": true, "sin": true, "is": true, "are": true, "more": true, "for": true, "in": true}

// isOfSentence reports whether the word before a level shows that it belongs to a sentence: "no ERROR", "Registered ERROR handler".
func isOfSentence(before string) bool {
	if negations[strings.ToLower(strings.TrimLeft(before, "[(<"))] {
		return true
	}
	return len(before) > 5 && before[0]-'A' < 26 && before[1]-'a' < 26 && (strings.HasSuffix(before, "ed") || strings.HasSuffix(before, "ing"))
}

// isCount reports whether the number before a level is a count: "0 ERROR, 2 WARNING", "1 ERROR". After a time and before more words a number is
// a process.
func isCount(before, after, word string, begins bool) bool {
	if before == "" {
		return false
	}
	for _, c := range []byte(before) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return !begins || strings.TrimRight(after, " \r.") == "" || strings.ContainsAny(word[len(word)-1:], ",.;)")
}

// isEveryday reports whether a level in capitals is also an everyday word: "EMERGENCY contact".
func isEveryday(word string) bool {
	switch strings.TrimRight(word, ":]|>)-") {
	case "EMERGENCY", "ALERT", "NOTICE", "PANIC", "SUCCESS", "FINE", "INFORMATION", "VERBOSE":
		return isLetter(word[len(word)-1])
	}
	return false
}

// compounds are nouns that follow a level in a sentence without a time: "ERROR rate", "CRITICAL path", "WARNING labels".
var compounds = map[string]bool{"rate": true, "rates": true, "budget": true, "budgets": true, "count": true, "counts": true, "counter": true, "path": true,
	"page": true, "pages": true, "label": true, "labels": true, "handler": true, "handlers": true, "level": true, "levels": true, "desk": true, "logs": true, "lines": true, "build": true, "builds": true, "mode": true, "mass": true, "threshold": true}

// isCompound reports whether a level and the word after it are a noun.
func isCompound(word, after string) bool {
	return isLetter(word[len(word)-1]) && compounds[strings.ToLower(wordAt(strings.TrimLeft(after, " "), 0))]
}

// isBetweenColons reports whether a level is between colons, before more text: "cart 7: ERROR: no items".
func isBetweenColons(before, word, after string) bool {
	return strings.HasSuffix(before, ":") && isUpper(strings.TrimSuffix(word, ":")) && strings.HasSuffix(word, ":") && strings.TrimSpace(after) != "" && !isDigits(strings.TrimSpace(after))
}

// isPlain reports whether a word may belong to a sentence: it has only letters, perhaps followed by punctuation.
func isPlain(word string) bool {
	if n := len(word); n > 0 && !isLetter(word[n-1]) {
		word = strings.TrimRight(word, ",.;!?'")
	}
	if word == "" || len(word) > 20 {
		return false
	}
	for i := 0; i < len(word); i++ {
		if c := word[i]; !isLetter(c) && c != '\'' && c < utf8.RuneSelf {
			return false
		}
	}
	return !isUpper(word) || levelInText(word) == Unknown
}

// levelOfPhrase returns the level of a line that begins with a known phrase. The result is true if the search for a level ends here.
func levelOfPhrase(s string) (Level, bool) {
	for _, detail := range detailPrefixes {
		if i := strings.Index(s, detail); i >= 0 && i < levelReach/2 {
			return Unknown, true
		}
	}
	s, isPHP := strings.CutPrefix(s, "PHP ")
	if isPHP {
		s = strings.TrimPrefix(s, "User ")
	}
	if s == "" {
		return Unknown, false
	}
	for i := range errorPhrases {
		if p := &errorPhrases[i]; s[0] == p.words[0] && strings.HasPrefix(s, p.words) {
			return p.level, p.words != "thread '" || strings.Contains(s, " panicked at ")
		}
	}
	if isWarning(s) {
		return Warning, true
	}
	if place, rest, ok := strings.Cut(s, ": "); ok && len(rest) > 5 && stack.IsPlace(place) { // as of compilers and sanitizers: cart.c:41:9: warning: …
		rest = strings.TrimPrefix(strings.TrimPrefix(rest, "runtime "), "fatal ")
		if word := wordAt(rest, 0); strings.HasPrefix(rest[len(word):], ": ") {
			level := levelInText(word)
			return level, level != Unknown
		}
	}
	if word := wordAt(s, 0); isPHP && strings.HasPrefix(s[len(word):], ":") {
		level := levelInText(word)
		return level, level != Unknown
	}
	return Unknown, false
}

// isWarning reports whether a line begins with a warning of Python or Node: "cart.py:41: DeprecationWarning: text", "(node:7) [DEP0005] Warning: text".
func isWarning(s string) bool {
	place, rest, ok := strings.Cut(s, " ")
	if strings.HasPrefix(rest, "[DEP") {
		_, rest, ok = strings.Cut(rest, " ")
	}
	if !ok || !strings.HasPrefix(place, "(node:") && !stack.IsPlace(strings.TrimSuffix(place, ":")) {
		return false
	}
	word := wordAt(rest, 0)
	return strings.HasSuffix(word, "Warning") && strings.HasPrefix(rest[len(word):], ": ")
}

// isJoined reports whether the character before i belongs to the same word.
func isJoined(s string, i int) bool {
	c := s[i-1]
	return isWord(c) || c >= utf8.RuneSelf
}

// levelInText returns the level for a word in a text. Single letters and everyday words don't count.
func levelInText(word string) Level {
	if len(word) < 2 || len(word) > maxLevelWord || strings.EqualFold(word, "log") || strings.EqualFold(word, "http") ||
		strings.EqualFold(word, "config") || strings.EqualFold(word, "note") {
		return Unknown
	}
	return levelOfWord(word)
}

// standsAlone reports whether the word from i to end is separate, like a level: in capitals, in brackets, or at the start before a colon.
func standsAlone(s string, i, end, start int) bool {
	before, after := byte(' '), byte(' ')
	if i > 0 {
		before = s[i-1]
	}
	if end < len(s) {
		after = s[end]
	}
	if isUpper(s[i:end]) && strings.IndexByte(" \t\r\n[(<|:.,", before) >= 0 && strings.IndexByte(" \t\r\n])>|:,/[-!", after) >= 0 {
		return true
	}
	return i == start && after == ':' || isBracketed(s, i, end)
}

// isBracketed reports whether the word from i to end is alone in square brackets, or the last one after a colon: [core:error].
func isBracketed(s string, i, end int) bool {
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
	if s[from-1] != ':' {
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

// afterTime returns the index of the first word after the time at the start of a line.
func afterTime(s string) int {
	rest := strings.TrimLeft(s, " \t[")
	if _, after, ok := instant.Cut(rest); ok {
		rest = after
	} else if after, ok := instant.CutClock(rest); ok {
		rest = after
	} else {
		return len(s) - len(trimIndent(s))
	}
	return len(s) - len(strings.TrimLeft(rest, " \t]"))
}

// levelOfLetter returns the level for a letter of logcat, glog or Ruby.
func levelOfLetter(s string) Level {
	switch s {
	case "V":
		return Trace
	case "D":
		return Debug
	case "I":
		return Info
	case "W":
		return Warning
	case "E":
		return Error
	case "F":
		return Critical
	}
	return Unknown
}

// levelOfNPM returns the level for a word of npm, which winston uses.
func levelOfNPM(s string) Level {
	switch s {
	case "error", "warn", "info", "verbose", "debug", "silly": // not "http", since net/http of Go logs "http: …"
		return levelOfWord(s)
	}
	return Unknown
}

// levelOfReport returns the level for a word before REPORT in a log of Erlang.
func levelOfReport(s string) Level {
	switch s {
	case "CRASH", "SUPERVISOR":
		return Error
	case "PROGRESS":
		return Info
	}
	if !isUpper(s) {
		return Unknown
	}
	return levelOfWord(s)
}

// levelOfDotNet returns the level for the four letters of .NET's console.
func levelOfDotNet(s string) Level {
	switch s {
	case "trce", "dbug", "info", "warn", "fail", "crit":
		return levelOfWord(s)
	}
	return Unknown
}
