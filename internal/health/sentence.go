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
	// maxCauses is how many causes the summary names at most.
	maxCauses = 2
	// maxNames is how many workers or sources a sentence names at most.
	maxNames = 3
	// changesKept is how many changes of the state are remembered: a timeline has no room for more.
	changesKept = 50
	// dateAfter is how many seconds old a time must be to be written with its date.
	dateAfter = 20 * hour
	// A clock is probably in another time zone if its offset is a multiple of zoneStep seconds, within zoneTolerance.
	zoneStep      = 1800
	zoneTolerance = 60
)

// change is when the state became what it is, and why.
type change struct {
	at          float64
	state, text string
}

// summary returns the state and a few sentences about it: the worst causes, then what is normal.
func (h *Health) summary(d *status.Document, now float64) status.Summary {
	sum := status.Summary{State: status.Unknown}
	switch {
	case d.Redis.State == status.Connecting:
		sum.Text = "Connecting to Redis."
	case d.Redis.State == status.Live && d.Redis.LastRecord.IsZero():
		sum.Text = "Connected. No messages on " + sourceNames(d.Redis.Sources) + " yet. Check the channel name."
	default:
		h.fillSentences(&sum, d, now)
	}
	if sum.State != h.state {
		h.state, h.stateSince = sum.State, now
		h.changes = append(h.changes, change{now, sum.State, sum.Text})
		if len(h.changes) > changesKept {
			h.changes = slices.Delete(h.changes, 0, 1)
		}
	}
	sum.Since = h.wallTime(h.stateSince)
	return sum
}

// fillSentences sets the state, the text and the causes of a summary.
func (h *Health) fillSentences(sum *status.Summary, d *status.Document, now float64) {
	list := h.causes(d, now)
	var parts []string
	for i := range list[:min(len(list), maxListed)] {
		c := h.document(&list[i], now)
		sum.Causes = append(sum.Causes, c)
		if i < maxCauses {
			parts = append(parts, c.Text)
		}
		if i == 0 { // the worst one
			sum.State = c.State
		}
	}
	if n := len(list) - maxCauses; n > 0 {
		parts = append(parts, fmt.Sprintf("And %d more.", n))
	}
	if d.Redis.State == status.Live {
		parts = append(parts, h.normalSentences(d, list)...)
		learning := h.learning(now)
		if learning {
			parts = append(parts, fmt.Sprintf("Still learning what is normal (%d of %d min).", int(now-h.observedFrom-h.watch.unobserved)/60, learningTime/60))
		}
		if len(list) == 0 && !learning && h.active.count() > 0 {
			sum.State = status.OK
		}
	}
	sum.Text = strings.Join(parts, " ")
}

// normalSentences returns sentences about errors and workers, as far as no cause covers them.
func (h *Health) normalSentences(d *status.Document, list []cause) (parts []string) {
	n, reported := h.active.count(), 0
	for _, s := range h.registry.services {
		reported += s.reported
	}
	if n == 0 && reported == 0 {
		return []string{"No worker is active. The last record came at " + h.formatTime(seconds(d.Redis.LastRecord)+h.watch.offset) + "."}
	}
	if !slices.ContainsFunc(list, func(c cause) bool { return c.kind == stormCause || c.kind == errorsCause }) {
		errors := "No errors in the last minute"
		if n := int(d.Errors.LastMinute); n > 0 {
			errors = plural(n, "error") + "/min"
			if d.Errors.Baseline != nil {
				errors += " (baseline " + formatRate(*d.Errors.Baseline) + ")"
			}
		}
		parts = append(parts, errors+".")
	}
	if reported > 0 {
		return append(parts, fmt.Sprintf("%d of %s active.", n, plural(n+reported, "worker")))
	}
	return append(parts, plural(n, "worker")+" active.")
}

// capitalize returns text with an upper-case first letter and without a period at its end.
func capitalize(text string) string {
	text = strings.TrimRight(text, ". ")
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// sourceNames lists the channels and streams that are read, the first few if there are many.
func sourceNames(sources []status.Source) string {
	var list []string
	for _, s := range sources {
		if s.Kind != status.List {
			list = append(list, s.Name)
		}
	}
	if len(list) > maxNames {
		list = append(list[:maxNames], fmt.Sprintf("%d more", len(list)-maxNames))
	}
	return strings.Join(list, ", ")
}

// sprint concatenates parts; unlike fmt.Sprint it never adds spaces.
func sprint(parts ...any) string {
	var b strings.Builder
	for _, p := range parts {
		fmt.Fprint(&b, p)
	}
	return b.String()
}

// plural returns a count with its noun.
func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return thousands(n) + " " + what + "s"
}

// thousands formats a number with separators between thousands.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// formatRate formats a rate, with one decimal place if it is small.
func formatRate(f float64) string {
	if f < 9.95 {
		return strings.TrimSuffix(strconv.FormatFloat(f, 'f', 1, 64), ".0")
	}
	return thousands(int(math.Round(f)))
}

// formatDuration formats seconds in the unit that a person would use.
func formatDuration(s float64) string {
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

// formatTime formats a time as the time of day, with the date if it is not recent.
func (h *Health) formatTime(at float64) string {
	t := h.wallTime(at).In(h.zone)
	if h.watch.now-at > dateAfter {
		return t.Format("2 Jan 15:04")
	}
	return t.Format("15:04:05")
}

// filter is a filter in the form of the query parameters that the page and the endpoints accept.
type filter struct {
	level, logger, worker, query string
	from                         time.Time
}

// String returns the URL query, "" for no filter.
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

// escape escapes a query value, except for characters that are safe there and easier to read.
func escape(value string) string {
	s := url.QueryEscape(value)
	for _, c := range []string{":", "/", ","} {
		s = strings.ReplaceAll(s, url.QueryEscape(c), c)
	}
	return s
}

// filter returns a filter that selects the records of the service.
func (s *service) filter() filter {
	switch {
	case s.key.name == "":
		return filter{}
	case s.field:
		return filter{query: strconv.Quote(s.key.name)}
	}
	return filter{logger: s.key.name}
}

// filter returns a filter that selects the errors of the group, by the longest text that all of them contain.
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
