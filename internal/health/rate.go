package health

import "math"

const (
	// judgedMinutes is from how many learned minutes on a rate is judged.
	judgedMinutes = 10
	// openScore is from which score on a rate is too high: as many deviations of chance, which one window in a million
	// has, whatever the rate.
	openScore = 4.75
	// rarerScores is how many times rarer than once in all that is remembered a score must be.
	rarerScores = 16
	// scoreMargin is how many times the largest score that was seen twice it is at least.
	scoreMargin = 1.2
	// openRecords is how many records there must be.
	openRecords = 5
	// openTimes the baseline is the least that is too many; over an hour, openTimesHour.
	openTimes     = 2
	openTimesHour = 1.5
	// unsureScore is from which score on a window waits before it is learned.
	unsureScore = 3
	// closeDeviations is how many deviations of chance part the rate of an alarm and the baseline when the alarm may
	// close: the square root of 12.
	closeDeviations = 3.46
	// closeMost is the most minutes that an alarm waits for.
	closeMost = 59
	// acceptAfter is after how many seconds a rate that goes on is what is normal.
	acceptAfter = day
	// shortAlarm is under how many seconds an alarm is short. The third of a day teaches: then it is what happens, as
	// in an hourly batch.
	shortAlarm  = 10 * 60
	alarmsADay  = 3
	stormTimes  = 10
	stormMinute = 30 // one every two seconds is more than anybody reads
)

// windows are the minutes over which a rate is judged, and after how many seconds an unusual score is learned.
var windows = [...]struct {
	minutes int64
	waits   float64
}{{1, 10 * 60}, {10, 3600}, {60, 4 * 3600}}

// rate is how often something happens, what is normal, and whether it is too much.
type rate struct {
	counts  tally
	base    baseline
	scores  spread
	waiting [len(windows)]score // that may teach later

	since   float64 // of the alarm; 0 while there is none
	storm   bool
	mean    float64 // a minute, of those minutes of the alarm that looked wrong
	normal  float64 // the baseline when the alarm opened
	peak    float64 // the highest score of the alarm
	closed  float64 // when the last alarm ended: no window reaches back over that
	short   float32 // short alarms of about a day
	shortAt float64
}

type score struct{ value, due float64 }

// fill returns for how many minutes a window of so many slots has been counted.
func windowMinutes(now float64, minutes int64) float64 {
	return float64(minutes) + (now-float64(slotOf(now)*slotSeconds))/60
}

// deviations returns how unlikely it is to count n where expected is normal: the square root of twice the log-likelihood
// ratio of a Poisson count, which at any rate is as many deviations of a normal distribution.
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

// floor is the least that is known of a rate that was never seen: half a record in all that was learned.
func (r *rate) floor() float64 { return 0.5 / float64(max(r.base.minutes, 1)) }

// window returns the count of the last minutes and its score against so many a minute.
func (r *rate) window(now float64, minutes int64, normal float64) (n, z float64) {
	n = float64(r.counts.sum(slotOf(now), minutes*60/slotSeconds+1))
	length := windowMinutes(now, minutes)
	z = deviations(n, max(normal, r.floor())*length)
	return n, z / math.Sqrt(1+length/float64(max(r.base.minutes, 1)))
}

// judge opens and closes the alarm. baseline returns what is normal over so many minutes up to now; most is how many of
// the windows count.
func (r *rate) judge(now float64, h *Health, most int, normal func(minutes int64) float64) {
	if r.since > 0 {
		r.close(now, h, normal)
		return
	}
	if r.counts.ring == nil || r.base.minutes < judgedMinutes {
		return
	}
	limit := -1.0
	for _, w := range windows[:most] {
		if now-r.closed < float64(w.minutes+1)*60 {
			break
		}
		b := normal(w.minutes)
		n, z := r.window(now, w.minutes, b)
		times := float64(openTimes)
		if w.minutes == 60 {
			times = openTimesHour
		}
		length := windowMinutes(now, w.minutes)
		if n < openRecords || z < openScore || n < times*b*length {
			continue
		}
		if limit < 0 {
			limit = r.scores.limit(rarerScores, scoreMargin, h.decay.weight).limit
		}
		if z < limit {
			continue
		}
		r.since, r.mean, r.normal, r.peak = r.began(now, w.minutes, b), n/length, b, z
		r.waiting = [len(windows)]score{}
		r.isStorm(now)
		return
	}
}

// began returns when in a window the rate has risen: where the records from then on are least like the baseline.
func (r *rate) began(now float64, minutes int64, normal float64) float64 {
	slot := slotOf(now)
	best, since, n := 0.0, now, 0.0
	for back := range minutes*60/slotSeconds + 1 {
		n += float64(r.counts.sum(slot-back, 1))
		start := float64((slot - back) * slotSeconds)
		if z := deviations(n, max(normal, r.floor())*max(now-start, 1)/60); z > best {
			best, since = z, start
		}
	}
	return since
}

// isStorm makes the alarm a storm once there are enough in the last minute.
func (r *rate) isStorm(now float64) {
	n := float64(r.counts.sum(slotOf(now), minuteSlots))
	r.storm = r.storm || n >= stormMinute && n >= stormTimes*r.normal
}

// close ends the alarm when the last minutes look normal: as many as it takes to tell the alarm's rate from the baseline.
func (r *rate) close(now float64, h *Health, normal func(minutes int64) float64) {
	r.isStorm(now)
	b := max(normal(1), r.floor())
	f := max(r.mean, openTimesHour*b)
	m := closeDeviations * closeDeviations * math.Pow(math.Sqrt(f)+math.Sqrt(b), 2) / math.Pow(f-b, 2)
	slots := int64(math.Ceil(min(max(m, 1), closeMost) * 60 / slotSeconds))
	n := float64(r.counts.sum(slotOf(now), slots+1))
	length := (now - float64((slotOf(now)-slots)*slotSeconds)) / 60
	r.peak = max(r.peak, deviations(n, b*length)/math.Sqrt(1+length/float64(max(r.base.minutes, 1))))
	if now-r.since < 60*length && r.storm || now-h.watch.resumed < 60*length && h.watch.lost > 0 {
		return
	}
	if n > b*length+closeDeviations*math.Sqrt(b*length) {
		return
	}
	if now-r.since < shortAlarm+60*length {
		r.short = r.short*float32(max(0, 1-(now-r.shortAt)/(2*day))) + 1
		r.shortAt = now
		if r.short >= alarmsADay-0.5 {
			r.scores.add(r.peak, h.decay.weight)
		}
	}
	r.since, r.storm, r.closed = 0, false, now
}

// learn takes in the minute that is over, at its end. observed is whether all of it was.
func (r *rate) learn(now float64, h *Health, observed bool, most int, normal func(minutes int64) float64) {
	if !observed {
		return
	}
	n := float64(r.counts.sum(slotOf(now)-1, minuteSlots-1))
	if r.since > 0 {
		if b := max(r.normal, r.floor()); deviations(n, b) > 2 {
			r.mean += (n - r.mean) / 5
		}
		r.base.learn(min(n, r.normal), now)
		if now-r.since > acceptAfter {
			r.base.day, r.base.hour, r.base.byHour = r.mean, r.mean, [24]hourMean{}
			r.since, r.storm = 0, false
		}
		return
	}
	if r.counts.ring != nil && r.base.minutes >= judgedMinutes {
		r.learnScores(now, h, most, normal)
	}
	r.base.learn(r.base.robust(n), now)
}

// learnScores takes in the scores of the windows that are over. What is unusual waits: if an alarm follows, it was the
// beginning of what is wrong.
func (r *rate) learnScores(now float64, h *Health, most int, normal func(minutes int64) float64) {
	minute := int64(now) / 60
	for i, w := range windows[:most] {
		if wait := &r.waiting[i]; wait.value > 0 && now >= wait.due {
			r.scores.add(wait.value, h.decay.weight)
			*wait = score{}
		}
		if minute%w.minutes != 0 || now-r.closed < float64(w.minutes+1)*60 {
			continue
		}
		_, z := r.window(now, w.minutes, normal(w.minutes))
		switch wait := &r.waiting[i]; {
		case z < unsureScore:
			r.scores.add(z, h.decay.weight)
		case z > wait.value:
			*wait = score{value: z, due: now + w.waits}
		}
	}
}
