package redistest

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/SupermanScott/Elva/internal/gap"
)

// Result has the numbers of records by what became of them.
type Result struct {
	Published  int // confirmed by Redis, or seen
	Seen       int // seen by the viewer
	InGaps     int // not seen, but published within a gap that the viewer was shown
	Lost       int // not seen and not in a gap; must be 0
	Repeated   int // from a channel, and seen again after a gap "restart", which is followed by another instance's history
	Duplicated int // seen again without such a gap; must be 0
	OutOfOrder int // seen after a later record of the same publisher; must be 0
	Unknown    int // seen, but never published; must be 0
	Gaps       int // gaps of Redis or a stream that the viewer was shown
	Counted    int // records that are missing according to these gaps

	Problems []string // texts about the first problems of each kind
}

// Bad reports whether there is a problem.
func (v *Result) Bad() bool {
	return v.Lost+v.Duplicated+v.OutOfOrder+v.Unknown > 0 || len(v.Problems) > 0
}

func (v *Result) String() string {
	return fmt.Sprintf("published %d, seen %d, inside %d gaps %d and %d counted, lost outside gaps %d, shown again after a restart %d, doubled %d, out of order %d",
		v.Published, v.Seen, v.Gaps, v.InGaps, v.Counted, v.Lost, v.Repeated, v.Duplicated, v.OutOfOrder)
}

// Check compares the records of publishers with those that a viewer was shown, which must have received the last record.
//
// A record that the viewer has not seen must have been published within a gap. A gap begins at its From, or at the last
// record before it if that is earlier, since messages may have been lost long before the connection. If a gap says how many
// records are missing, so many must be missing.
func Check(publishers []*Publisher, viewer *Viewer) *Result {
	c := &check{published: make(map[key]Published), streams: make(map[string]bool), seen: make(map[key]int), problemCounts: make(map[string]int)}
	for _, p := range publishers {
		c.streams[p.Name] = p.Stream > 0
		for _, r := range p.Records() {
			c.published[key{r.Publisher, r.N}] = r
		}
	}
	viewer.mu.Lock()
	defer viewer.mu.Unlock()
	c.result.Problems = append(c.result.Problems, viewer.problems...)
	c.checkSeen(viewer.seen)
	c.checkMissing(viewer.gaps, missedAtRestart(viewer.seen))
	return &c.result
}

// key identifies a record.
type key struct {
	publisher string
	n         int
}

// check is the state of a Check.
type check struct {
	result        Result
	published     map[key]Published
	streams       map[string]bool // whether a publisher adds to a stream
	seen          map[key]int     // 1 plus the number of gaps "restart" before a record was last seen
	problemCounts map[string]int  // by kind
}

func (c *check) problem(kind, format string, args ...any) {
	if c.problemCounts[kind]++; c.problemCounts[kind] <= 5 {
		c.result.Problems = append(c.result.Problems, kind+": "+fmt.Sprintf(format, args...))
	}
}

// checkSeen checks the records that the viewer has seen.
func (c *check) checkSeen(seen []Seen) {
	last := make(map[key]int) // the last number by publisher and restarts
	for _, s := range seen {
		name, number, _ := strings.Cut(s.Message, "#")
		n, err := strconv.Atoi(number)
		k := key{name, n}
		if _, ok := c.published[k]; err != nil || !ok {
			c.result.Unknown++
			c.problem("strange", "%.100q at %v", s.Message, s.At)
			continue
		}
		visit := key{name, s.Restarts + 1}
		if c.streams[name] { // streams continue across restarts
			visit.n = 1
		}
		switch c.seen[k] {
		case 0:
			c.result.Seen++
		case visit.n:
			c.result.Duplicated++
			c.problem("doubled", "%v at %v", k, s.At)
			continue
		default:
			c.result.Repeated++
		}
		c.seen[k] = visit.n
		if before, ok := last[visit]; ok && n < before {
			c.result.OutOfOrder++
			c.problem("out of order", "%v after %d", k, before)
		}
		last[visit] = n
	}
}

// checkMissing looks for a gap for each record that the viewer has not seen.
func (c *check) checkMissing(gaps []Gap, restarted map[key]bool) {
	for _, g := range gaps {
		if g.isSourceGap() {
			c.result.Gaps++
			c.result.Counted += int(g.Lost)
		}
	}
	counted := c.result.Counted
	for k, r := range c.published {
		if !r.Confirmed && c.seen[k] == 0 {
			continue
		}
		c.result.Published++
		switch {
		case c.seen[k] > 0:
		case inGap(r, gaps), restarted[k] && !c.streams[r.Publisher]:
			c.result.InGaps++
		case counted > 0:
			counted--
		default:
			c.result.Lost++
			c.problem("lost", "%v published %s..%s; gaps: %s", k, formatTime(r.Before), formatTime(r.After), gapsText(gaps))
		}
	}
	if counted > 0 {
		c.problem("counted", "%d records were counted as missing, and %d of these were not", c.result.Counted, counted)
	}
}

// missedAtRestart returns the records between the last one seen before a gap "restart" and the first one seen after it.
func missedAtRestart(seen []Seen) map[key]bool {
	restarted := make(map[key]bool)
	last := make(map[string]Seen) // by publisher
	newest := make(map[string]int)
	for _, s := range seen {
		name, number, _ := strings.Cut(s.Message, "#")
		n, _ := strconv.Atoi(number)
		if before, ok := last[name]; ok && before.Restarts < s.Restarts {
			for missing := newest[name] + 1; missing < n; missing++ {
				restarted[key{name, missing}] = true
			}
		}
		last[name], newest[name] = s, max(newest[name], n)
	}
	return restarted
}

func inGap(r Published, gaps []Gap) bool {
	for _, g := range gaps {
		from := g.From
		if !g.LastRecord.IsZero() && g.LastRecord.Before(from) {
			from = g.LastRecord
		}
		if g.isSourceGap() && g.Lost == 0 && !r.After.Before(from) && !r.Before.After(g.To) {
			return true
		}
	}
	return false
}

// isRestart reports whether the gap is followed by the history of another instance.
func (g *Gap) isRestart() bool { return g.Kind == gap.Restart }

// isSourceGap reports whether records were lost before Elva could read them.
func (g *Gap) isSourceGap() bool {
	switch g.Kind {
	case gap.Redis, gap.Trimmed, gap.Failover, gap.Recreated:
		return true
	}
	return false
}

func gapsText(gaps []Gap) string {
	var list []string
	for _, g := range gaps {
		list = append(list, fmt.Sprintf("%s %s..%s (last record %s)", g.Kind, formatTime(g.From), formatTime(g.To), formatTime(g.LastRecord)))
	}
	return strings.Join(list, ", ")
}

func formatTime(t time.Time) string { return t.UTC().Format("04:05.000000") }
