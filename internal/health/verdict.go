package health

import (
	"fmt"
	"strings"
	"time"

	"github.com/SupermanScott/Elva/internal/record"
)

// The states of a verdict.
const (
	OK        = "ok"        // heard, and nothing worse than a warning in the last minute
	Attention = "attention" // errors, or silence
	Trouble   = "trouble"   // Elva can't hear: Redis is down or refuses
	Unknown   = "unknown"   // too early to tell
)

// verdict says in one sentence how things are. It never calls calm what it can't see: without Redis,
// and before the first record, nothing is ok.
func verdict(link Link, minute [levels]uint64, now time.Time) Verdict {
	switch link.State {
	case Connecting:
		return Verdict{Unknown, "Connecting to Redis."}
	case Down, Refused, Closed:
		return Verdict{Trouble, sentence(link.Text)}
	}
	if link.LastRecord.IsZero() {
		return Verdict{Unknown, "Connected, and nothing heard yet on " + names(link.Sources) + "."}
	}
	var total uint64
	for _, n := range minute {
		total += n
	}
	if total == 0 {
		return Verdict{Attention, "No record for " + ago(now.Sub(link.LastRecord)) + "."}
	}
	text := count(total, "record") + " in the last minute"
	errors := minute[record.Error] + minute[record.Critical]
	if errors > 0 {
		text = count(errors, "error") + " among " + text
		if n := minute[record.Critical]; n > 0 {
			text += fmt.Sprintf(", %d of them critical", n)
		}
		return Verdict{Attention, text + "."}
	}
	return Verdict{OK, text + ", no errors."}
}

// sentence ends text as a sentence.
func sentence(text string) string { return strings.TrimRight(text, ". ") + "." }

// names lists the sources, the first few of many.
func names(sources []Source) string {
	const most = 3
	var list []string
	for i, s := range sources {
		if i == most {
			list = append(list, fmt.Sprintf("%d more", len(sources)-most))
			break
		}
		list = append(list, s.Name)
	}
	return strings.Join(list, ", ")
}

func count(n uint64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// ago writes a duration as a person would say it.
func ago(d time.Duration) string {
	switch {
	case d < 2*time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}
