package health

import "math"

const (
	// silentMin is the shortest silence that is ever told: below it a slow query or a garbage
	// collection looks like death.
	silentMin = 15
	// silentTimes is how many usual gaps make a silence, for who speaks at least once a minute; it falls
	// to silentTimesRare for once an hour and rarer: ten hours would be long to wait for a job that
	// failed. Five gaps in a row are missed by chance once in 150 by who speaks at random.
	silentTimes     = 10
	silentTimesRare = 5
	// pauseTimes is how many times its longest pause a worker may be silent.
	pauseTimes = 2
	// watchedMin is how long a worker must have been heard before its silence can be judged: whoever
	// logs for half a minute and stops may have been a job that is done.
	watchedMin = 60
	// pauseBuckets are pauses by powers of two, from 1 s to 2^17 s: a day and a half.
	pauseBuckets = 18
	// known is the weight from which a pause belongs to the rhythm: it has been made twice.
	known = 1.5
	// pauseHalfLife is how long a pause is remembered. A pause each night stays known, one of last
	// month doesn't.
	pauseHalfLife = 2 * 24 * 3600
	// oneOff is how many times longer than a pause a worker must have been watched before a single
	// pause of that length counts as an exception: the dead minute of a deploy must not teach Elva to
	// be deaf for a day.
	oneOff = 4
	// smoothed is over how many gaps the usual one is smoothed: enough to be steady, few enough to
	// follow a worker from day to night within a minute.
	smoothed = 20
)

// rhythm is how a worker uses to speak, learnt from the seconds in which it spoke: many records in
// one second are one utterance, so that a burst does not make a worker look restless. All times are
// Unix seconds.
type rhythm struct {
	first, last float64
	usual       float64 // smoothed gap between two utterances
	gaps        int     // how many gaps it is made of
	pauses      [pauseBuckets]float32
	decayed     float64 // when pauses were last weakened
}

// heard notes that the worker spoke at the time now. learn is false when records may have been lost
// since it spoke last: that gap is not its own.
func (r *rhythm) heard(now float64, learn bool) {
	if r.first == 0 {
		r.first, r.last, r.decayed = now, now, now
		return
	}
	gap := now - r.last
	if gap < 1 {
		return // the same utterance, or a clock that went back
	}
	if learn {
		r.learn(gap)
	}
	r.last = now
}

func (r *rhythm) learn(gap float64) {
	if since := r.last + gap - r.decayed; since > pauseHalfLife/8 {
		weaker := float32(math.Exp2(-since / pauseHalfLife))
		for i := range r.pauses {
			r.pauses[i] *= weaker
		}
		r.decayed += since
	}
	weight := float32(1)
	if r.last-r.first < oneOff*gap {
		weight = 2 // so young that this may be its normal pause
	}
	// The mean at first, then smoothed over some twenty gaps; an exception does not move it.
	if r.gaps++; r.gaps < smoothed || weight > 1 || gap < silentTimes*r.usual {
		r.usual += (gap - r.usual) / float64(min(r.gaps, smoothed))
	}
	r.pauses[bucket(gap)] += weight
}

// threshold returns after how many seconds of silence something is wrong, 0 if that can't be told.
func (r *rhythm) threshold() float64 {
	if r.gaps == 0 || r.last-r.first < watchedMin {
		return 0
	}
	pause := 0.0
	for i, weight := range r.pauses {
		if weight >= known {
			pause = math.Exp2(float64(i + 1))
		}
	}
	// Rounded up to the bucket's bound, a pause is already up to twice the one that was made.
	return max(silentMin, times(r.usual)*r.usual, pauseTimes*pause)
}

// times returns how many gaps of that length make a silence.
func times(gap float64) float64 {
	const minute, hour = 60, 3600
	rare := min(max(math.Log(gap/minute)/math.Log(hour/minute), 0), 1)
	return silentTimes - (silentTimes-silentTimesRare)*rare
}

// bucket returns the place of a gap of at least a second.
func bucket(gap float64) int { return min(int(math.Log2(gap)), pauseBuckets-1) }
