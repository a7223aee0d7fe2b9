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

	// minRunPause is how many seconds of quiet separate two runs of a job at least.
	minRunPause = 60
	// maxRuns is how many starts of runs are remembered.
	maxRuns = 8
	// innerPauseRatio is how long a pause within a run is at most, relative to the pauses between runs.
	innerPauseRatio = 1.0 / 8
	// dailyTolerance is the maximum difference between the times of daily or weekly runs, in seconds.
	dailyTolerance = 15 * 60
	// minPeriod is the shortest period of a schedule, in seconds. For shorter ones the gaps suffice.
	minPeriod = 200
	// maxPeriod is the longest period of a schedule that is not daily or weekly, in seconds.
	maxPeriod = 20 * hour
	// periodTolerance is the maximum difference between an interval and the period, relative to the period. Six of seven
	// random intervals are within it once in 10⁷.
	periodTolerance = 0.04
)

// runs are the last runs of a job, the newest last.
type runs struct {
	list [maxRuns]run
	n    int
}

type run struct {
	start        float64
	quiet        float64 // the pause before it, in seconds
	quietAtLeast bool    // whether the pause may have been longer, since Elva started during it
}

// add notes that a run starts after a pause of quiet seconds. It ignores a pause that is much shorter than others, since
// it lies within a run, and drops earlier ones that turn out to be such pauses.
func (r *runs) add(start, quiet float64, first bool) {
	list := r.list[:r.n]
	for _, other := range list {
		if quiet < other.quiet*innerPauseRatio {
			return
		}
	}
	list = slices.DeleteFunc(list, func(other run) bool { return other.quiet < quiet*innerPauseRatio && !other.quietAtLeast })
	if len(list) == maxRuns {
		list = list[:copy(list, list[1:])]
	}
	r.n = copy(r.list[:], append(list, run{start, quiet, first}))
}

// schedule describes when a job runs.
type schedule struct {
	text   string  // "daily", "weekly", "every hour"
	due    float64 // when the next run starts
	period float64
	grace  float64 // how many seconds late it may start
}

// findSchedule returns the schedule that the starts follow; ok is false if they follow none.
func (r *runs) findSchedule() (s schedule, ok bool) {
	if r.n < 2 {
		return s, false
	}
	list := r.list[:r.n]
	if s, ok = periodic(list); ok {
		return s, true
	}
	if s, ok = byCalendar(list, day, "daily"); ok {
		for !slices.ContainsFunc(list, func(r run) bool { return weekday(r.start) == weekday(s.due) }) && weekend(s.due) {
			s.due += day
		}
		return s, true
	}
	return byCalendar(list, week, "weekly")
}

// periodic returns the schedule of starts with a fixed period; ok is false if there is none.
func periodic(list []run) (s schedule, ok bool) {
	if len(list) < maxRuns {
		return s, false
	}
	var all [maxRuns - 1]float64
	intervals := all[:len(list)-1]
	for i := range intervals {
		intervals[i] = list[i+1].start - list[i].start
	}
	slices.Sort(intervals)
	period := intervals[len(intervals)/2]
	same := 0
	for _, interval := range intervals {
		if math.Abs(interval-period) <= periodTolerance*period {
			same++
		}
	}
	if period < minPeriod || period > maxPeriod || same < len(intervals)-1 {
		return s, false
	}
	words := "every " + formatDuration(math.Round(period/60)*60)
	return schedule{text: words, due: list[len(list)-1].start + period, period: period, grace: max(30, period/10)}, true
}

// byCalendar returns the schedule of starts at about the same time of each period, of which two must be one period apart;
// ok is false if there is none.
func byCalendar(list []run, period float64, words string) (s schedule, ok bool) {
	last := list[len(list)-1].start
	early, late := 0.0, 0.0 // relative to the last start
	apart := false
	for i, run := range list {
		off := math.Mod(run.start-last, period)
		if off < -period/2 {
			off += period
		}
		early, late = min(early, off), max(late, off)
		if i > 0 && math.Abs(run.start-list[i-1].start-period) <= dailyTolerance {
			apart = true
		}
	}
	if !apart || late-early > dailyTolerance {
		return s, false
	}
	grace := max(5*60, 2*(late-early))
	return schedule{text: words, due: last + period + (early+late)/2, period: period, grace: grace}, true
}

func weekday(now float64) time.Weekday { return fromSeconds(now).Weekday() }

func weekend(now float64) bool { return weekday(now) == time.Saturday || weekday(now) == time.Sunday }
