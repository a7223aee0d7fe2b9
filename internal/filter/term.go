package filter

import (
	"slices"
	"strings"

	"github.com/SupermanScott/Elva/internal/record"
)

// part is the part of a record that a term tests.
type part uint8

const (
	anyText part = iota // every text that the page shows for a record
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

// partNames are the keys of the parts. It is read only.
var partNames = [partCount]string{
	partLevel: "level", partLogger: "logger", partHost: "host", partChannel: "channel", partWorker: "worker",
	partMessage: "message", partSource: "source", partTrace: "trace", partPID: "pid", partTime: "time",
	partSeq: "seq", partAt: "at", partTemplate: "template", partEntry: "entry", partIDs: "ids", partPattern: "pattern",
}

// partOf returns the part that a key names, or field. It ignores case.
func partOf(key string) part {
	if i := slices.Index(partNames[:], lower(key)); key != "" && i >= 0 {
		return part(i)
	}
	return field
}

// lower changes the ASCII letters of a name to lower case. Names of parts have no other letters.
func lower(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}, s)
}

// compares reports whether <, <=, > and >= can be used with the part.
func (p part) compares() bool {
	switch p {
	case field, partLevel, partPID, partTime, partSeq, partAt:
		return true
	}
	return false
}

// isNumber and isTime report whether the values of the part are numbers or times.
func (p part) isNumber() bool { return p == partPID || p == partSeq }
func (p part) isTime() bool   { return p == partTime || p == partAt }

// isName reports whether the part is a name that is compared as a whole.
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

// operator is the operator of a term.
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

// operatorTexts are the operators as written in a query. It is read only.
var operatorTexts = [...]string{contains: ":", equals: "=", present: ":*", matches: ":", less: "<", lessOrEqual: "<=", greater: ">", greaterOrEqual: ">="}

func (o operator) compares() bool { return o >= less }

// holds reports whether a comparison is true. order is the result of comparing the value with the term's: -1, 0 or 1.
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

// term is one term of a query. Terms are equal if they have the same canonical form.
type term struct {
	negated    bool
	part       part
	op         operator
	only       bool   // the field is written as fields.path, so texts are not searched for it
	ignoreCase bool   // the flag i of /…/i
	key        string // the path of a field, in NFC
	value      string // the text, value or pattern, in NFC; for levels, their names
}

// clause is an OR of terms. A query is an AND of clauses.
type clause []term

// Levels is a set of levels. record.Unknown stands for records without a level.
type Levels uint8

const (
	// AllLevels includes records without a level.
	AllLevels Levels = 1<<(record.Critical+1) - 1
	noLevels  Levels = 0
)

// Has reports whether the set has a level.
func (l Levels) Has(level record.Level) bool { return l&(1<<level) != 0 }

// andWorse returns the set of a level and all worse ones.
func andWorse(level record.Level) Levels { return AllLevels &^ (1<<level - 1) }

// levelNames lists the levels for errors.
const levelNames = "trace, debug, info, warning, error, critical"

// String returns the names of the levels from trace to critical, then "none".
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

// levelOf returns the level that a word names. It ignores case.
func levelOf(word string) (record.Level, bool) {
	if lower(word) == "none" {
		return record.Unknown, true
	}
	level := record.LevelOfWord(word)
	return level, level != record.Unknown
}

// compared returns the levels that a comparison with level selects. They never include record.Unknown.
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
