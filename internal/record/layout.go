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

// compiled is a layout with its parsed pattern.
type compiled struct {
	pattern pattern
	finish  func(c *columns, line string) bool
	// hints are what the line must have after its time, or after the level that it begins with. They exclude most layouts quickly.
	hints       hints
	afterLevel  int  // if a level follows the time, the index of the token after it
	levelInCaps bool // whether that level is in capitals
	// begin are the first two characters of a line that begins with neither a time nor a level, '0' for any digit and 0 for any character.
	begin [2]byte
}

// head is the part after the time of a line, which is read once for all layouts.
type head struct {
	hints
	levelAfter Level  // the level after the time
	isCaps     bool   // whether that level is in capitals
	afterLevel string // the text after that level
}

// hints are characters after the time of a line: the first one, the next one that isn't a blank, and the one after the word that begins there.
// 0 means any character.
type hints struct {
	first, next, after byte
	level              bool // whether the word is a level
	kind               byte // kind of the next character: '0' for a digit, 'a' for a lower-case letter, 'A' for an upper-case letter
}

// start is the kind of a line's start. Only the layouts with the same start are tried.
type start uint8

const (
	startOther start = iota
	startTime
	startBracketTime
	startLevel
	startBracketLevel
)

// layouts are the compiled layouts by their start.
var layouts = func() (groups [startBracketLevel + 1][]compiled) {
	for _, l := range layoutTable {
		p := compile(l.pattern)
		s := p.start()
		ready := compiled{pattern: p, finish: l.finish, hints: p.hints(), begin: p.begin()}
		if ready.hints.level {
			i := 2 + slices.IndexFunc(p, func(t token) bool { return t.field == "time" })
			ready.afterLevel, ready.levelInCaps = i+1, p[i].field == "LEVEL"
		}
		groups[s] = append(groups[s], ready)
	}
	return groups
}()

// begin returns the first two characters of a line that matches the pattern.
func (p pattern) begin() (b [2]byte) {
	switch first := p[0]; first.field {
	case "":
		b[0] = first.literal[0]
	case "pid", "number":
		b[0] = '0'
	case "letter", "initial":
		b[1] = p[1].literal[0]
	}
	return b
}

// mayBegin reports whether a line can begin a match.
func (l *compiled) mayBegin(s string) bool {
	b := l.begin
	return (b[0] == 0 || b[0] == s[0] || b[0] == '0' && s[0]-'0' <= 9) && (b[1] == 0 || b[1] == s[1])
}

// hints returns the hints of a line that matches the pattern, after the time or the level at its start.
func (p pattern) hints() (h hints) {
	i := 0
	for i < len(p) && p[i].field != "time" && p.start() != startLevel {
		i++
	}
	if i > 1 || i+1 >= len(p) || p[i+1].literal == "" {
		return h
	}
	literal := p[i+1].literal
	h.first = literal[0]
	if h.next = firstNonBlank(literal[1:]); literal[0] != ' ' && literal[0] != '\t' || h.next != 0 || i+3 >= len(p) || p.start() == startLevel {
		return h
	}
	switch p[i+2].field {
	case "level", "LEVEL":
		h.level = true
		h.after = firstNonBlank(p[i+3].literal)
	case "pid":
		h.kind = '0'
	case "npm", "dotnet":
		h.kind = 'a'
	case "letter":
		h.kind, h.after = 'A', firstNonBlank(p[i+3].literal)
	}
	return h
}

// firstOf returns the first character that is no blank, or 0.
func firstNonBlank(s string) byte {
	if s = trimIndent(s); s == "" {
		return 0
	}
	return s[0]
}

// allows reports whether a line with these hints can match a layout with the hints h.
func (h hints) allows(line *hints) bool {
	return (h.first == 0 || h.first == line.first || h.first == ' ' && line.first == '\t') && (h.next == 0 || h.next == line.next) &&
		(!h.level || line.level) && (h.after == 0 || h.after == line.after) && (h.kind == 0 || h.kind == line.kind)
}

// headAfter returns the head of a line, of which rest is the part after the time.
func headAfter(rest string) (h head) {
	if rest == "" {
		return h
	}
	h.first, h.next = rest[0], firstNonBlank(rest[1:])
	if h.first == ' ' || h.first == '\t' {
		rest = trimIndent(rest)
		word := wordAt(rest, 0)
		h.levelAfter = levelInText(word)
		h.level, h.isCaps, h.afterLevel = h.levelAfter != Unknown, isUpper(word), rest[len(word):]
		switch c := firstNonBlank(rest); {
		case c-'0' <= 9:
			h.kind = '0'
		case c-'a' < 26:
			h.kind = 'a'
		case c-'A' < 26:
			h.kind = 'A'
		}
		h.after = firstNonBlank(rest[len(word):])
	}
	return h
}

// start returns the start of a line that matches the pattern.
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

// readLayout decodes a line by the first layout that matches, and reports whether there is one.
func readLayout(s string, c *columns) bool {
	s = trimIndent(s)
	if len(s) < 4 {
		return false
	}
	var at lineTime
	start := startOf(s, &at)
	group := layouts[start]
	after := at.rest
	if start == startLevel {
		after = s[len(wordAt(s, 0)):]
	}
	h := headAfter(after)
	for i := range group {
		l := &group[i]
		if (at.ok || start == startLevel) && !l.hints.allows(&h.hints) || start == startOther && !l.mayBegin(s) {
			continue
		}
		c.reset()
		p, rest := l.pattern, s
		if at.ok && l.hints.level {
			if p, rest = p[l.afterLevel:], h.afterLevel; l.levelInCaps && !h.isCaps {
				continue
			}
			c.level = h.levelAfter
			c.setTime(&at, at.line)
		}
		if p.match(rest, &at, c) && (l.finish == nil || l.finish(c, s)) {
			return true
		}
	}
	c.reset()
	return false
}

// startOf returns the start of a line, and reads its time into at.
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

// wordAt returns the letters from index i on.
func wordAt(s string, i int) string {
	end := i
	for end < len(s) && isLetter(s[end]) {
		end++
	}
	return s[i:end]
}

// columns is the parts of a line.
type columns struct {
	time                           time.Time
	level                          Level
	logger, host, source, function string
	message                        string // including the lines below the first
	pid                            int64
	hasPID                         bool
	fields                         []byte // members of a JSON object, each preceded by a comma
	ids                            []ID   // identifiers that are also in fields
}

// columnsPool avoids an allocation for each line, which takes 28 % more CPU time. Columns escape, since they are passed to functions
// in a table.
var columnsPool = sync.Pool{New: func() any { return new(columns) }}

// reset prepares the columns for another layout.
func (c *columns) reset() {
	fields := c.fields[:0]
	if cap(fields) > maxPooled {
		fields = nil
	}
	*c = columns{fields: fields}
}

// field adds a field. It returns true, so that it can follow a condition.
func (c *columns) field(name, value string) bool {
	if value = strings.TrimSpace(value); value != "" {
		c.fields = jsonscan.AppendString(append(jsonscan.AppendString(append(c.fields, ','), name), ':'), value)
		if !mayBeID(name) {
			return true
		}
		if kind, ok := idNames[fold(name)]; ok && len(value) <= maxID && len(c.ids) < maxIDs {
			c.ids = append(c.ids, ID{idKinds[kind].kind, name, value})
		}
	}
	return true
}

// setTime sets the time at the start of s. If its zone is unknown, the text becomes a field.
func (c *columns) setTime(at *lineTime, s string) {
	if c.time = at.time; at.unknown {
		c.field("time", s[:len(s)-len(at.rest)])
	}
}

// members adds the members of a JSON object as fields.
func (c *columns) members(object string) {
	if inside := strings.TrimSpace(object[1 : len(object)-1]); inside != "" {
		c.fields = append(append(c.fields, ','), jsonscan.AppendClean(nil, inside)...)
	}
}

// pattern is the pattern of a line: names of fields in braces, with literal text between them. A space matches one or more blanks, two spaces
// match two or more. {{level}} matches a level in braces.
type pattern []token

type token struct {
	literal string // "" for a field
	field   string
	set     func(c *columns, value string) bool // sets the field, and reports whether the value is suitable
	spaced  bool                                // whether the value may contain blanks
}

// patternFields are the fields with a special meaning, with the functions that set them. Others become fields of the record. match handles
// time and message.
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
	"mysql": func(c *columns, v string) bool {
		if c.level = levelInText(v); c.level == Unknown {
			c.level = bracketLevels[v]
		}
		return c.level != Unknown
	},
	"sign": func(c *columns, v string) bool {
		c.level = map[string]Level{"#": Warning, "*": Info, "-": Info, ".": Debug}[v]
		return c.level != Unknown
	},
	"xorg": func(c *columns, v string) bool {
		c.level = map[string]Level{"EE": Error, "WW": Warning, "II": Info, "--": Info, "**": Info, "==": Info, "!!": Info, "++": Info, "NI": Info}[v]
		return c.level != Unknown
	},
	"nextjs": func(c *columns, v string) bool {
		c.level = map[string]Level{"⨯": Error, "⚠": Warning, "✓": Info, "○": Info, "▲": Info}[v]
		return c.level != Unknown
	},
	"glib": func(c *columns, v string) bool {
		domain, level, ok := cutLast(v, '-')
		c.logger, c.level = domain, levelInText(level)
		return ok && isUpper(level) && c.level != Unknown
	},
	"uptime": func(c *columns, v string) bool {
		seconds, rest, ok := strings.Cut(v, ".")
		return ok && isDigits(seconds) && isDigits(rest) && c.field("uptime", v)
	},
	"thread": func(c *columns, v string) bool {
		if c.source == "" && stack.IsPlace(v) {
			c.source = v
			return true
		}
		return len(v) <= maxLabel && c.field("thread", v)
	},
	"role":   func(c *columns, v string) bool { return len(v) == 1 && strings.IndexByte("XCSM", v[0]) >= 0 },
	"clock":  func(_ *columns, _ string) bool { return true },
	"day":    func(_ *columns, _ string) bool { return true },
	"report": func(c *columns, v string) bool { c.level = levelOfReport(v); return c.level != Unknown },
	"letter": func(c *columns, v string) bool { c.level = levelOfLetter(v); return c.level != Unknown },
	"npm":    func(c *columns, v string) bool { c.level = levelOfNPM(v); return c.level != Unknown },
	"dotnet": func(c *columns, v string) bool { c.level = levelOfDotNet(v); return c.level != Unknown },
	"logger": setLogger,
	"path": func(c *columns, v string) bool {
		return setLogger(c, v) && strings.ContainsAny(v, ".:/") && v[len(v)-1] != ':' && !stack.IsPlace(v) && !isException(v) && !strings.Contains(v, "://") && !endings[v[strings.LastIndexByte(v, '.')+1:]]
	},
	"host":     func(c *columns, v string) bool { c.host = v; return isLoggerName(v) },
	"source":   func(c *columns, v string) bool { c.source = v; return stack.IsPlace(v) },
	"function": func(c *columns, v string) bool { c.function = v; return true },
	"pid":      setPID,
	"number":   func(_ *columns, v string) bool { return jsonscan.SkipDigits(v, 0) == len(v) },
	"channel":  setChannel,
	"uuid":     func(c *columns, v string) bool { return isUUID(v) && c.field("request_id", v) },
	"job_id":   func(c *columns, v string) bool { return isUUID(v) && c.field("job_id", v) },
	"task_id":  func(c *columns, v string) bool { return isUUID(v) && c.field("task_id", v) },
	"line":     func(c *columns, v string) bool { c.source += ":" + v; return jsonscan.SkipDigits(v, 0) == len(v) },
	"module":   func(c *columns, v string) bool { return isLoggerName(v) && c.field("module", v) },
	"threadid": func(c *columns, v string) bool { return isDigits(v) && c.field("thread", v) },
	"spot": func(c *columns, v string) bool {
		c.source = v
		name, ok := stack.CutLine(v)
		return ok && isLoggerName(name)
	},
	"namespace": setNamespace,
	"component": func(c *columns, v string) bool { return (isUpper(v) || v == "-") && c.field("component", v) },
	"brackets":  setSpringBrackets,
	"place":     setLoguru,
	"process":   setProcess,
}

// setLogger sets the logger, which may have a line: "com.acme.Cart:41". A place in its position is the source.
func setLogger(c *columns, v string) bool {
	if c.source == "" && stack.IsPlace(v) {
		c.source = v
		return true
	}
	if name, line, ok := cutLast(v, ':'); ok && isDigits(line) && isLoggerName(name) {
		c.field("line", line)
		v = name
	}
	c.logger = v
	return isLoggerName(v)
}

// setNamespace sets the logger and level of Twisted: "shop.cart#warn".
func setNamespace(c *columns, v string) bool {
	name, level, ok := cutLast(v, '#')
	c.logger, c.level = name, levelInText(level)
	return ok && isLoggerName(name) && c.level != Unknown
}

func setPID(c *columns, v string) bool {
	if v == "" || len(v) > 18 || jsonscan.SkipDigits(v, 0) != len(v) {
		return false
	}
	c.pid, _ = strconv.ParseInt(v, 10, 64)
	c.hasPID = true
	return true
}

// setChannel sets the logger and level of Monolog: "app.ERROR".
func setChannel(c *columns, v string) bool {
	i := strings.LastIndexByte(v, '.')
	if i <= 0 || !isLoggerName(v[:i]) || !isUpper(v[i+1:]) {
		return false
	}
	c.logger, c.level = v[:i], levelInText(v[i+1:])
	return c.level != Unknown
}

// isLoggerName reports whether v can be the name of a logger: a word of identifiers, dots and similar characters.
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

// compile parses a pattern. It panics if the pattern is malformed.
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
			take = func(c *columns, v string) bool { return len(v) <= maxLabel && c.field(name, v) }
		}
		// A value in brackets may contain blanks.
		before := ""
		if len(p) > 0 {
			before = p[len(p)-1].literal
		}
		spaced := strings.HasSuffix(before, "[") || strings.HasSuffix(before, "(") || name == "brackets" || name == "thread" && before == ":" && p[len(p)-2].field == "pid"
		p = append(p, token{field: name, set: take, spaced: spaced})
	}
	return p
}

// match decodes a line by the pattern, and reports whether it matches. at is the time at the start of the line, or after its "[".
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
			if !t.set(c, value) {
				return false
			}
			s = s[end:]
		}
	}
	return true
}

// endOfValue returns the end of a value, before the literal next, or -1.
func endOfValue(s, next string, spaced bool) int {
	if next == "" {
		return -1
	}
	blank := blankIn(s)
	if next[0] == ' ' || next[0] == '\t' || next[0] == '\n' {
		return blank
	}
	newline, end := strings.IndexByte(s, '\n'), strings.Index(s, strings.TrimRight(next, " "))
	if end < 0 { // several blanks for a space of the pattern
		end = strings.Index(s, cutAt(next, ' '))
	}
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

// cutLiteral removes a literal of a pattern from the start of s. A space may be several blanks or tabs.
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

// lineTime is the time near the start of a line, which is read once for all patterns.
type lineTime struct {
	line    string // the text from the time on
	rest    string // the text after the time
	time    time.Time
	ok      bool
	unknown bool // whether it has a date, but its zone is unknown
}

// read reads the time at the start of s.
func (t *lineTime) read(s string) bool {
	*t = lineTime{line: s}
	if s == "" {
		return false
	}
	if t.time, t.rest, t.ok = instant.Cut(s); t.ok {
		t.unknown = t.time.IsZero()
		return true
	}
	if t.rest, t.ok = instant.CutClock(s); !t.ok && s[0]-'0' <= 9 { // it may be a number of seconds or milliseconds since 1970
		if end := strings.IndexAny(s[:min(len(s), 32)], " \t]"); end >= 10 {
			t.time, t.ok = instant.Number(s[:end])
			t.rest = s[end:]
		}
	}
	return t.ok
}

// cut removes the time from the start of s, which it reads first unless it already has.
func (t *lineTime) cut(s string) (string, bool) {
	if len(s) != len(t.line) {
		t.read(s)
	}
	return t.rest, t.ok
}
