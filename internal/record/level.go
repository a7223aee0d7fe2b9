package record

import (
	"strings"

	"github.com/SupermanScott/Elva/internal/record/jsonscan"
)

// levelWords has the words for each level. Single letters and everyday words count only as the value of a member, not in text.
var levelWords = func() map[string]Level {
	m := make(map[string]Level)
	for level, words := range map[Level]string{
		Trace:    "trace trc trac trce finer finest silly t",
		Debug:    "debug dbg debu dbug fine config verbose http d",
		Info:     "info inf information informational notice note success log i",
		Warning:  "warning warn wrn w",
		Error:    "error err erro eror fail severe e",
		Critical: "critical crit fatal fata ftl panic pnc dpanic alert emerg emergency f c",
	} {
		for _, word := range strings.Fields(words) {
			m[word] = level
		}
	}
	return m
}()

// maxLevelWord is the length of the longest word ("informational").
const maxLevelWord = 13

// levelOfWord returns the level a word names, in any case.
func levelOfWord(word string) Level {
	if len(word) == 0 || len(word) > maxLevelWord {
		return Unknown
	}
	switch word { // what nearly every record says
	case "info", "INFO":
		return Info
	case "debug", "DEBUG":
		return Debug
	case "warning", "WARNING", "warn", "WARN":
		return Warning
	case "error", "ERROR":
		return Error
	}
	var lower [maxLevelWord]byte
	for i := 0; i < len(word); i++ {
		c := word[i]
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		lower[i] = c
	}
	return levelWords[string(lower[:len(word)])]
}

// levelOfText returns the level in the text of a member. It ignores spaces, brackets, a trailing colon and terminal colors.
func levelOfText(s string) Level {
	if level := levelOfWord(s); level != Unknown {
		return level
	}
	if len(s) > 64 { // no level is named at such length; colours need some
		return Unknown
	}
	s = strings.Trim(stripEscapes(s), " \t\r\n[]()<>{}")
	s = strings.TrimRight(strings.TrimSuffix(s, ":"), " ])>}")
	if level := levelOfWord(s); level != Unknown {
		return level
	}
	if strings.EqualFold(s, "fatal error") || strings.EqualFold(s, "parse error") { // PHP
		return Critical
	}
	for i := 1; i < len(s); i++ {
		if s[i] == '+' || s[i] == '-' {
			return levelOfSlog(s[:i], s[i:])
		}
	}
	if name, n, ok := cutNumber(s); ok && strings.EqualFold(name, "level") {
		return levelOfPython(n)
	}
	return Unknown
}

// levelOfSlog reads what log/slog prints for a level between its names: "INFO+2" (slog.Level.String).
func levelOfSlog(name, offset string) Level {
	base := 0
	switch strings.ToUpper(name) {
	case "DEBUG":
		base = -4
	case "INFO":
	case "WARN":
		base = 4
	case "ERROR":
		base = 8
	default:
		if strings.EqualFold(strings.TrimRight(name, "( "), "level") && offset[0] == '-' {
			// Level(-4), as zap prints a level below debug (zapcore.Level.String); the bracket is trimmed.
			if n, ok := smallInt(offset); ok && n < -1 {
				return Trace
			} else if ok && n == -1 {
				return Debug
			}
		}
		return Unknown
	}
	n, ok := smallInt(offset)
	if !ok {
		return Unknown
	}
	switch n += base; {
	case n >= 12:
		return Critical
	case n >= 8:
		return Error
	case n >= 4:
		return Warning
	case n >= 0:
		return Info
	case n >= -4:
		return Debug
	}
	return Trace
}

// cutNumber splits "Level 25" into its word and its number.
func cutNumber(s string) (string, int, bool) {
	name, digits, ok := strings.Cut(s, " ")
	if !ok {
		return "", 0, false
	}
	n, ok := smallInt(digits)
	return name, n, ok
}

// smallInt reads a number of at most six digits with an optional sign.
func smallInt(s string) (int, bool) {
	negative := false
	if s != "" && (s[0] == '-' || s[0] == '+') {
		negative = s[0] == '-'
		s = s[1:]
	}
	if s == "" || len(s) > 6 {
		return 0, false
	}
	n := 0
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	if negative {
		n = -n
	}
	return n, true
}

// levelOfPython reads a number of Python's logging, rounded down: 10 debug … 50 critical, 1 to 9 trace. 0 is NOTSET.
func levelOfPython(n int) Level {
	switch {
	case n <= 0:
		return Unknown
	case n >= 50:
		return Critical
	}
	return Trace + Level(n/10)
}

// levelOfSyslog reads a severity of RFC 5424, section 6.2.1.
func levelOfSyslog(n int) Level {
	return [8]Level{Critical, Critical, Critical, Error, Warning, Info, Info, Debug}[n&7]
}

// levelOfNumber reads a number whose name does not say whose it is, so that only exact ones count: pino and
// bunyan (10 to 60), Monolog (100 to 600), Log4j (5000 to 50000).
func levelOfNumber(n int) Level {
	switch n {
	case 10, 5000:
		return Trace
	case 20, 100, 10000:
		return Debug
	case 30, 200, 250, 20000:
		return Info
	case 40, 300, 30000:
		return Warning
	case 50, 400, 40000:
		return Error
	case 60, 500, 550, 600, 50000:
		return Critical
	}
	return Unknown
}

// levelAt returns the level of the node under s, if it is a word or, with numbers, a number.
func (d *decoder) levelAt(s slot, n *node, numbers bool) Level {
	raw := ""
	switch n.kind {
	case jsonscan.String:
		raw = d.text(n)
	case jsonscan.Number:
		raw = d.raw(n)
	default:
		return Unknown
	}
	v, isNumber := smallInt(raw)
	if isNumber != numbers {
		return Unknown
	}
	if !numbers {
		return levelOfText(raw)
	}
	switch s {
	case names.levelNo, names.levelNumber, names.loguruNo:
		return levelOfPython(v)
	case names.severityNumber: // OpenTelemetry, logs data model: six ranges of four
		if v < 1 || v > 24 {
			return Unknown
		}
		return Trace + Level((v-1)/4)
	case names.azureLevel: // Application Insights: verbose, information, warning, error, critical
		if v < 0 || v > 4 {
			return Unknown
		}
		return Debug + Level(v)
	}
	if v >= 0 && v <= 7 && d.have.has(names.shortMessage) {
		return levelOfSyslog(v)
	}
	return levelOfNumber(v)
}

// setLevel sets the level. Words take precedence over numbers.
func (d *decoder) setLevel(r *Record) {
	all := list{names.levelNames.from, names.levelNumbers.to}
	for _, numbers := range [2]bool{false, true} {
		for s := d.next(all.from, all); s != 0 && r.Level == Unknown; s = d.next(s+1, all) {
			if n := d.at(s); n != nil {
				if r.Level = d.levelAt(s, n, numbers); r.Level != Unknown {
					d.useSlot(s)
				}
			}
		}
	}
	if r.Level == Unknown && d.next(names.levelWeak.from, names.levelWeak) != 0 {
		d.setWeakLevel(r)
	}
	if r.Level == Unknown {
		if d.have.has(names.clefTime) && d.at(names.clefLevel) == nil {
			r.Level = Info // CLEF: "absent implies informational"
		}
		return
	}
	for s := d.next(all.from, all); s != 0; s = d.next(s+1, all) {
		if n := d.at(s); n != nil && (d.levelAt(s, n, false) == r.Level || d.levelAt(s, n, true) == r.Level) {
			d.useSlot(s)
		}
	}
}

// setWeakLevel sets the level from names that applications use for their own data. They count only in certain forms and with certain other
// members.
func (d *decoder) setWeakLevel(r *Record) {
	for s := d.next(names.levelWeak.from, names.levelWeak); s != 0 && r.Level == Unknown; s = d.next(s+1, names.levelWeak) {
		n := d.at(s)
		if n == nil {
			continue
		}
		switch s {
		case names.priority:
			r.Level = d.journalLevel(n)
		case names.mongoLevel:
			r.Level = d.mongoLevel(n)
		case names.status, names.at:
			if word, ok := d.words(n); ok && len(word) > 2 {
				r.Level = levelOfWord(word)
			}
		}
		if r.Level != Unknown {
			d.useSlot(s)
		}
	}
}

// journalLevel reads journald's PRIORITY, a number in either type, and syslog-ng's, a word. Only in capitals is it theirs.
func (d *decoder) journalLevel(n *node) Level {
	if d.key(n) != "PRIORITY" {
		return Unknown
	}
	if v, ok := d.integer(n); ok {
		if v < 0 || v > 7 {
			return Unknown
		}
		return levelOfSyslog(int(v))
	}
	word, _ := d.words(n)
	return levelOfWord(word)
}

// mongoLevel reads MongoDB's "s": I, W, E, F, D or D1 to D5, beside its component and its context.
func (d *decoder) mongoLevel(n *node) Level {
	word, _ := d.words(n)
	if word == "" || d.key(n) != "s" || !d.have.has(names.mongoComponent) || !d.have.has(names.mongoContext) {
		return Unknown
	}
	if word[0] == 'D' {
		return Debug
	}
	return levelOfLetter(word)
}
