package redistest

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/SupermanScott/Elva/internal/gap"
)

// Verdict is what became of the records that were published.
type Verdict struct {
	Published int // with an answer from Redis, or seen
	Seen      int // by the viewer, each counted once
	InGaps    int // not seen, and published inside a gap that the viewer was shown
	Lost      int // not seen, and in no gap: must be 0
	Doubled   int // seen again: must be 0
	Disorder  int // seen after a later one of the same publisher: must be 0
	Strange   int // seen, and never published
	Gaps      int // of Redis or of a stream, shown to the viewer
	Counted   int // how many these say to be missing, those that say it

	Problems []string // the first few of each kind, in words
}

// Bad reports whether the promise is broken.
func (v *Verdict) Bad() bool {
	return v.Lost+v.Doubled+v.Disorder+v.Strange > 0 || len(v.Problems) > 0
}

func (v *Verdict) String() string {
	return fmt.Sprintf("published %d, seen %d, inside %d gaps %d and %d counted, lost outside gaps %d, doubled %d, out of order %d",
		v.Published, v.Seen, v.Gaps, v.InGaps, v.Counted, v.Lost, v.Doubled, v.Disorder)
}

// Judge compares what publishers published with what a viewer was shown. The viewer must have caught
// up with the last record.
//
// A record that was not seen must have been taken by Redis inside a gap. A gap reaches from its From,
// or from the last record before it if that is earlier (a failover can be deaf long before contact is
// lost), to its To. Where a gap says how many are missing, as many must be.
func Judge(publishers []*Publisher, viewer *Viewer) *Verdict {
	verdict := &Verdict{}
	type key struct {
		publisher string
		n         int
	}
	published := make(map[key]Published)
	for _, p := range publishers {
		for _, r := range p.Records() {
			published[key{r.Publisher, r.N}] = r
		}
	}
	viewer.mu.Lock()
	defer viewer.mu.Unlock()
	verdict.Problems = append(verdict.Problems, viewer.problems...)
	said := make(map[string]int)
	problem := func(kind, format string, args ...any) {
		if said[kind]++; said[kind] <= 5 {
			verdict.Problems = append(verdict.Problems, kind+": "+fmt.Sprintf(format, args...))
		}
	}

	seen := make(map[key]bool)
	last := make(map[string]int)
	for _, s := range viewer.seen {
		name, number, _ := strings.Cut(s.Message, "#")
		n, err := strconv.Atoi(number)
		k := key{name, n}
		if _, ok := published[k]; err != nil || !ok {
			verdict.Strange++
			problem("strange", "%.100q at %v", s.Message, s.At)
			continue
		}
		if seen[k] {
			verdict.Doubled++
			problem("doubled", "%v at %v", k, s.At)
			continue
		}
		seen[k] = true
		verdict.Seen++
		if before, ok := last[name]; ok && n < before {
			verdict.Disorder++
			problem("out of order", "%v after %d", k, before)
		}
		last[name] = n
	}

	for _, g := range viewer.gaps {
		if g.ofSource() {
			verdict.Gaps++
			verdict.Counted += int(g.Lost)
		}
	}
	counted := verdict.Counted
	for k, r := range published {
		if !r.Sure && !seen[k] {
			continue
		}
		verdict.Published++
		if seen[k] {
			continue
		}
		if inGap(r, viewer.gaps) {
			verdict.InGaps++
			continue
		}
		if counted > 0 {
			counted--
			continue
		}
		verdict.Lost++
		problem("lost", "%v published %s..%s; gaps: %s", k, clock(r.Before), clock(r.After), gapsText(viewer.gaps))
	}
	if counted > 0 {
		problem("told", "%d records were told as missing, and %d of these were not", verdict.Counted, counted)
	}
	return verdict
}

func inGap(r Published, gaps []Gap) bool {
	for _, g := range gaps {
		from := g.From
		if !g.LastRecord.IsZero() && g.LastRecord.Before(from) {
			from = g.LastRecord
		}
		if g.ofSource() && g.Lost == 0 && !r.After.Before(from) && !r.Before.After(g.To) {
			return true
		}
	}
	return false
}

// ofSource reports whether records were lost before Elva could read them.
func (g *Gap) ofSource() bool {
	switch g.Kind {
	case gap.Redis, gap.Trimmed, gap.Failover, gap.Recreated:
		return true
	}
	return false
}

func gapsText(gaps []Gap) string {
	var list []string
	for _, g := range gaps {
		list = append(list, fmt.Sprintf("%s %s..%s (last record %s)", g.Kind, clock(g.From), clock(g.To), clock(g.LastRecord)))
	}
	return strings.Join(list, ", ")
}

func clock(t time.Time) string { return t.UTC().Format("04:05.000000") }
