package health

import "math"

const (
	// minLearnedMinutes is how many minutes must have been learned before a rate can raise an alarm.
	minLearnedMinutes = 10
	// alarmScore is the score of a window (see deviations) that opens an alarm. One window in a million reaches it by
	// chance.
	alarmScore = 4.75
	// scoreRarity is how many times rarer than one in the remembered scores such a score must be.
	scoreRarity = 16
	// scoreMargin is how many times the largest score that was seen twice it must be.
	scoreMargin = 1.2
	// minAlarmCount is the count that a window must have.
	minAlarmCount = 5
	// minAlarmRatio is the ratio to the baseline that a window's count must have, minHourRatio that for the window of an
	// hour.
	minAlarmRatio = 2
	minHourRatio  = 1.5
	// unusualScore is the score from which on a window is learned only later, if no alarm opens in between.
	unusualScore = 3
	// closeEvidence is the logarithm of the likelihood ratio that closes an alarm: the baseline must explain the counts a
	// thousand times better than the rate of the alarm. A false end takes eleven minutes to be corrected.
	closeEvidence = 7
	// closeDeviations is by how many standard deviations the counts may exceed the baseline then.
	closeDeviations = 3.46
	// minCloseMinutes is how long the counts must be normal at least.
	minCloseMinutes = 0.75
	// acceptAfter is the duration of an alarm after which its rate becomes the baseline, in seconds.
	acceptAfter = day
	// An alarm of less than shortAlarm seconds is short. From the third short alarm within a day on, their scores are
	// learned, since such peaks are normal, as with an hourly batch.
	shortAlarm        = 10 * 60
	shortAlarmsPerDay = 3
	// A storm has at least stormPerMinute events a minute, which is more than anybody reads, and stormRatio times the
	// baseline.
	stormPerMinute = 30
	stormRatio     = 10
	// Before there is a baseline, as many errors are too many if they are earlyShare of a service's records over
	// earlyMinutes, longer than a cluster: Elva may have been started because of them. After acceptEarlyAfter seconds they
	// are the baseline.
	earlyMinutes     = 3
	earlyShare       = 1.0 / 3
	acceptEarlyAfter = hour
)

// windows are the lengths of the windows over which a rate is compared with its baseline, and after how many seconds an
// unusual score is learned.
var windows = [...]struct {
	minutes int64
	waits   float64
}{{1, 10 * 60}, {10, 3600}, {60, 4 * 3600}}

// rate is the frequency of an event, its baseline, and the alarm that opens when the frequency is too high.
type rate struct {
	counts  tally
	base    baseline
	scores  spread
	pending [len(windows)]score // unusual scores that are learned later

	alarmSince    float64 // 0 if no alarm is open
	storm         bool    // whether the alarm is a storm
	early         bool    // whether there was no baseline when the alarm opened
	alarmBaseline float64 // the normal count per minute when the alarm opened
	peak          float64 // the highest score of the alarm
	closedAt      float64 // when the last alarm closed; windows must begin after it
	shortAlarms   float32 // number of short alarms within about a day
	shortAlarmAt  float64 // when the last short alarm closed
}

// score is a score that is learned when it is due.
type score struct{ value, due float64 }

// windowMinutes returns the exact length of a window in minutes: up to a slot more than the given number.
func windowMinutes(now float64, minutes int64) float64 {
	return float64(minutes) + (now-float64(slotOf(now)*slotSeconds))/60
}

// deviations returns how unlikely a count of n is if expected is normal, in standard deviations of a normal distribution:
// the signed square root of twice the log-likelihood ratio of a Poisson count.
func deviations(n, expected float64) float64 {
	if n <= 0 {
		return -math.Sqrt(2 * expected)
	}
	z := math.Sqrt(max(0, 2*(n*math.Log(n/expected)-(n-expected))))
	if n < expected {
		return -z
	}
	return z
}

// floor returns the assumed rate of an event that never happened: half an event in all learned minutes.
func (r *rate) floor() float64 { return 0.5 / float64(max(r.base.minutes, 1)) }

// window returns the count of the last minutes and its score against a normal count per minute.
func (r *rate) window(now float64, minutes int64, normal float64) (n, z float64) {
	n = float64(r.counts.sum(slotOf(now), minutes*60/slotSeconds+1))
	length := windowMinutes(now, minutes)
	z = deviations(n, max(normal, r.floor())*length)
	return n, z / math.Sqrt(1+length/float64(max(r.base.minutes, 1)))
}

// updateAlarm opens or closes the alarm. normal returns the normal count per minute over the last minutes; windowCount is
// how many of the windows are checked.
func (r *rate) updateAlarm(now float64, h *Health, windowCount int, normal func(minutes int64) float64) {
	if r.alarmSince > 0 {
		r.closeIfNormal(now, h, normal)
		return
	}
	if r.counts.ring == nil || r.base.minutes < minLearnedMinutes {
		return
	}
	limit := -1.0
	for _, w := range windows[:windowCount] {
		if now-r.closedAt < float64(w.minutes+1)*60 {
			break
		}
		b := normal(w.minutes)
		n, z := r.window(now, w.minutes, b)
		times := float64(minAlarmRatio)
		if w.minutes == 60 {
			times = minHourRatio
		}
		length := windowMinutes(now, w.minutes)
		if n < minAlarmCount || z < alarmScore || n < times*b*length {
			continue
		}
		if limit < 0 {
			limit = r.scores.limit(scoreRarity, scoreMargin, h.decay.weight).limit
		}
		if z < limit {
			continue
		}
		r.alarmSince, r.alarmBaseline, r.peak = r.riseStart(now, w.minutes, b), b, z
		r.pending = [len(windows)]score{}
		r.updateStorm(now)
		return
	}
}

// riseStart returns when in a window the rate has risen: the time from which on the counts differ most from the baseline.
func (r *rate) riseStart(now float64, minutes int64, normal float64) float64 {
	slot := slotOf(now)
	best, since, n := 0.0, now, 0.0
	for ago := range minutes*60/slotSeconds + 1 {
		n += float64(r.counts.sum(slot-ago, 1))
		start := float64((slot - ago) * slotSeconds)
		if z := deviations(n, max(normal, r.floor())*max(now-start, 1)/60); z > best {
			best, since = z, start
		}
	}
	return since
}

// updateStorm makes the alarm a storm if the last minute has enough events. A storm remains one until the alarm closes.
func (r *rate) updateStorm(now float64) {
	n := float64(r.counts.sum(slotOf(now), minuteSlots))
	r.storm = r.storm || !r.early && n >= stormPerMinute && n >= stormRatio*r.alarmBaseline
}

// openEarly opens the alarm if the errors of a service, which it counts, are too many even without a baseline. others counts
// the other records.
func (r *rate) openEarly(now float64, h *Health, others *ring) {
	if r.alarmSince > 0 || r.counts.ring == nil || r.base.minutes < earlyMinutes || r.base.minutes >= minLearnedMinutes || now-h.observedFrom > learningTime+60 {
		return
	}
	n, _ := r.window(now, earlyMinutes, 1)
	all := n + float64(others.sum(slotOf(now), earlyMinutes*60/slotSeconds+1))
	if n >= earlyMinutes*stormPerMinute && n >= earlyShare*all {
		r.early, r.alarmBaseline = true, stormPerMinute/stormRatio
		r.alarmSince = max(h.started, r.riseStart(now, 10, r.alarmBaseline))
		r.base = baseline{}
	}
}

// closeIfNormal closes the alarm when the counts have become normal.
func (r *rate) closeIfNormal(now float64, h *Health, normal func(minutes int64) float64) {
	r.updateStorm(now)
	b := max(normal(1), r.floor())
	_, z := r.window(now, 1, b)
	r.peak = max(r.peak, z)
	from := r.alarmSince
	if h.watch.unobserved > 0 {
		from = max(from, h.watch.resumed)
	}
	if !r.isNormal(now, b, from) {
		return
	}
	if now-r.alarmSince < shortAlarm {
		r.shortAlarms = r.shortAlarms*float32(max(0, 1-(now-r.shortAlarmAt)/(2*day))) + 1
		r.shortAlarmAt = now
		if r.shortAlarms >= shortAlarmsPerDay-0.5 {
			r.scores.add(r.peak, h.decay.weight*r.shortAlarms) // for all of them
		}
	}
	r.alarmSince, r.storm, r.early, r.closedAt = 0, false, false, now
}

// isNormal reports whether the last counts are certainly those of the baseline b and not those of the alarm: over some window
// that began after from, their likelihood ratio is high enough (CUSUM, which decides soonest), and they are not too many.
func (r *rate) isNormal(now, b, from float64) bool {
	f := max(r.alarmRate(now), minHourRatio*b)
	slot := slotOf(now)
	n := 0.0
	for ago := range int64(ringSlots) {
		start := float64((slot - ago) * slotSeconds)
		if start < from {
			return false
		}
		n += float64(r.counts.sum(slot-ago, 1))
		length := (now - start) / 60
		decided := (f-b)*length-n*math.Log(f/b) >= closeEvidence || ago == ringSlots-1
		if length >= minCloseMinutes && decided && n <= b*length+closeDeviations*math.Sqrt(b*length) {
			return true
		}
	}
	return false
}

// alarmRate returns the mean count per minute from the start of the alarm, or of the last hour, to the last event.
func (r *rate) alarmRate(now float64) float64 {
	n, first := 0.0, slotOf(max(r.alarmSince, now-3600+slotSeconds))
	last := first
	for slot := first; slot <= slotOf(now); slot++ {
		if events := r.counts.sum(slot, 1); events > 0 {
			n, last = n+float64(events), slot
		}
	}
	return n / (float64(last-first+1) * slotSeconds / 60)
}

// learn adds the minute that ends at now to the baseline. observed is whether the whole minute was observed.
func (r *rate) learn(now float64, h *Health, observed bool, windowCount int, normal func(minutes int64) float64) {
	if !observed {
		return
	}
	n := float64(r.counts.sum(slotOf(now)-1, minuteSlots-1))
	if r.alarmSince > 0 {
		r.base.learnUnusual(n, min(n, r.alarmBaseline), now)
		if now-r.alarmSince > acceptAfter || r.early && now-r.alarmSince > acceptEarlyAfter {
			mean := r.alarmRate(now)
			r.base.day, r.base.hour, r.base.byHour = mean, mean, [24]hourMean{}
			r.alarmSince, r.storm, r.early = 0, false, false
		}
		return
	}
	if r.counts.ring != nil && r.base.minutes >= minLearnedMinutes {
		r.learnScores(now, h, windowCount, normal)
	}
	if clamped := r.base.clamp(n); clamped < n {
		r.base.learnUnusual(n, clamped, now)
	} else {
		r.base.learn(n, now)
	}
}

// learnScores adds the scores of the windows that end at now. An unusual score is added only later, unless an alarm opens:
// then it belongs to the fault.
func (r *rate) learnScores(now float64, h *Health, windowCount int, normal func(minutes int64) float64) {
	minute := int64(now) / 60
	for i, w := range windows[:windowCount] {
		if wait := &r.pending[i]; wait.value > 0 && now >= wait.due {
			r.scores.add(wait.value, h.decay.weight)
			*wait = score{}
		}
		if minute%w.minutes != 0 || now-r.closedAt < float64(w.minutes+1)*60 {
			continue
		}
		_, z := r.window(now, w.minutes, normal(w.minutes))
		switch wait := &r.pending[i]; {
		case z < unusualScore:
			r.scores.add(z, h.decay.weight)
		default:
			*wait = score{value: max(z, wait.value), due: now + w.waits}
		}
	}
}
