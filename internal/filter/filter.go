// Package filter selects records by level, logger, channel, host and text, as the query of a request
// asks for.
package filter

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/SupermanScott/Elva/internal/record"
)

const (
	// maxValues and maxLength bound a filter as a whole, for each record may be compared with each value.
	maxValues = 100
	maxLength = 8000
)

// Filter selects records. The zero Filter and a nil one select all. It is safe for concurrent use.
type Filter struct {
	level    record.Level
	loggers  []string
	channels []string
	hosts    []string
	text     []*regexp.Regexp // all must match
	key      string
}

// parameters are the names that a query gives a filter by. It is read only, as a constant would be.
var parameters = [...]string{"level", "logger", "channel", "host", "q", "re"}

// Parameters returns the names that a query gives a filter by.
func Parameters() []string { return slices.Clone(parameters[:]) }

// Asked reports whether a query may ask for a filter.
func Asked(query url.Values) bool { return slices.ContainsFunc(parameters[:], query.Has) }

// Parse reads a request's query:
//
//	level=warning   that level and worse
//	logger=a.b      that logger and those below it (a.b.c); repeated: any of them
//	channel=, host= exactly that; repeated: any of them
//	q=              text, in any case if it has no capital letter; repeated: all of them
//	re=             an RE2 expression (github.com/google/re2/wiki/Syntax); repeated: all of them
//
// Text is looked for in message, trace, logger and fields. Other names in the query don't count. It
// returns nil when nothing is asked for; an error says which part is wrong and why, and repeats of
// the query only what is printable. What a filter takes of memory, and of time for each record, is bounded.
func Parse(query url.Values) (*Filter, error) {
	if err := bounded(query); err != nil {
		return nil, err
	}
	f := &Filter{loggers: given(query["logger"]), channels: given(query["channel"]), hosts: given(query["host"])}
	for _, name := range given(query["level"]) {
		level, ok := levelOf(name)
		if !ok {
			return nil, fmt.Errorf("level=%q is not one of trace, debug, info, warning, error, critical", name)
		}
		f.level = level
	}
	var c compiler
	for _, name := range []string{"q", "re"} {
		for _, text := range given(query[name]) {
			expr := text
			if name == "q" {
				expr = literal(text)
			}
			re, err := c.compile(name, text, expr)
			if err != nil {
				return nil, err
			}
			f.text = append(f.text, re)
		}
	}
	if f.level == record.Unknown && f.loggers == nil && f.channels == nil && f.hosts == nil && f.text == nil {
		return nil, nil
	}
	asked := url.Values{}
	for _, name := range parameters {
		if values := given(query[name]); values != nil {
			asked[name] = values
		}
	}
	f.key = asked.Encode()
	return f, nil
}

// Key returns the filter as a query that asks for nothing else: two filters with the same key select the
// same.
func (f *Filter) Key() string { return f.key }

// Match reports whether the filter selects the record with that level and that encoding.
func (f *Filter) Match(level record.Level, encoded []byte) bool {
	if f == nil {
		return true
	}
	if level < f.level {
		return false
	}
	if f.loggers == nil && f.channels == nil && f.hosts == nil && f.text == nil {
		return true
	}
	var r members
	if !r.find(encoded) {
		return true // the encoding is Elva's own; rather show a record too many than lose one
	}
	if f.channels != nil && !slices.Contains(f.channels, string(plain(r.channel))) || f.hosts != nil && !slices.Contains(f.hosts, string(plain(r.host))) {
		return false
	}
	if f.loggers != nil {
		logger := string(plain(r.logger))
		if !slices.ContainsFunc(f.loggers, func(l string) bool { return within(logger, l) }) {
			return false
		}
	}
	for _, re := range f.text {
		if !re.Match(plain(r.message)) && !re.Match(plain(r.trace)) && !re.Match(plain(r.logger)) && !re.Match(r.fields) {
			return false
		}
	}
	return true
}

func levelOf(name string) (record.Level, bool) {
	for l := record.Trace; l <= record.Critical; l++ {
		if strings.EqualFold(name, l.String()) {
			return l, true
		}
	}
	return record.Unknown, false
}

// bounded returns an error if a query has more of a filter than is taken.
func bounded(query url.Values) error {
	values, length := 0, 0
	for _, name := range parameters {
		values += len(query[name])
		for _, value := range query[name] {
			length += len(value)
		}
	}
	if values > maxValues {
		return fmt.Errorf("the filter has more than %d values", maxValues)
	}
	if length > maxLength {
		return fmt.Errorf("the filter is longer than %d bytes", maxLength)
	}
	return nil
}

// literal returns an expression that matches text, in any case if it has no capital letter.
func literal(text string) string {
	expr := regexp.QuoteMeta(text)
	if !strings.ContainsFunc(text, unicode.IsUpper) {
		expr = "(?i)" + expr
	}
	return expr
}

// given returns the values that are not empty, nil if there are none: an empty field of a form asks
// for nothing.
func given(values []string) (list []string) {
	for _, v := range values {
		if v != "" {
			list = append(list, v)
		}
	}
	return list
}

// within reports whether a logger is l or below it.
func within(logger, l string) bool {
	rest, ok := strings.CutPrefix(logger, l)
	return ok && (rest == "" || rest[0] == '.')
}
