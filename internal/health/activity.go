package health

const (
	// countsAsOne is how many seconds records count as one: many records in one second do not make a worker look
	// restless.
	countsAsOne = 1
	// meanGaps is over how many gaps the mean is smoothed: enough to be steady, few enough to follow a worker from
	// day to night within a minute.
	meanGaps = 20
	// recentGaps is how many gaps make a block: the longest of the current and the previous block is the longest of
	// the last 64 to 128.
	recentGaps = 64
	// youngTimes is how many times a gap a worker must have been seen for the gap to count once only: before, it may
	// be its normal pause.
	youngTimes = 4
	// outageTimes its limit, and outageLeast seconds more, is what makes a reported gap an outage, which teaches
	// nothing: a short one is more likely a limit that is too low.
	outageTimes = 4
	outageLeast = 60
	// outagesADay is the outage of a day that teaches after all: then it is what the worker does.
	outagesADay = 3
	// backMeans is how many mean gaps are a quiet after which a volume is counted anew: more than the gaps of what has
	// become slow.
	backMeans = 30
	// relearnEvery is after how many seconds a limit is computed again.
	relearnEvery = 60
)

// activity is how a worker, or a service, logs: when last, how often, with which pauses. A gap is the time between two
// records that count, as far as it was observed.
type activity struct {
	first, last float64
	lost        float64 // watch.lost at the last record
	counted     float64 // when the last record that counts came
	mean        float64 // of the gaps, smoothed
	gaps        int
	spread      spread
	recent      [2]float32 // the longest gap of this block and of the previous one
	outages     float32    // of about a day
	outage      float64    // the last one
	runs        runs
	back        float64 // when it last logged again after a long quiet

	tail    tail    // of the spread, as it was computed last
	learned float64 // when that was
	known   int     // from how many gaps
}

// observe notes a record. reported is whether the quiet before it was reported as a fault. It returns the gap that ends
// with it; ok is false when there is none, or it was not observed in full.
func (v *activity) observe(now float64, w *watch, d *decay, reported bool) (gap float64, ok bool) {
	if v.first == 0 {
		v.first, v.last, v.counted, v.lost = now, now, now, w.lost
		return 0, false
	}
	gap = now - v.counted
	if gap < countsAsOne { // as well a record that came late
		v.last = max(v.last, now)
		return 0, false
	}
	broken := v.lost != w.lost
	quiet := v.quiet(now, w)
	if quiet > runQuiet {
		v.runs.add(now, quiet, false)
	}
	if quiet >= max(quietLeast, backMeans*v.mean) {
		v.back = now
	}
	v.last, v.counted, v.lost = now, now, w.lost
	if broken {
		return 0, false
	}
	if reported && v.isOutage(now, gap) {
		return gap, true
	}
	v.learn(now, gap, d)
	return gap, true
}

// quiet returns for how many observed seconds there has been no record.
func (v *activity) quiet(now float64, w *watch) float64 {
	return max(0, now-v.last-(w.lost-v.lost))
}

// isOutage reports whether a reported gap is one that teaches nothing.
func (v *activity) isOutage(now, gap float64) bool {
	if gap <= outageTimes*v.tail.limit || gap <= v.tail.limit+outageLeast {
		return false
	}
	if v.outages > 0 {
		v.outages *= float32(max(0, 1-(now-v.outage)/(2*day)))
	}
	v.outages++
	v.outage = now
	return v.outages < outagesADay-0.5
}

func (v *activity) learn(now, gap float64, d *decay) {
	weight := d.weight
	if now-v.first < youngTimes*gap {
		weight *= 2
	}
	v.spread.add(gap, weight)
	if v.gaps%recentGaps == 0 {
		v.recent[1], v.recent[0] = v.recent[0], 0
	}
	v.recent[0] = max(v.recent[0], float32(gap))
	// An exception does not move the mean.
	if v.gaps++; v.gaps < meanGaps || gap < 10*v.mean {
		v.mean += (gap - v.mean) / float64(min(v.gaps, meanGaps))
	}
}

// longest returns the longest of the last gaps.
func (v *activity) longest() float64 { return float64(max(v.recent[0], v.recent[1])) }

// limits returns the tail of the gaps, which is not computed for each new one.
func (v *activity) limits(now float64, d *decay) tail {
	if v.known != v.gaps && (now-v.learned > relearnEvery || v.gaps < fewValues) {
		v.tail = v.spread.limit(rarerQuiet, quietMargin, d.weight)
		v.learned, v.known = now, v.gaps
	}
	return v.tail
}
