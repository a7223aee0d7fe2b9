package filter

import (
	"fmt"
	"math/bits"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/SupermanScott/Elva/internal/record"
)

const (
	// maxNames bounds the values of logger, channel, host, worker and id together: each is compared with every record.
	maxNames = 100
	// maxTotal bounds all values together, in code points: no URL is longer in practice.
	maxTotal = 8000
)

// nameParameters are the parts that parameters select by name. It is read only.
var nameParameters = [...]part{partLogger, partChannel, partHost, partWorker}

// parameters are the names of all parameters in the order of the canonical form. It is read only.
var parameters = [...]string{"level", "logger", "channel", "host", "worker", "id", "from", "to", "case", "q"}

// Parameters returns the names of a filter's parameters.
func Parameters() []string { return slices.Clone(parameters[:]) }

// Parse reads the parameters of a filter from a URL's query:
//
//	q=                        a query; repeated: all of them
//	level=warning             this level and worse; with a comma, or repeated: exactly these; none: records without a level
//	logger=, channel=, host=, worker=
//	                          a name; a logger includes those below it; repeated: any of them; with a leading -: none of them
//	id=                       a string among a record's ids, or a string or number in its fields
//	from=, to=                a time, or a duration before now; to is not included
//	case=1                    match case
//
// The parameters in own belong to the endpoint and are ignored. Empty values are ignored, too. Parse returns nil if no
// parameter is left. The error is an [*Error].
func Parse(rawQuery string, now time.Time, own ...string) (*Filter, error) {
	p := paramParser{filter: &Filter{levels: AllLevels}, now: momentOf(now)}
	if err := p.read(rawQuery, own); err != nil {
		return nil, err
	}
	f := p.filter
	if err := f.compile(); err != nil {
		return nil, err
	}
	if f.String() == "" {
		return nil, nil
	}
	return f, nil
}

// paramParser collects the parameters of a filter.
type paramParser struct {
	filter  *Filter
	now     moment
	levels  []string
	queries []string
	names   int
	total   int // code points
}

func paramError(format string, args ...any) *Error { return &Error{fmt.Sprintf(format, args...), -1} }

// read parses the whole query.
func (p *paramParser) read(rawQuery string, own []string) *Error {
	var pairs [][2]string
	for pair := range strings.SplitSeq(rawQuery, "&") {
		rawName, rawValue, _ := strings.Cut(pair, "=")
		name, err := decode(rawName)
		if err != nil {
			return err
		}
		value, err := decode(rawValue)
		if err != nil {
			return err
		}
		if pair != "" && !slices.Contains(own, name) {
			pairs = append(pairs, [2]string{name, value})
		}
	}
	for _, pair := range pairs {
		if err := p.add(pair[0], norm.NFC.String(pair[1])); err != nil {
			return err
		}
		if p.total += utf8.RuneCountInString(pair[1]); p.total > maxTotal {
			return paramError("the filter is longer than %d characters", maxTotal)
		}
	}
	return p.finish()
}

// decode decodes one name or value.
func decode(s string) (string, *Error) {
	if strings.Contains(s, ";") {
		return "", paramError("the query can't be read: a semicolon must be written %%3B")
	}
	text, err := url.QueryUnescape(s)
	if err != nil {
		return "", paramError("the query can't be read: two hexadecimal digits must follow a %%")
	}
	if !utf8.ValidString(text) {
		return "", paramError("the query can't be read: it is not valid UTF-8")
	}
	return text, nil
}

// add adds a parameter to the filter.
func (p *paramParser) add(name, value string) *Error {
	if !slices.Contains(parameters[:], name) {
		return paramError("there is no parameter %s; known are %s", quote(name), strings.Join(parameters[:], ", "))
	}
	if value == "" {
		return nil
	}
	f := p.filter
	switch name {
	case "q":
		p.queries = append(p.queries, value)
	case "level":
		p.levels = append(p.levels, value)
	case "from":
		return p.bound(name, &f.from, value)
	case "to":
		return p.bound(name, &f.to, value)
	case "case":
		if value != "0" && value != "1" {
			return paramError("case: %s is neither 0 nor 1", quote(value))
		}
		f.matchCase = value == "1"
	case "id":
		f.ids = append(f.ids, value)
		return p.countName()
	default:
		return p.name(partOf(name), value)
	}
	return nil
}

// name adds a name to select or exclude.
func (p *paramParser) name(of part, value string) *Error {
	if of == partLogger {
		value = strings.TrimRight(value, separators)
	}
	switch value {
	case "-":
		return paramError("%s: nothing follows the -", partNames[of])
	case "": // separators only
		return nil
	}
	i := slices.Index(nameParameters[:], of)
	p.filter.names[i] = append(p.filter.names[i], value)
	return p.countName()
}

func (p *paramParser) countName() *Error {
	if p.names++; p.names > maxNames {
		return paramError("more than %d values", maxNames)
	}
	return nil
}

// bound sets an end of the time range.
func (p *paramParser) bound(name string, b *bound, value string) *Error {
	if b.text != "" {
		return paramError("%s is given twice", name)
	}
	b.text = value
	var ok bool
	if b.at, ok = parseMoment([]byte(value)); ok {
		return nil
	}
	plus := strings.Replace(value, " ", "+", 1) // a + that is not encoded is read as a space
	if b.at, ok = parseMoment([]byte(plus)); ok {
		b.text = plus
		return nil
	}
	duration, ok := parseDuration([]byte(value))
	if !ok {
		return paramError("%s: %s is neither a time such as 2026-11-29T16:00:00Z nor a duration such as 15m", name, quote(value))
	}
	b.at = p.now.before(duration)
	return nil
}

// finish parses and checks what depends on several parameters.
func (p *paramParser) finish() *Error {
	f := p.filter
	if f.from.text != "" && f.to.text != "" && f.from.at.compare(f.to.at) > 0 {
		return paramError("from is later than to")
	}
	if err := p.finishLevels(); err != nil {
		return err
	}
	var used budget
	for _, q := range p.queries {
		clauses, err := parseQuery(q, &used)
		if err != nil {
			return err
		}
		f.clauses = append(f.clauses, clauses...)
	}
	return nil
}

func (p *paramParser) finishLevels() *Error {
	list := strings.Join(p.levels, ",")
	if strings.Trim(list, ",") == "" {
		return nil
	}
	set, err := levelList(list, -1, false)
	if err != nil {
		err.Message, err.At = "level: "+err.Message, -1
		return err
	}
	if !strings.Contains(list, ",") && !set.Has(record.Unknown) {
		set = andWorse(record.Level(bits.TrailingZeros8(uint8(set))))
	}
	p.filter.levels = set
	return nil
}

func momentOf(t time.Time) moment { return moment{t.Unix(), int64(t.Nanosecond())} }

// before returns the time that is a earlier, or the earliest possible time.
func (i moment) before(a amount) moment {
	const farthest = 1e18 // seconds, so that no sum of two overflows
	seconds, nanos := int64(farthest), int64(0)
	if a.high < billion {
		if s, n := bits.Div64(a.high, a.low, billion); s < farthest {
			seconds, nanos = int64(s), int64(n)
		}
	}
	if a.negative {
		seconds, nanos = -seconds, -nanos
	}
	i.seconds -= seconds
	switch i.nanos -= nanos; {
	case i.nanos < 0:
		i.seconds--
		i.nanos += billion
	case i.nanos >= billion:
		i.seconds++
		i.nanos -= billion
	}
	return i
}
