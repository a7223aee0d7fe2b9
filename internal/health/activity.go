package health

import "math"

const (
	// minGap is the shortest gap that counts, in seconds. Closer records count as one, so that many records within a
	// second don't shorten the expected interval.
	minGap = 1
	// meanOverGaps is the number of gaps over which the mean is smoothed: enough to be steady, few enough to adapt within
	// a minute when traffic changes.
	meanOverGaps = 20
	// deviationOverGaps is the number of gaps over which the relative deviation is smoothed, which traffic hardly changes.
	deviationOverGaps = 300
	// earlyGapRatio is how many times longer than a gap a worker must have been seen for the gap to have the normal
	// weight. Before that a gap counts twice, since it may be the worker's normal pause.
	earlyGapRatio = 4
	// A reported gap is an outage if it is outageRatio times the limit and at least outageExtra seconds over it. Outages
	// are not learned. A shorter gap more likely means that the limit is too low.
	outageRatio = 4
	outageExtra = 60
	// outagesPerDay is the number of outages within a day from which on they are learned, since they are this worker's
	// normal behavior.
	outagesPerDay = 3
	// After a quiet of resumeMeans mean gaps, the volume is counted only from the end of the quiet on. The gaps of a
	// worker that has merely become slow are shorter.
	resumeMeans = 30
	// tailMaxAge is how many seconds a computed tail is used before it is computed again.
	tailMaxAge = 60
)

// activity is when and how often a worker or a service logs. A gap is the observed time between two records, where records
// within minGap count as one.
type activity struct {
	first, last      float64
	unobservedAtLast float64 // watch.unobserved at the last record
	lastCounted      float64 // when the last gap ended
	mean             float64 // smoothed mean of the gaps
	deviation        float64 // smoothed mean deviation from it, relative to it
	gaps             int
	spread           spread
	outages          float32 // outages of about a day
	outage           float64 // when the last outage ended
	runs             runs
	resumed          float64 // when the last long quiet ended

	tail     tail    // tail of spread as last computed
	tailAt   float64 // when tail was computed
	tailGaps int     // value of gaps when tail was computed
}

// observe notes a record. reported is whether the quiet before it was reported as a fault. observe returns the gap that
// this record ends; ok is false if there is none or it was not fully observed.
func (a *activity) observe(now float64, w *watch, d *decay, reported bool) (gap float64, ok bool) {
	if a.first == 0 {
		a.first, a.last, a.lastCounted, a.unobservedAtLast = now, now, now, w.unobserved
		return 0, false
	}
	gap = now - a.lastCounted
	if gap < minGap { // negative for a late record
		a.last = max(a.last, now)
		return 0, false
	}
	broken := a.unobservedAtLast != w.unobserved
	quiet := a.quietFor(now, w)
	if quiet > minRunPause {
		a.runs.add(now, quiet, false)
	}
	if quiet >= max(minQuiet, resumeMeans*a.mean) {
		a.resumed = now
	}
	a.last, a.lastCounted, a.unobservedAtLast = now, now, w.unobserved
	if broken {
		return 0, false
	}
	if reported && a.noteOutage(now, gap) {
		return gap, true
	}
	a.learnGap(now, gap, d)
	return gap, true
}

// quietFor returns for how many observed seconds there has been no record.
func (a *activity) quietFor(now float64, w *watch) float64 {
	return max(0, now-a.last-(w.unobserved-a.unobservedAtLast))
}

// noteOutage reports whether a reported gap is an outage that is not to be learned, and counts it.
func (a *activity) noteOutage(now, gap float64) bool {
	if gap <= outageRatio*a.tail.limit || gap <= a.tail.limit+outageExtra {
		return false
	}
	if a.outages > 0 {
		a.outages *= float32(max(0, 1-(now-a.outage)/(2*day)))
	}
	a.outages++
	a.outage = now
	return a.outages < outagesPerDay-0.5
}

func (a *activity) learnGap(now, gap float64, d *decay) {
	weight := d.weight
	if now-a.first < earlyGapRatio*gap {
		weight *= 2
	}
	a.spread.add(gap, weight)
	// Outliers don't affect the mean.
	if a.gaps++; a.gaps < meanOverGaps || gap < 10*a.mean {
		if a.mean > 0 {
			a.deviation += (math.Abs(gap-a.mean)/a.mean - a.deviation) / float64(min(a.gaps, deviationOverGaps))
		}
		a.mean += (gap - a.mean) / float64(min(a.gaps, meanOverGaps))
	}
}

// minQuiet returns the shortest quiet that may be reported: minQuietMeans mean gaps if the gaps are regular, and more the more
// they deviate, as for a worker that logs at random and ever less in the evening.
func (a *activity) minQuiet() float64 {
	return max(minQuiet, minQuietMeans*a.mean, a.deviation/usualDeviation*a.randomGap(minRandomRarity))
}

// randomLimit returns the longest limit for gaps that are rare and no more irregular than random ones.
func (a *activity) randomLimit() float64 {
	if a.mean < slowMean || a.deviation > randomDeviation || a.gaps < minGaps {
		return math.Inf(1)
	}
	return randomMargin * a.randomGap(maxRandomRarity)
}

// randomGap returns the gap that comes once in so many seconds if gaps are random.
func (a *activity) randomGap(rarity float64) float64 {
	mean := max(a.mean, minGap)
	return mean * math.Log(rarity/mean)
}

// rarity returns how many times rarer than one in the remembered gaps a gap must be to count as quiet.
func (a *activity) rarity(now float64) float64 {
	return max(minRarity, raritySeconds/max(a.mean, 1)) * max(1, firstDay/(now-a.first))
}

// gapTail returns the tail of the gaps. It is cached because computing it for each record would be slow.
func (a *activity) gapTail(now float64, h *Health) tail {
	if a.tailGaps != a.gaps && (now-a.tailAt > tailMaxAge || a.gaps < fewValues) {
		a.tail = a.spread.limit(a.rarity(now), quietMargin, h.decay.weight)
		a.tailAt, a.tailGaps = now, a.gaps
	}
	return a.tail
}
