package health

import (
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/SupermanScott/Elva/internal/status"
)

const (
	// mostCauses is how many causes the summary names, and mostNames how many workers one cause names.
	mostCauses = 2
	mostNames  = 3
	// changesKept is how many changes of the state are remembered: a timeline has no room for more.
	changesKept = 50
	// dated is after how many seconds a time is written with its date.
	dated = 20 * hour
	// zoneStep and zoneNear make a clock's difference one of time zones: half an hour, within a minute.
	zoneStep = 1800
	zoneNear = 60
)

// change is when the state became what it is, and why.
type change struct {
	at          float64
	state, text string
}

// summary says in a few sentences how things are: the worst causes, then what is well.
func (h *Health) summary(d *status.Document, now float64) status.Summary {
	sum := status.Summary{State: status.Unknown}
	switch {
	case d.Redis.State == status.Connecting:
		sum.Text = "Connecting to Redis."
	case d.Redis.State == status.Live && d.Redis.LastRecord.IsZero():
		sum.Text = "Connected. No messages on " + names(d.Redis.Sources) + " yet. Check the channel name."
	default:
		h.sentences(&sum, d, now)
	}
	if sum.State != h.state {
		h.state, h.since = sum.State, now
		h.changes = append(h.changes, change{now, sum.State, sum.Text})
		if len(h.changes) > changesKept {
			h.changes = slices.Delete(h.changes, 0, 1)
		}
	}
	sum.Since = h.wall(h.since)
	return sum
}

// sentences fills the state, the text and the causes of a summary.
func (h *Health) sentences(sum *status.Summary, d *status.Document, now float64) {
	list := h.causes(d, now)
	var parts []string
	for i := range list[:min(len(list), mostListed)] {
		c := h.document(&list[i], now)
		sum.Causes = append(sum.Causes, c)
		if i < mostCauses {
			parts = append(parts, c.Text)
		}
		if i == 0 { // the worst one
			sum.State = c.State
		}
	}
	if n := len(list) - mostCauses; n > 0 {
		parts = append(parts, fmt.Sprintf("And %d more.", n))
	}
	if d.Redis.State == status.Live {
		parts = append(parts, h.calm(d, list)...)
		learning := h.learning(now)
		if learning {
			parts = append(parts, fmt.Sprintf("Still learning what is normal (%d of %d min).", int(now-h.started-h.watch.lost)/60, learnFor/60))
		}
		if len(list) == 0 && !learning && h.active.count() > 0 {
			sum.State = status.OK
		}
	}
	sum.Text = strings.Join(parts, " ")
}

// calm says what is well, as far as no cause says the opposite.
func (h *Health) calm(d *status.Document, list []cause) (parts []string) {
	if !slices.ContainsFunc(list, func(c cause) bool { return c.kind == stormCause || c.kind == errorsCause }) {
		errors := "No errors in the last minute"
		if n := int(d.Errors.LastMinute); n > 0 {
			errors = plural(n, "error") + "/min"
			if d.Errors.Baseline != nil {
				errors += " (baseline " + figure(*d.Errors.Baseline) + ")"
			}
		}
		parts = append(parts, errors+".")
	}
	n, reported := h.active.count(), 0
	for _, s := range h.registry.services {
		reported += s.reported
	}
	switch {
	case reported > 0:
		return append(parts, fmt.Sprintf("%d of %s active.", n, plural(n+reported, "worker")))
	case n == 0:
		return append(parts, "No worker is active.")
	}
	return append(parts, plural(n, "worker")+" active.")
}

// sentenceStart returns text as the begin of a sentence.
func sentenceStart(text string) string {
	text = strings.TrimRight(text, ". ")
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// names lists the sources that records come from, the first few of many.
func names(sources []status.Source) string {
	var list []string
	for _, s := range sources {
		if s.Kind != status.List {
			list = append(list, s.Name)
		}
	}
	if len(list) > mostNames {
		list = append(list[:mostNames], fmt.Sprintf("%d more", len(list)-mostNames))
	}
	return strings.Join(list, ", ")
}

func sprint(parts ...any) string {
	var b strings.Builder
	for _, p := range parts {
		fmt.Fprint(&b, p)
	}
	return b.String()
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return thousands(n) + " " + what + "s"
}

// thousands writes a number as people do in English.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// figure writes a rate with as many places as it is worth.
func figure(f float64) string {
	if f < 9.95 {
		return strings.TrimSuffix(strconv.FormatFloat(f, 'f', 1, 64), ".0")
	}
	return thousands(int(math.Round(f)))
}

// duration writes seconds as a person would say it.
func duration(s float64) string {
	switch {
	case s < 120:
		return fmt.Sprintf("%.0f s", s)
	case s < 2*hour:
		return fmt.Sprintf("%d min", int(s/60))
	case s < 2*day:
		return fmt.Sprintf("%d h", int(s/hour))
	}
	return fmt.Sprintf("%d days", int(s/day))
}

// clock writes a time of the day, with the date if that is not clear.
func (h *Health) clock(at float64) string {
	t := h.wall(at).In(h.zone)
	if h.watch.now-at > dated {
		return t.Format("2 Jan 15:04")
	}
	return t.Format("15:04:05")
}

// filter is a filter as the page's address and the data endpoints take it.
type filter struct {
	level, logger, worker, query string
	from                         time.Time
}

// String returns the query of an address, "" for no filter.
func (f filter) String() string {
	var parts []string
	add := func(name, value string) {
		if value != "" {
			parts = append(parts, name+"="+escape(value))
		}
	}
	add("level", f.level)
	add("logger", f.logger)
	add("worker", f.worker)
	if !f.from.IsZero() {
		add("from", f.from.UTC().Format(time.RFC3339))
	}
	add("q", f.query)
	return strings.Join(parts, "&")
}

// escape escapes a value, but for what is safe in a query and easier to read.
func escape(value string) string {
	s := url.QueryEscape(value)
	for _, c := range []string{":", "/", ","} {
		s = strings.ReplaceAll(s, url.QueryEscape(c), c)
	}
	return s
}

// filter selects the records of a service.
func (s *service) filter() filter {
	switch {
	case s.key.name == "":
		return filter{}
	case s.field:
		return filter{query: strconv.Quote(s.key.name)}
	}
	return filter{logger: s.key.name}
}

// filter selects the errors of a group: by the longest text that all of them have.
func (g *errorGroup) filter() filter {
	longest := ""
	for part := range strings.FieldsFuncSeq(g.title, func(c rune) bool { return strings.ContainsRune("#%{}\"\\", c) }) {
		if part = strings.TrimSpace(part); len(part) > len(longest) {
			longest = part
		}
	}
	if exception, _, ok := strings.Cut(g.title, " in "); ok && !strings.Contains(exception, " ") {
		longest = exception
	}
	f := filter{level: "error"}
	if longest != "" {
		f.query = `"` + longest + `"`
	}
	return f
}
