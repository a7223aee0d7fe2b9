package record

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/SupermanScott/Elva/internal/record/instant"
	"github.com/SupermanScott/Elva/internal/record/jsonscan"
	"github.com/SupermanScott/Elva/internal/record/stack"
)

// compiled is a layout that is ready for use.
type compiled struct {
	pattern pattern
	then    func(c *columns, line string) bool
	// hints are what the line must have behind its time, so that most layouts need not be tried.
	hints       hints
	behindLevel int  // of a layout with a level behind the time: the token behind that
	caps        bool // it is in capitals
}

// head is what a line has before its message that many layouts share, read once for all of them.
type head struct {
	hints
	word   Level // the level behind the time
	isCaps bool  // it is in capitals
	behind string
}

// hints are the characters that stand behind the time of a line, blanks but for the first left out: the next one, and the one behind the
// word that begins there. 0 is any.
type hints struct {
	first, next, after byte
	level              bool // the word is a level
	kind               byte // '0' for a digit, 'a' for a small letter, 'A' for a large one, of the next character
}

// start is what a line begins with. Only the layouts that begin with it are tried.
type start uint8

const (
	startOther start = iota
	startTime
	startBracketTime
	startLevel
	startBracketLevel
)

// layouts are the table's, by their start.
var layouts = func() (groups [startBracketLevel + 1][]compiled) {
	for _, l := range layoutTable {
		p := compile(l.pattern)
		s := p.start()
		ready := compiled{pattern: p, then: l.then, hints: p.hints()}
		if ready.hints.level {
			i := 2 + slices.IndexFunc(p, func(t token) bool { return t.field == "time" })
			ready.behindLevel, ready.caps = i+1, p[i].field == "LEVEL"
		}
		groups[s] = append(groups[s], ready)
	}
	return groups
}()

// hints returns what a line of the pattern has behind its time.
func (p pattern) hints() (h hints) {
	i := 0
	for i < len(p) && p[i].field != "time" {
		i++
	}
	if i > 1 || i+1 >= len(p) || p[i+1].literal == "" {
		return h
	}
	literal := p[i+1].literal
	h.first = literal[0]
	if h.next = firstOf(literal[1:]); literal[0] != ' ' && literal[0] != '\t' || h.next != 0 || i+3 >= len(p) {
		return h
	}
	switch p[i+2].field {
	case "level", "LEVEL":
		h.level = true
		h.after = firstOf(p[i+3].literal)
	case "pid":
		h.kind = '0'
	case "npm", "dotnet":
		h.kind = 'a'
	case "letter":
		h.kind, h.after = 'A', firstOf(p[i+3].literal)
	}
	return h
}

// firstOf returns the first character that is no blank, or 0.
func firstOf(s string) byte {
	if s = trimIndent(s); s == "" {
		return 0
	}
	return s[0]
}

// allows reports whether a line that has these characters behind its time can be of the layout with the hints h.
func (h hints) allows(line *hints) bool {
	return (h.first == 0 || h.first == line.first || h.first == ' ' && line.first == '\t') && (h.next == 0 || h.next == line.next) &&
		(!h.level || line.level) && (h.after == 0 || h.after == line.after) && (h.kind == 0 || h.kind == line.kind)
}

// headBehind returns what a line has behind its time.
func headAfter(rest string) (h head) {
	if rest == "" {
		return h
	}
	h.first, h.next = rest[0], firstOf(rest[1:])
	if h.first == ' ' || h.first == '\t' {
		rest = trimIndent(rest)
		word := wordAt(rest, 0)
		h.word = levelInText(word)
		h.level, h.isCaps, h.behind = h.word != Unknown, isUpper(word), rest[len(word):]
		switch c := firstOf(rest); {
		case c-'0' <= 9:
			h.kind = '0'
		case c-'a' < 26:
			h.kind = 'a'
		case c-'A' < 26:
			h.kind = 'A'
		}
		h.after = firstOf(rest[len(word):])
	}
	return h
}

func (p pattern) start() start {
	first, second := p[0].field, ""
	if p[0].literal == "[" {
		second = p[1].field
	}
	switch {
	case first == "time":
		return startTime
	case second == "time":
		return startBracketTime
	case first == "level", first == "LEVEL", first == "npm", first == "dotnet":
		return startLevel
	case second == "level", second == "LEVEL":
		return startBracketLevel
	}
	return startOther
}

// readLayout reads a line by the first layout that it has, and reports whether it has one.
func readLayout(s string, c *columns) bool {
	s = trimIndent(s)
	if len(s) < 4 {
		return false
	}
	var at lineTime
	group := layouts[startOf(s, &at)]
	h := headAfter(at.rest)
	for i := range group {
		l := &group[i]
		if at.ok && !l.hints.allows(&h.hints) {
			continue
		}
		c.reset()
		p, rest := l.pattern, s
		if at.ok && l.hints.level {
			if p, rest = p[l.behindLevel:], h.behind; l.caps && !h.isCaps {
				continue
			}
			c.level = h.word
			c.setTime(&at, at.line)
		}
		if p.match(rest, &at, c) && (l.then == nil || l.then(c, s)) {
			return true
		}
	}
	c.reset()
	return false
}

// startOf returns what a line begins with.
func startOf(s string, at *lineTime) start {
	if s[0] == '[' {
		if at.read(s[1:]) {
			return startBracketTime
		}
		if word := wordAt(s, 1); levelInText(word) != Unknown {
			return startBracketLevel
		}
		return startOther
	}
	if at.read(s) {
		return startTime
	}
	if word := wordAt(s, 0); len(word) > 2 && levelOfWord(word) != Unknown {
		return startLevel
	}
	return startOther
}

// wordAt returns the letters at an index.
func wordAt(s string, i int) string {
	end := i
	for end < len(s) && isLetter(s[end]) {
		end++
	}
	return s[i:end]
}

// columns is what a layout takes out of a line.
type columns struct {
	time                           time.Time
	level                          Level
	logger, host, source, function string
	message                        string // with all lines below the first
	pid                            int64
	hasPID                         bool
	fields                         []byte // members of a JSON object, each preceded by a comma
	ids                            []ID   // among the fields
}

// pooled are columns to use again: what reads them is called through a table, so that they would be allocated for each line.
var columnsPool = sync.Pool{New: func() any { return new(columns) }}

// reset makes the columns ready for another layout.
func (c *columns) reset() {
	fields := c.fields[:0]
	if cap(fields) > maxPooled {
		fields = nil
	}
	*c = columns{fields: fields}
}

// field notes what no part takes under its usual name.
func (c *columns) field(name, value string) {
	if value = strings.TrimSpace(value); value != "" {
		c.fields = jsonscan.AppendString(append(jsonscan.AppendString(append(c.fields, ','), name), ':'), value)
		if kind, ok := idNames[fold(name)]; ok && len(value) <= maxID && len(c.ids) < maxIDs {
			c.ids = append(c.ids, ID{idKinds[kind].kind, name, value})
		}
	}
}

// takeTime takes the time that s begins with. Where its instant is not known, its text is kept.
func (c *columns) setTime(at *lineTime, s string) {
	if c.time = at.time; at.unknown {
		c.field("time", s[:len(s)-len(at.rest)])
	}
}

// members notes the members of a JSON object that was written behind the message.
func (c *columns) members(object string) {
	if inside := strings.TrimSpace(object[1 : len(object)-1]); inside != "" {
		c.fields = append(append(c.fields, ','), jsonscan.AppendClean(nil, inside)...)
	}
}

// A pattern is written as people see the line: names in braces, and what stands between them. A space stands for one blank or more, two
// for two or more. Two braces stand for one.
type pattern []token

type token struct {
	literal string // "" for a field
	field   string
	take    func(c *columns, value string) bool // of a field: reads the value, and reports whether it is one
	spaced  bool                                // of a field: it may have blanks inside
}

// patternFields are the names that a pattern may have, with what reads them. What is not here is kept as a field of the record. time and
// message are the matcher's own.
var patternFields = map[string]func(c *columns, value string) bool{
	"time":    nil,
	"message": nil,
	"level":   func(c *columns, v string) bool { c.level = levelInText(v); return c.level != Unknown },
	"LEVEL":   func(c *columns, v string) bool { c.level = levelInText(v); return c.level != Unknown && isUpper(v) },
	"ANY":     func(c *columns, v string) bool { c.level = levelOfWord(v); return isUpper(v) },
	"initial": func(_ *columns, v string) bool { return len(v) == 1 && isUpper(v) },
	"postgres": func(c *columns, v string) bool {
		if c.level = levelInText(v); v == "LOG" {
			c.level = Info
		}
		return c.level != Unknown && isUpper(v)
	},
	"letter": func(c *columns, v string) bool { c.level = levelOfLetter(v); return c.level != Unknown },
	"npm":    func(c *columns, v string) bool { c.level = levelOfNPM(v); return c.level != Unknown },
	"dotnet": func(c *columns, v string) bool { c.level = levelOfDotNet(v); return c.level != Unknown },
	"logger": setLogger,
	"path": func(c *columns, v string) bool {
		c.logger = v
		return isLoggerName(v) && strings.ContainsAny(v, ".:/") && !stack.IsPlace(v)
	},
	"host":     func(c *columns, v string) bool { c.host = v; return isLoggerName(v) },
	"source":   func(c *columns, v string) bool { c.source = v; return stack.IsPlace(v) },
	"function": func(c *columns, v string) bool { c.function = v; return true },
	"pid":      takePID,
	"number":   func(_ *columns, v string) bool { return jsonscan.SkipDigits(v, 0) == len(v) },
	"channel":  setChannel,
	"uuid":     func(c *columns, v string) bool { c.field("request_id", v); return isUUID(v) },
	"task_id":  func(c *columns, v string) bool { c.field("task_id", v); return isUUID(v) },
	"line":     func(c *columns, v string) bool { c.source += ":" + v; return jsonscan.SkipDigits(v, 0) == len(v) },
	"module":   func(c *columns, v string) bool { c.field("module", v); return isLoggerName(v) },
	"threadid": func(c *columns, v string) bool { c.field("thread", v); return isDigits(v) },
	"brackets": takeSpringBrackets,
	"place":    takeLoguru,
	"process":  takeProcess,
}

// takeLogger reads a logger's name, perhaps with a line: "com.acme.Cart:41".
func setLogger(c *columns, v string) bool {
	if name, line, ok := cutLast(v, ':'); ok && isDigits(line) && strings.IndexByte(name, '.') > 0 {
		c.field("line", line)
		v = name
	}
	c.logger = v
	return isLoggerName(v)
}

func takePID(c *columns, v string) bool {
	if v == "" || len(v) > 18 || jsonscan.SkipDigits(v, 0) != len(v) {
		return false
	}
	c.pid, _ = strconv.ParseInt(v, 10, 64)
	c.hasPID = true
	return true
}

// takeChannel reads Monolog's "app.ERROR".
func setChannel(c *columns, v string) bool {
	i := strings.LastIndexByte(v, '.')
	if i <= 0 || !isLoggerName(v[:i]) || !isUpper(v[i+1:]) {
		return false
	}
	c.logger, c.level = v[:i], levelInText(v[i+1:])
	return c.level != Unknown
}

// isLoggerName reports whether v has the form of a logger's name: one word of identifiers, dots and the like.
func isLoggerName(v string) bool {
	if v == "" || len(v) > maxLabel {
		return false
	}
	for i := 0; i < len(v); i++ {
		if c := v[i]; !isWord(c) && c < 0x80 && strings.IndexByte(".-:/$@#*<>[]+~", c) < 0 {
			return false
		}
	}
	return isLetter(v[0]) || v[0] == '_' || v[0] >= 0x80 || v[0] == '@'
}

func isUpper(v string) bool {
	for i := 0; i < len(v); i++ {
		if v[i] < 'A' || v[i] > 'Z' {
			return false
		}
	}
	return v != ""
}

// isUUID reports whether v is a UUID: five groups of hexadecimal digits.
func isUUID(v string) bool {
	if len(v) != 36 {
		return false
	}
	for i := 0; i < len(v); i++ {
		if dash := i == 8 || i == 13 || i == 18 || i == 23; dash != (v[i] == '-') || !dash && jsonscan.HexDigit(v[i]) < 0 {
			return false
		}
	}
	return true
}

// compile reads a pattern. It panics if the pattern is broken: a mistake in the table.
func compile(text string) pattern {
	var p pattern
	for text != "" {
		open := strings.IndexByte(text, '{')
		if open < 0 {
			open = len(text)
		}
		if open+1 < len(text) && text[open+1] == '{' {
			p = append(p, token{literal: text[:open+1]})
			text = text[open+1:]
			open = 0
		}
		if open > 0 {
			p = append(p, token{literal: text[:open]})
			text = text[open:]
			continue
		}
		end := strings.IndexByte(text, '}')
		name := text[1:end]
		text = text[end+1:]
		take, known := patternFields[name]
		if !known {
			take = func(c *columns, v string) bool { c.field(name, v); return len(v) <= maxLabel }
		}
		// In brackets a value may have blanks inside, and around it.
		before := ""
		if len(p) > 0 {
			before = p[len(p)-1].literal
		}
		spaced := strings.HasSuffix(before, "[") || strings.HasSuffix(before, "(") || name == "brackets"
		p = append(p, token{field: name, take: take, spaced: spaced})
	}
	return p
}

// match reads a line by the pattern. at is the time that the line, or what is behind its "[", begins with, if it does.
func (p pattern) match(s string, at *lineTime, c *columns) bool {
	for i := range p {
		t := &p[i]
		switch {
		case t.literal != "":
			var ok bool
			if s, ok = cutLiteral(s, t.literal); !ok {
				return false
			}
		case t.field == "message":
			c.message = s
			return true
		case t.field == "time":
			rest, ok := at.cut(s)
			if !ok {
				return false
			}
			c.setTime(at, s)
			s = rest
		default:
			next := ""
			if i+1 < len(p) {
				next = p[i+1].literal
			}
			end := 0
			if t.field == "brackets" {
				end = springBrackets(s)
			} else {
				end = endOfValue(s, next, t.spaced)
			}
			if end < 0 {
				return false
			}
			value := s[:end]
			if t.spaced {
				value = strings.Trim(value, " ")
			}
			if !t.take(c, value) {
				return false
			}
			s = s[end:]
		}
	}
	return true
}

// endOfValue returns where a value ends before the literal that follows it, or -1.
func endOfValue(s, next string, spaced bool) int {
	if next == "" {
		return -1
	}
	blank := blankIn(s)
	if next[0] == ' ' || next[0] == '\t' || next[0] == '\n' {
		return blank
	}
	newline, end := strings.IndexByte(s, '\n'), strings.Index(s, strings.TrimRight(next, " "))
	switch {
	case end < 0, newline >= 0 && end > newline, end > maxLabel:
		return -1
	case !spaced && blank >= 0 && blank < end:
		return -1
	case next == ": " && end > 0:
		if end = strings.Index(s, next); end < 0 || blank >= 0 && blank < end && !spaced {
			return -1
		}
	}
	return end
}

// blankIn returns the index of the first blank or end of a line, or -1.
func blankIn(s string) int {
	for i := 0; i < len(s); i++ {
		if s[i] == ' ' || s[i] == '\t' || s[i] == '\n' {
			return i
		}
	}
	return -1
}

// cutLiteral cuts what a pattern has between two values off the start. A blank may be several, or a tab.
func cutLiteral(s, literal string) (string, bool) {
	for i := 0; i < len(literal); i++ {
		if literal[i] != ' ' {
			if s == "" || s[0] != literal[i] {
				return s, false
			}
			s = s[1:]
			continue
		}
		if s == "" || s[0] != ' ' && s[0] != '\t' {
			if s == "" && i == len(literal)-1 { // an empty message
				return s, true
			}
			return s, false
		}
		s = s[1:]
		if i+1 < len(literal) && literal[i+1] == ' ' {
			continue
		}
		s = trimIndent(s)
	}
	return s, true
}

// lineTime is the time that a line has near its start, read once for all patterns.
type lineTime struct {
	line string // what it begins
	rest string // what follows it
	time time.Time
	ok   bool
	// unknown says that it is a date with a clock and names no instant that is known. Its text is kept then.
	unknown bool
}

// read reads the time that s begins with.
func (t *lineTime) read(s string) bool {
	*t = lineTime{line: s}
	if s == "" {
		return false
	}
	if t.time, t.rest, t.ok = instant.Cut(s); t.ok {
		t.unknown = t.time.IsZero()
		return true
	}
	if t.rest, t.ok = instant.CutClock(s); !t.ok && s[0]-'0' <= 9 { // or the seconds or milliseconds since 1970
		if end := strings.IndexAny(s[:min(len(s), 32)], " \t]"); end >= 10 {
			t.time, t.ok = instant.Number(s[:end])
			t.rest = s[end:]
		}
	}
	return t.ok
}

// cut cuts a time off the start of s, which may be another place of the line than the one that was read.
func (t *lineTime) cut(s string) (string, bool) {
	if len(s) != len(t.line) {
		t.read(s)
	}
	return t.rest, t.ok
}
