package health

import (
	"math"
	"slices"
	"time"
)

const (
	hour = 3600.0
	day  = 24 * hour
	week = 7 * day

	// runQuiet is how many seconds of quiet separate two runs of a job.
	runQuiet = 60
	// runsKept is how many starts of runs are remembered.
	runsKept = 8
	// innerPause is which part of the longest quiet between runs a pause within a run may take.
	innerPause = 1.0 / 8
	// sameTime is how far the starts of a daily run may be apart, in seconds.
	sameTime = 15 * 60
	// leastPeriod is the shortest period that is called a schedule, in seconds: for shorter ones the gaps say all.
	leastPeriod = 200
	// mostPeriod is the longest one, in seconds: longer ones are by the calendar, with days that are left out.
	mostPeriod = 20 * hour
	// samePeriod is by which part intervals may differ from the period. That six of seven do by chance happens once
	// in 10⁷.
	samePeriod = 0.04
)

// runs are the newest starts of the runs of a job, the newest last.
type runs struct {
	list [runsKept]run
	n    int
}

type run struct {
	start float64
	quiet float64 // before it
	first bool    // the quiet is only what Elva has seen of it
}

// add notes that a run begins after so much quiet. A pause that is short against those between other runs is within a
// run.
func (r *runs) add(start, quiet float64, first bool) {
	list := r.list[:r.n]
	for _, other := range list {
		if quiet < other.quiet*innerPause {
			return
		}
	}
	list = slices.DeleteFunc(list, func(other run) bool { return other.quiet < quiet*innerPause && !other.first })
	if len(list) == runsKept {
		list = list[:copy(list, list[1:])]
	}
	r.n = copy(r.list[:], append(list, run{start, quiet, first}))
}

// pause returns the longest quiet before the runs of late, as a job makes: a run counts for ten times its quiet.
func (r *runs) pause(now float64) (longest float64) {
	for _, x := range r.list[:r.n] {
		if now-x.start < 10*x.quiet {
			longest = max(longest, x.quiet)
		}
	}
	return longest
}

// schedule is when a job runs.
type schedule struct {
	words  string  // "daily", "weekly", "every hour"
	due    float64 // the next start after the last one
	period float64
	grace  float64 // how late it may be
}

// schedule returns the schedule that the starts show; ok is false while they show none.
func (r *runs) schedule() (s schedule, ok bool) {
	if r.n < 2 {
		return s, false
	}
	list := r.list[:r.n]
	if s, ok = periodic(list); ok {
		return s, true
	}
	if s, ok = byCalendar(list, day, "daily"); ok {
		for !slices.ContainsFunc(list, func(x run) bool { return weekday(x.start) == weekday(s.due) }) && weekend(s.due) {
			s.due += day
		}
		return s, true
	}
	return byCalendar(list, week, "weekly")
}

// periodic finds a period in the starts.
func periodic(list []run) (s schedule, ok bool) {
	if len(list) < runsKept {
		return s, false
	}
	var all [runsKept - 1]float64
	intervals := all[:len(list)-1]
	for i := range intervals {
		intervals[i] = list[i+1].start - list[i].start
	}
	slices.Sort(intervals)
	period := intervals[len(intervals)/2]
	same := 0
	for _, interval := range intervals {
		if math.Abs(interval-period) <= samePeriod*period {
			same++
		}
	}
	if period < leastPeriod || period > mostPeriod || same < len(intervals)-1 {
		return s, false
	}
	words := "every " + duration(math.Round(period/60)*60)
	return schedule{words: words, due: list[len(list)-1].start + period, period: period, grace: max(30, period/10)}, true
}

// byCalendar finds that all starts are at about the same time of the period, and two of them one period apart.
func byCalendar(list []run, period float64, words string) (s schedule, ok bool) {
	last := list[len(list)-1].start
	early, late := 0.0, 0.0 // against the last one
	apart := false
	for i, x := range list {
		off := math.Mod(x.start-last, period)
		if off < -period/2 {
			off += period
		}
		early, late = min(early, off), max(late, off)
		if i > 0 && math.Abs(x.start-list[i-1].start-period) <= sameTime {
			apart = true
		}
	}
	if !apart || late-early > sameTime {
		return s, false
	}
	grace := max(5*60, 2*(late-early))
	return schedule{words: words, due: last + period + (early+late)/2, period: period, grace: grace}, true
}

func weekday(now float64) time.Weekday { return fromSeconds(now).Weekday() }

func weekend(now float64) bool { return weekday(now) == time.Saturday || weekday(now) == time.Sunday }
