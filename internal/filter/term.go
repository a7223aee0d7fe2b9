package filter

import (
	"slices"
	"strings"

	"github.com/SupermanScott/Elva/internal/record"
)

// part names what of a record a term looks at.
type part uint8

const (
	anyText part = iota // every text that the page shows of a record
	field               // a path into the fields
	partLevel
	partLogger
	partHost
	partChannel
	partWorker
	partMessage
	partSource
	partTrace
	partPID
	partTime
	partSeq
	partAt
	partTemplate
	partEntry
	partIDs
	partPattern
	partCount
)

// partNames are the keys of the parts. It is read only, as a constant would be.
var partNames = [partCount]string{
	partLevel: "level", partLogger: "logger", partHost: "host", partChannel: "channel", partWorker: "worker",
	partMessage: "message", partSource: "source", partTrace: "trace", partPID: "pid", partTime: "time",
	partSeq: "seq", partAt: "at", partTemplate: "template", partEntry: "entry", partIDs: "ids", partPattern: "pattern",
}

// partOf returns the part that a key names in any case, or field.
func partOf(key string) part {
	if i := slices.Index(partNames[:], lower(key)); key != "" && i >= 0 {
		return part(i)
	}
	return field
}

// lower changes the ASCII letters of a name to lower case: no other letter is the same as one of them.
func lower(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}, s)
}

// compares reports whether the part takes <, <=, > and >=.
func (p part) compares() bool {
	switch p {
	case field, partLevel, partPID, partTime, partSeq, partAt:
		return true
	}
	return false
}

// isNumber and isTime report which values the part has.
func (p part) isNumber() bool { return p == partPID || p == partSeq }
func (p part) isTime() bool   { return p == partTime || p == partAt }

// isName reports whether the part is a name that is compared whole.
func (p part) isName() bool {
	return p == partLogger || p == partHost || p == partChannel || p == partWorker
}

// colonIsEqual reports whether : and = mean the same for the part.
func (p part) colonIsEqual() bool {
	switch p {
	case partLevel, partHost, partChannel, partWorker, partPID, partSeq, partIDs, partPattern:
		return true
	}
	return false
}

// operator is how a term compares.
type operator uint8

const (
	contains operator = iota // :
	equals
	present // :*
	matches // a regular expression
	less
	lessOrEqual
	greater
	greaterOrEqual
)

// operatorTexts are the operators as they are written. It is read only.
var operatorTexts = [...]string{contains: ":", equals: "=", present: ":*", matches: ":", less: "<", lessOrEqual: "<=", greater: ">", greaterOrEqual: ">="}

func (o operator) compares() bool { return o >= less }

// holds reports whether a value that compares as order (-1, 0, 1) with the term's satisfies the comparison.
func (o operator) holds(order int) bool {
	switch o {
	case less:
		return order < 0
	case lessOrEqual:
		return order <= 0
	case greater:
		return order > 0
	}
	return order >= 0
}

// term is one term of a query. Terms that mean the same in the same words are equal.
type term struct {
	negated    bool
	part       part
	op         operator
	only       bool   // a field written as fields.path, which is never looked for as text
	ignoreCase bool   // the flag of /…/i
	key        string // a field's path, in NFC
	value      string // the text, value or pattern, in NFC; of levels their names
}

// clause is an OR of terms. A query is an AND of clauses.
type clause []term

// Levels is a set of levels; record.Unknown is no level.
type Levels uint8

const (
	// AllLevels is every level, and none.
	AllLevels Levels = 1<<(record.Critical+1) - 1
	noLevels  Levels = 0
)

// Has reports whether the set has a level.
func (l Levels) Has(level record.Level) bool { return l&(1<<level) != 0 }

// andWorse is the set of a level and all worse ones.
func andWorse(level record.Level) Levels { return AllLevels &^ (1<<level - 1) }

// levelNames lists the levels as errors and printed lists do.
const levelNames = "trace, debug, info, warning, error, critical"

// String lists the levels by name, from trace to critical, and none last.
func (l Levels) String() string {
	var names []string
	for level := record.Trace; level <= record.Critical; level++ {
		if l.Has(level) {
			names = append(names, level.String())
		}
	}
	if l.Has(record.Unknown) {
		names = append(names, "none")
	}
	return strings.Join(names, ",")
}

// levelOf returns the level that a word names, in any case.
func levelOf(word string) (record.Level, bool) {
	if lower(word) == "none" {
		return record.Unknown, true
	}
	level := record.LevelOfWord(word)
	return level, level != record.Unknown
}

// compared returns the levels that a comparison with level selects. No level compares with nothing.
func compared(op operator, level record.Level) Levels {
	set := noLevels
	for l := record.Trace; l <= record.Critical; l++ {
		order := 0
		if l < level {
			order = -1
		} else if l > level {
			order = 1
		}
		if op.holds(order) {
			set |= 1 << l
		}
	}
	return set
}
