package explore

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/SupermanScott/Elva/internal/filter"
)

// ChangeList is the answer to ?changes.
type ChangeList struct {
	Range RangeCount `json:"range"`
	Base  RangeCount `json:"base"`
	Cut
	Changes []Change `json:"changes"`
}

// RangeCount is a range of time with its number of records.
type RangeCount struct {
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	Records int       `json:"records"`
}

// Change is one thing that has changed. Kind is new-error, new-pattern, gone, rate, value, share, quiet, restarted or over-represented.
//
// Value is the number of records in the range, and Base is the number that was expected. For quiet, Value is the duration and Base the
// expected interval, in seconds. For value, both are medians of a field, and for share, percentages of a pattern's records with a value.
// For over-represented, Value is the percentage among warnings or errors, and Base that among all records.
//
// Term is the part of a query that selects the records of the range.
type Change struct {
	Kind    string  `json:"kind"`
	Text    string  `json:"text"`
	Subject string  `json:"subject"`
	Value   float64 `json:"value"`
	Base    float64 `json:"base"`
	Filter  string  `json:"filter"`
	Term    string  `json:"-"`

	surprise float64
	isError  bool
	describe func(*Change) // sets Text and completes Term; only for a change that is listed, since most are not
}

// List returns the changes, at most [maxChanges], the most surprising first.
func (c *Changes) List() *ChangeList {
	list := &ChangeList{
		Range: RangeCount{c.in.from.UTC(), c.in.to.UTC(), c.in.records}, Base: RangeCount{c.base.from.UTC(), c.base.to.UTC(), c.base.records},
		Cut: Cut{Complete: true}, Changes: []Change{},
	}
	if c.in.length() == 0 || c.base.length() == 0 || c.base.records == 0 {
		return list
	}
	errors, others := 0, len(c.services)+len(c.byWorker) // subjects
	for key := range c.subjects {
		if key.isError {
			errors++
		} else {
			others++
		}
	}
	var values []Change
	for i := range c.trouble {
		excesses, tested := c.excesses(&c.trouble[i])
		others += tested
		for _, x := range excesses {
			values = append(values, c.excessChange(x, i == 1))
		}
	}
	for key, s := range c.subjects {
		for _, col := range s.columns {
			m, tested := col.moves(c.in.length() / c.base.length())
			others += tested
			if m != nil {
				values = append(values, c.moveChange(key, s, col, m))
			}
		}
	}
	enough := func(x Change) bool {
		n := others
		if x.isError {
			n = errors
		}
		return x.surprise >= math.Log(2*float64(n)/falseAlarm)
	}
	found := slices.DeleteFunc(c.subjectChanges(), func(x Change) bool { return !enough(x) })
	sortChanges(found)
	for _, x := range values {
		if enough(x) {
			if len(found) > 0 { // it only adds detail to another change, so it never comes first
				x.surprise = min(x.surprise, 0.999*found[0].surprise)
			}
			found = append(found, x)
		}
	}
	sortChanges(found)
	for _, x := range distinct(found) {
		x.describe(&x)
		list.Changes = append(list.Changes, x)
	}
	return list
}

// sortChanges sorts changes by surprise, the most surprising first.
func sortChanges(list []Change) {
	slices.SortFunc(list, func(a, b Change) int {
		return cmp.Or(cmp.Compare(b.surprise, a.surprise), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Subject, b.Subject), cmp.Compare(a.Term, b.Term))
	})
}

// subjectChanges returns the possible changes of services, workers and patterns. List selects from them.
func (c *Changes) subjectChanges() (found []Change) {
	factors := c.factors()
	quiet := make(map[string]bool) // by service
	for name, s := range c.services {
		if change, ok := c.serviceChange(name, s, factors[name]); ok {
			quiet[name] = change.Kind == "quiet"
			found = append(found, change)
		}
	}
	births, replacements := c.birthsByWorker(), c.replacements()
	for id, s := range c.byWorker {
		if !quiet[s.service] {
			found = append(found, c.workerChanges(id, s, births[id], factors[s.service], replacements[s.service])...)
		}
	}
	for key, s := range c.subjects {
		if change, ok := c.patternChange(key, s, factors[s.service], quiet[s.service]); ok {
			found = append(found, change)
		}
	}
	return found
}

// distinct returns the first maxChanges changes, without those that repeat an earlier one.
func distinct(found []Change) (list []Change) {
	seen := make(map[string]bool)
	for _, x := range found {
		about := x.Kind + x.Subject
		if x.Kind == "over-represented" { // correlated fields, such as host and worker, have the same shares
			about = fmt.Sprintf("%s %t %.3f", x.Kind, x.isError, x.Value)
		}
		if !seen[about] && len(list) < maxChanges {
			seen[about] = true
			list = append(list, x)
		}
	}
	return list
}

// factors returns the factor by which the rate of each service has changed since the base: the median of the factors of its patterns,
// weighted by their records in the base. With the median, a flood of one pattern is not a change of the service.
func (c *Changes) factors() map[string]float64 {
	type ratio struct {
		of     float64
		weight int
	}
	ratios := make(map[string][]ratio)
	for _, s := range c.subjects {
		if s.base >= 2*rare {
			ratios[s.service] = append(ratios[s.service], ratio{float64(s.in) / c.expected(s, 1), s.base})
		}
	}
	factors := make(map[string]float64)
	for name := range c.services {
		list := ratios[name]
		slices.SortFunc(list, func(a, b ratio) int { return cmp.Compare(a.of, b.of) })
		sum, half := 0, 0
		for _, r := range list {
			sum += r.weight
		}
		factors[name] = 1
		for _, r := range list {
			if half += r.weight; 2*half >= sum {
				if r.of >= minFactor || r.of*minFactor <= 1 {
					factors[name] = r.of
				}
				break
			}
		}
	}
	return factors
}

// serviceChange returns the change of a whole service, if there is one.
func (c *Changes) serviceChange(name string, s *subject, factor float64) (Change, bool) {
	if name == "" || s.base == 0 {
		return Change{}, false
	}
	if surprise := c.silence(s, 1); surprise > 0 && c.isSilent(s) {
		return c.quietChange(name, s, surprise, func() string { return "" }), true
	}
	if factor < minFactor && factor*minFactor > 1 {
		return Change{}, false
	}
	if !c.isMuch(s, 1) {
		return Change{}, false
	}
	return Change{
		Kind: "rate", Subject: name, Value: float64(s.in), Base: round(c.expected(s, 1)), surprise: c.surprise(s, 1),
		describe: func(x *Change) { x.Text, x.Term = fmt.Sprintf("%s: %s", name, c.rateText(s)), serviceTerm(name) },
	}, true
}

// isMuch reports whether a subject has at least twice or at most half as many records as expected. It must have so also against the plain
// rate of the base, and not only after the corrections for the service and the trend: the sentence names the plain rate.
func (c *Changes) isMuch(s *subject, factor float64) bool {
	plain, in := c.expected(s, 1), float64(s.in)
	expected := c.expected(s, factor)
	expected *= c.recent(s, in > expected)
	return in >= minFactor*max(expected, plain) || in*minFactor <= min(expected, plain)
}

// isSilent reports whether a subject has logged nothing in the last 40 percent of the range.
func (c *Changes) isSilent(s *subject) bool {
	return s.in == 0 || c.in.to.Sub(s.last).Seconds() > 0.4*c.in.length()
}

// workerChanges returns the changes of a worker. births are its processes, and replacement is when the newest worker of its service began,
// see replacements.
func (c *Changes) workerChanges(id uint16, s, births *subject, factor float64, replacement time.Time) (list []Change) {
	name := c.workers.list[id]
	isReplaced := replacement.After(s.last.Add(-handover))
	if surprise := c.silence(s, min(factor, 1)); s.base > 0 && surprise > 0 && c.isSilent(s) && !isReplaced {
		list = append(list, c.quietChange(name, s, surprise, func() string { return filter.Is(filter.Worker, "", name) }))
	}
	if births != nil && births.in >= minBirths {
		list = append(list, Change{
			Kind: "restarted", Subject: name, Value: float64(births.in), Base: round(c.expected(births, 1)), surprise: c.surprise(births, 1),
			describe: func(x *Change) {
				x.Text = fmt.Sprintf("%s: restarted %d times in %s", name, births.in, period(c.in.to.Sub(c.in.from)))
				x.Term = filter.Is(filter.Worker, "", name)
			},
		})
	}
	return list
}

// birthsByWorker counts the processes of each worker.
func (c *Changes) birthsByWorker() map[uint16]*subject {
	list := make(map[uint16]*subject)
	for b, first := range c.births {
		s := list[b.worker]
		if s == nil {
			s = &subject{occasions: make(map[uint64]struct{})}
			list[b.worker] = s
		}
		if c.in.has(first) {
			s.in++
			s.occasions[uint64(s.in)] = struct{}{}
		} else if slot := bucket(first, c.base.from, c.base.to, slots); slot > 0 { // processes of the first slot may have started earlier
			s.base++
			s.slots[slot]++
		}
	}
	return list
}

// replacements returns, by service, when the newest of the workers that still log began. If a worker stopped at about that time or earlier,
// another one may have replaced it.
func (c *Changes) replacements() map[string]time.Time {
	first := earlier(c.in.from, c.base.from)
	newest := make(map[string]time.Time)
	for _, s := range c.byWorker {
		if s.began.Sub(first) > handover/4 && !c.isSilent(s) && s.began.After(newest[s.service]) {
			newest[s.service] = s.began
		}
	}
	return newest
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// quietChange returns the change of a subject that has stopped logging. term returns the query term that selects its records.
func (c *Changes) quietChange(name string, s *subject, surprise float64, term func() string) Change {
	return Change{
		Kind: "quiet", Subject: name, Value: round(c.in.to.Sub(s.last).Seconds()), Base: round(c.base.length() / float64(s.base)), surprise: surprise,
		describe: func(x *Change) {
			since := "in all of the range"
			if s.in > 0 || !s.last.IsZero() {
				since = "since " + clock(s.last)
			}
			x.Text = fmt.Sprintf("%s: no records %s (%s; before, %s)", name, since, period(c.in.to.Sub(s.last)), often(float64(s.base)/c.base.length()))
			x.Term = term()
		},
	}
}

// patternChange returns the change of a pattern, if there is one. quiet says that its whole service is quiet.
func (c *Changes) patternChange(key subjectKey, s *subject, factor float64, quiet bool) (x Change, ok bool) {
	x = Change{
		Subject: s.look.text, Value: float64(s.in), Base: round(c.expected(s, factor)), Term: "pattern:" + patternText(key.pattern), isError: key.isError,
		surprise: c.surprise(s, factor),
	}
	var text func() string // what follows the name
	switch {
	case s.base == 0:
		x.Kind = "new-pattern"
		if key.isError {
			x.Kind = "new-error"
		}
		text = func() string {
			return fmt.Sprintf("%d in %s, first %s%s", s.in, period(c.in.to.Sub(s.first)), clock(s.first), c.where(s))
		}
	case quiet || factor == 0:
		return x, false
	case c.isSilent(s):
		x.Kind, x.surprise = "gone", c.silence(s, factor)
		if x.surprise <= 0 {
			return x, false
		}
		text = func() string {
			return fmt.Sprintf("none since %s (before, %s)", clock(s.last), often(float64(s.base)/c.base.length()))
		}
	case !c.isMuch(s, factor):
		return x, false
	default:
		x.Kind = "rate"
		text = func() string { return c.rateText(s) + c.where(s) }
	}
	x.describe = func(x *Change) { x.Text, x.Term = c.nameOf(key, s)+": "+text(), x.Term+c.apart(key) }
	return x, true
}

// nameOf returns the name of a pattern in sentences: its exception, and its text with the values that all its records share.
func (c *Changes) nameOf(key subjectKey, s *subject) string {
	text := s.values.text(&s.look)
	if key.exception == 0 || strings.Contains(text, c.errors.list[key.exception-1]) {
		return text
	}
	return c.errors.list[key.exception-1] + ": " + text
}

// apart returns the query terms that separate a subject from others of the same pattern.
func (c *Changes) apart(key subjectKey) (term string) {
	levels, exceptions := false, false
	for other := range c.subjects {
		if other.pattern == key.pattern {
			levels = levels || other.isError != key.isError
			exceptions = exceptions || other.isError && key.isError && other.exception != key.exception
		}
	}
	switch {
	case levels && key.isError:
		term = " level>=error"
	case levels:
		term = " -level>=error"
	}
	if exceptions && key.exception > 0 {
		term += " " + filter.Has(filter.Trace, c.errors.list[key.exception-1])
	}
	return term
}

// where returns the workers that logged a pattern: by name if only some workers of their services did, else by number.
func (c *Changes) where(s *subject) string {
	services := make(map[string]bool)
	for id := range s.workers {
		services[c.byWorker[id].service] = true
	}
	of := 0
	for _, w := range c.byWorker {
		if services[w.service] && w.in > 0 {
			of++
		}
	}
	names := c.workers.top(s.workers, maxListed)
	switch {
	case len(names) == 0:
		return ""
	case len(names) < of && len(s.workers) == len(names):
		workers := "workers"
		if of == 1 {
			workers = "worker"
		}
		return fmt.Sprintf(", only on %s (%d of %d %s)", strings.Join(names, ", "), len(names), of, workers)
	case len(services) == 1:
		return ", on " + plural(len(s.workers), "worker") + " of " + serviceOf(names[0])
	}
	return ", on " + plural(len(s.workers), "worker")
}

// rateText returns the rate of a subject in the range and in the base.
func (c *Changes) rateText(s *subject) string {
	before := float64(s.base) / c.base.length()
	if s.in > 0 && float64(s.in) > c.expected(s, 1) {
		return fmt.Sprintf("%d in %s, %s; before, %s", s.in, period(c.in.to.Sub(c.in.from)), often(float64(s.in)/c.in.length()), often(before))
	}
	return fmt.Sprintf("only %d in %s; before, %s", s.in, period(c.in.to.Sub(c.in.from)), often(before))
}

// excessChange returns the change for an over-represented value.
func (c *Changes) excessChange(x excess, errors bool) Change {
	path, value, _ := strings.Cut(x.key, shareSeparator)
	name, level, what := value, "level:warning", "warnings"
	if path != "" {
		name = path + "=" + value
	}
	if errors {
		level, what = "level>=error", "errors"
	}
	return Change{
		Kind: "over-represented", Subject: name, Value: round(100 * x.share), Base: round(100 * x.all), surprise: x.surprise,
		describe: func(change *Change) {
			change.Text = fmt.Sprintf("%s: %s of %s, %s of all records", name, percent(x.share), what, percent(x.all))
			part := filter.Worker
			if path != "" {
				part = filter.Fields
			}
			if term := filter.Is(part, path, value); term != "" {
				change.Term = term + " " + level
			}
		},
	}
}

// moveChange returns the change of a field's values in a pattern.
func (c *Changes) moveChange(key subjectKey, s *subject, col *column, m *move) Change {
	x := Change{Kind: "value", Subject: col.path, Value: round(m.in), Base: round(m.base), Term: "pattern:" + patternText(key.pattern), surprise: m.surprise}
	if !m.isOfNumbers {
		x.Kind, x.Value, x.Base = "share", round(100*m.in), round(100*m.base)
	}
	x.describe = func(x *Change) {
		x.Term += c.apart(key)
		if x.Text = c.nameOf(key, s) + ": " + m.text(col); !m.isOfNumbers {
			if term := filter.Is(filter.Fields, col.path, m.value); term != "" {
				x.Term += " " + term
			}
		}
		x.Text += c.onlyOn(m.workers)
	}
	return x
}

// text returns how the values of a column have moved.
func (m *move) text(col *column) string {
	if m.isOfNumbers {
		return fmt.Sprintf("median %s %s; before, %s", col.path, figure(m.in), figure(m.base))
	}
	before := "none"
	if m.base > 0 {
		before = percent(m.base)
	}
	return fmt.Sprintf("%s=%s in %s; before, %s", col.path, m.value, percent(m.in), before)
}

// onlyOn returns the end of a sentence that names workers, or "" without any.
func (c *Changes) onlyOn(ids []uint16) string {
	workers := make(tally)
	for _, id := range ids {
		if id != noValue {
			workers[id] = c.byWorker[id].in
		}
	}
	switch names := c.workers.top(workers, maxListed); {
	case len(workers) > maxListed:
		return ", only on " + plural(len(workers), "worker")
	case len(names) > 0:
		return ", only on " + strings.Join(names, ", ")
	}
	return ""
}

// figure returns a number with three digits or more.
func figure(n float64) string {
	if math.Abs(n) >= 100 {
		return strconv.FormatFloat(n, 'f', 0, 64)
	}
	return strconv.FormatFloat(n, 'g', 3, 64)
}

// clock returns a time of day in the time zone of this host.
func clock(at time.Time) string { return at.Local().Format("15:04:05") }

// period returns a rounded duration.
func period(d time.Duration) string {
	switch {
	case d < 2*time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()+0.5))
	}
	return fmt.Sprintf("%d h", int(d.Hours()+0.5))
}

// often returns a rate per minute, or per hour if it is low.
func often(perSecond float64) string {
	switch perMinute := 60 * perSecond; {
	case perMinute >= 10:
		return strconv.Itoa(int(perMinute+0.5)) + "/min"
	case perMinute >= 0.1:
		return strconv.FormatFloat(perMinute, 'f', 1, 64) + "/min"
	case perMinute > 0:
		return strconv.FormatFloat(60*perMinute, 'f', 1, 64) + "/h"
	}
	return "none"
}

func percent(share float64) string {
	if share > 0 && share < 0.01 {
		return "less than 1 %"
	}
	return fmt.Sprintf("%d %%", int(100*share+0.5))
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

func round(x float64) float64 { return math.Round(10*x) / 10 }

// serviceTerm returns the term that selects the workers of a service.
func serviceTerm(name string) string {
	var b strings.Builder
	b.WriteString(`worker:/(^|\/)`)
	for _, r := range name {
		if strings.ContainsRune(`\.+*?()|[]{}^$/`, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	b.WriteString("$/")
	if _, err := filter.ParseQuery(b.String(), true); err != nil {
		return ""
	}
	return b.String()
}
