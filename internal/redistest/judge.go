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
	Again     int // of a channel, and seen again behind a gap "restart", which announces the history of another instance
	Doubled   int // seen again without that: must be 0
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
	return fmt.Sprintf("published %d, seen %d, inside %d gaps %d and %d counted, lost outside gaps %d, shown again after a restart %d, doubled %d, out of order %d",
		v.Published, v.Seen, v.Gaps, v.InGaps, v.Counted, v.Lost, v.Again, v.Doubled, v.Disorder)
}

// Judge compares what publishers published with what a viewer was shown. The viewer must have caught
// up with the last record.
//
// A record that was not seen must have been taken by Redis inside a gap. A gap reaches from its From,
// or from the last record before it if that is earlier (a failover can be deaf long before contact is
// lost), to its To. Where a gap says how many are missing, as many must be.
func Judge(publishers []*Publisher, viewer *Viewer) *Verdict {
	j := &judge{published: make(map[key]Published), streams: make(map[string]bool), seen: make(map[key]int), said: make(map[string]int)}
	for _, p := range publishers {
		j.streams[p.Name] = p.Stream > 0
		for _, r := range p.Records() {
			j.published[key{r.Publisher, r.N}] = r
		}
	}
	viewer.mu.Lock()
	defer viewer.mu.Unlock()
	j.verdict.Problems = append(j.verdict.Problems, viewer.problems...)
	j.judgeSeen(viewer.seen)
	j.judgeMissing(viewer.gaps, between(viewer.seen))
	return &j.verdict
}

// key is a record of a publisher.
type key struct {
	publisher string
	n         int
}

// judge is a judgment under way.
type judge struct {
	verdict   Verdict
	published map[key]Published
	streams   map[string]bool // whether a publisher adds to a stream
	seen      map[key]int     // behind how many gaps "restart" a record was seen the last time, from 1
	said      map[string]int  // problems, by kind
}

func (j *judge) problem(kind, format string, args ...any) {
	if j.said[kind]++; j.said[kind] <= 5 {
		j.verdict.Problems = append(j.verdict.Problems, kind+": "+fmt.Sprintf(format, args...))
	}
}

// judgeSeen looks at the records that the viewer was shown.
func (j *judge) judgeSeen(seen []Seen) {
	last := make(map[key]int) // the last number of a publisher behind so many restarts
	for _, s := range seen {
		name, number, _ := strings.Cut(s.Message, "#")
		n, err := strconv.Atoi(number)
		k := key{name, n}
		if _, ok := j.published[k]; err != nil || !ok {
			j.verdict.Strange++
			j.problem("strange", "%.100q at %v", s.Message, s.At)
			continue
		}
		visit := key{name, s.Restarts + 1}
		if j.streams[name] { // streams continue over restarts
			visit.n = 1
		}
		switch j.seen[k] {
		case 0:
			j.verdict.Seen++
		case visit.n:
			j.verdict.Doubled++
			j.problem("doubled", "%v at %v", k, s.At)
			continue
		default:
			j.verdict.Again++
		}
		j.seen[k] = visit.n
		if before, ok := last[visit]; ok && n < before {
			j.verdict.Disorder++
			j.problem("out of order", "%v after %d", k, before)
		}
		last[visit] = n
	}
}

// judgeMissing looks for a gap for each record that the viewer was not shown.
func (j *judge) judgeMissing(gaps []Gap, restarted map[key]bool) {
	for _, g := range gaps {
		if g.ofSource() {
			j.verdict.Gaps++
			j.verdict.Counted += int(g.Lost)
		}
	}
	counted := j.verdict.Counted
	for k, r := range j.published {
		if !r.Sure && j.seen[k] == 0 {
			continue
		}
		j.verdict.Published++
		switch {
		case j.seen[k] > 0:
		case inGap(r, gaps), restarted[k] && !j.streams[r.Publisher]:
			j.verdict.InGaps++
		case counted > 0:
			counted--
		default:
			j.verdict.Lost++
			j.problem("lost", "%v published %s..%s; gaps: %s", k, clock(r.Before), clock(r.After), gapsText(gaps))
		}
	}
	if counted > 0 {
		j.problem("counted", "%d records were counted as missing, and %d of these were not", j.verdict.Counted, counted)
	}
}

// between returns the records between the last one that was seen before a gap "restart" and the first one behind it.
func between(seen []Seen) map[key]bool {
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
		if g.ofSource() && g.Lost == 0 && !r.After.Before(from) && !r.Before.After(g.To) {
			return true
		}
	}
	return false
}

// isRestart reports whether the history of another instance follows.
func (g *Gap) isRestart() bool { return g.Kind == gap.Restart }

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
