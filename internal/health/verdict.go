package health

import (
	"fmt"
	"github.com/SupermanScott/Elva/internal/status"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/SupermanScott/Elva/internal/record"
)

const (
	// warmUp is how long nothing is judged after the start.
	warmUp = 30 * time.Second
	// stormTimes the usual number of errors, and at least stormMin a minute, are a storm: one error
	// every two seconds is more than anybody reads.
	stormTimes = 10
	stormMin   = 30
	// skewMax is how far off a clock may be. NTP keeps it under a second; batching producers send up to
	// some seconds late.
	skewMax = 30.0
	// mostNamed is how many workers the sentence names.
	mostNamed = 2
)

// verdict says in one or a few sentences how things are, the worst first.
func (h *Health) verdict(d *status.Document, judged []judgement, now time.Time) status.Verdict {
	switch d.Redis.State {
	case status.Connecting:
		return status.Verdict{State: status.Unknown, Verdict: "Connecting to Redis."}
	case status.Down, status.Refused, status.Closed:
		return status.Verdict{State: status.Trouble, Verdict: sentence(d.Redis.Text)}
	}
	if d.Redis.LastRecord.IsZero() {
		return status.Verdict{State: status.Unknown, Verdict: "Connected, and nothing heard yet on " + names(d.Redis.Sources, false) + ": if that lasts, check the name."}
	}
	v := status.Verdict{State: status.OK}
	var parts []string
	add := func(state, text string) {
		if rank(state) > rank(v.State) {
			v.State = state
		}
		parts = append(parts, sentence(text))
	}
	add(roll(judged))
	last := h.last(0, minute-1)
	add(h.errors(last, judged, now))
	if n := last[record.Critical]; n > 0 {
		add(status.Attention, plural(n, "critical record")+" in the last minute")
	}
	if n, k := h.newest(now); n > 0 {
		add(status.Attention, fmt.Sprintf("%s of error, %s ago: %s", plural(uint64(n), "new kind"), ago(now.Sub(k.first)), k.title))
	}
	if missing := names(d.Redis.Sources, true); missing != "" && now.Sub(h.started) > time.Minute {
		add(status.Attention, "never heard: "+missing+" (check the name)")
	}
	if text := skewed(judged); text != "" {
		add(status.Attention, text)
	}
	v.Verdict = strings.Join(parts, " ")
	if watched := now.Sub(h.started); watched < warmUp {
		return status.Verdict{State: status.Unknown, Verdict: fmt.Sprintf("Watching for %s, too early to judge. %s", ago(watched), v.Verdict)}
	}
	return v
}

// roll says how many workers talk, and names those that don't.
func roll(judged []judgement) (state, text string) {
	var silent []judgement
	total := 0
	for _, j := range judged {
		if j.state != status.Replaced {
			total++
		}
		if j.state == status.Silent {
			silent = append(silent, j)
		}
	}
	switch {
	case len(silent) == 0:
		return status.OK, plural(uint64(total), "worker") + " talking"
	case len(silent) == total && total > 1:
		return status.Trouble, fmt.Sprintf("All %d workers silent, the last for %s", total, silence(silent[len(silent)-1]))
	}
	text = fmt.Sprintf("%d of %s talking", total-len(silent), plural(uint64(total), "worker"))
	for i, j := range silent {
		if i == mostNamed {
			text += fmt.Sprintf(", %d more silent", len(silent)-mostNamed)
			break
		}
		text += fmt.Sprintf(", %s silent for %s (usually every %s)", j.name(), silence(j), ago(time.Duration(math.Max(j.rhythm.usual, 1)*float64(time.Second))))
	}
	return status.Trouble, text
}

func silence(j judgement) string { return ago(time.Duration(j.silence * float64(time.Second))) }

// errors holds the last minute against the usual one. Of a storm it says where it comes from.
func (h *Health) errors(last counts, judged []judgement, now time.Time) (state, text string) {
	n := errorsIn(last)
	text = plural(uint64(n), "error") + " in the last minute"
	if n == 0 {
		text = "no errors in the last minute"
	}
	if h.learnt > 0 && (n > 0 || h.usual >= 0.05) {
		text += ", usually " + figure(h.usual)
	}
	switch {
	case n >= stormMin && n >= stormTimes*h.usual:
		return status.Trouble, "error storm: " + text + loudest(judged, now)
	case n > h.elevated():
		return status.Attention, text
	}
	return status.OK, text
}

// loudest names the worker that most of the last minute's errors come from, if there is one.
func loudest(judged []judgement, now time.Time) string {
	var all, most uint32
	name := ""
	for _, j := range judged {
		j.window.advance(now.Unix())
		n := j.window.sum(1).Errors
		if all += n; n > most {
			most, name = n, j.name()
		}
	}
	if len(judged) < 2 || 2*most <= all {
		return ""
	}
	return ", mostly from " + name
}

// newest returns how many kinds of error are new, and the newest.
func (h *Health) newest(now time.Time) (n int, newest *kind) {
	for _, k := range h.kinds.kinds {
		if k.fresh(now, h.started) {
			n++
			if newest == nil || k.first.After(newest.first) {
				newest = k
			}
		}
	}
	return n, newest
}

// skewed names the worker whose clock is most off, if it is too much.
func skewed(judged []judgement) string {
	var worst *worker
	for _, j := range judged {
		if j.state == status.Talking && math.Abs(j.skew) > skewMax && (worst == nil || math.Abs(j.skew) > math.Abs(worst.skew)) {
			worst = j.worker
		}
	}
	if worst == nil {
		return ""
	}
	direction := "ahead"
	if worst.skew < 0 {
		direction = "behind"
	}
	return fmt.Sprintf("the clock of %s is %s %s", worst.name(), ago(time.Duration(math.Abs(worst.skew)*float64(time.Second))), direction)
}

func rank(state string) int {
	switch state {
	case status.Trouble:
		return 2
	case status.Attention:
		return 1
	}
	return 0
}

// sentence ends text as a sentence and begins it as one.
func sentence(text string) string {
	text = strings.TrimRight(text, ". ") + "."
	return strings.ToUpper(text[:1]) + text[1:]
}

// names lists the sources, or only those that were never heard, the first few of many.
func names(sources []status.Source, unheard bool) string {
	const most = 3
	var list []string
	for _, s := range sources {
		if s.Kind != status.List && (!unheard || s.Records == 0) {
			list = append(list, s.Name)
		}
	}
	if len(list) > most {
		list = append(list[:most], fmt.Sprintf("%d more", len(list)-most))
	}
	return strings.Join(list, ", ")
}

func plural(n uint64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	if kind, rest, ok := strings.Cut(what, " of "); ok {
		return fmt.Sprintf("%d %ss of %s", n, kind, rest)
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// figure writes a rate with as many places as it is worth.
func figure(f float64) string {
	if f < 10 {
		return strings.TrimSuffix(strconv.FormatFloat(f, 'f', 1, 64), ".0")
	}
	return strconv.FormatFloat(f, 'f', 0, 64)
}

// ago writes a duration as a person would say it.
func ago(d time.Duration) string {
	switch {
	case d < 2*time.Minute:
		return fmt.Sprintf("%.0f s", d.Seconds())
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}
