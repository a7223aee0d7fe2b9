package health

const (
	// volumeMinutes is from how many learned minutes on a volume is judged.
	volumeMinutes = 30
	// volumeRatios is from how many ratios on their spread is trusted.
	volumeRatios = 60
	// slowExpected is how many records a window must be expected to have for too few of them to mean something: of
	// that many at random, a quarter is a matter of years.
	slowExpected = 25
	// unsureRatio is for how many seconds an unusual ratio waits before it is learned.
	unsureRatio = 3600
	// slowPart is the part of the expected volume under which a worker is slow, and slowEnds where it is no more.
	slowPart = 1.0 / 4
	slowEnds = 1.0 / 2
	// floodMinute and floodTimes the baseline is a flood: five records a second hide everything else. It is judged over
	// half a minute, so that one is seen in twenty seconds and not in fifty.
	floodMinute = 300
	floodTimes  = 10
	// volumeAccepted is after how many seconds a changed volume is what is normal.
	volumeAccepted = 2 * 3600
)

// volume is how many records, errors apart, a worker or a service logs, and whether that is too few or too many.
type volume struct {
	counts  ring
	base    baseline
	ratios  spread // of expected to counted
	waiting score  // a ratio that may teach later

	slow    float64 // since when, 0 while it is not
	flood   float64
	level   float64 // a minute, when the alarm opened
	minutes int64   // over which it is slow
}

// expected returns how many records a minute are expected. lowered is how many of what is expected the other workers of
// the service log: when all log less, none of them is slow. A service has no others, so it is judged by the last quarter
// of an hour, too: an evening is not slow.
func (v *volume) expected(now float64, lowered func(minutes int64) float64, minutes int64) float64 {
	expected := v.base.lowest(now)
	if lowered == nil {
		return min(expected, v.base.quarter)
	}
	return expected * lowered(minutes)
}

// slowWindow returns over how many minutes too few records are judged: one, or ten where one has too few to be expected, or
// 0 where there are too few at all.
func (v *volume) slowWindow(now float64) int64 {
	switch expected := v.base.lowest(now); {
	case expected >= slowExpected:
		return 1
	case 10*expected >= slowExpected:
		return 10
	}
	return 0
}

// judge opens and closes the alarms. activity is whose records they are: who does not log at all is quiet rather than slow,
// and after a quiet only the time since then counts. lowered is nil for a service.
func (v *volume) judge(now float64, h *Health, activity *activity, lowered func(minutes int64) float64) {
	v.judgeFlood(now)
	if v.slow > 0 {
		n, length := v.window(now, v.minutes, 0)
		if n >= slowEnds*v.level*length || now-v.slow > volumeAccepted {
			v.slow = 0
		}
		return
	}
	minutes := v.slowWindow(now)
	if minutes == 0 || v.base.minutes < volumeMinutes || activity.quiet(now, &h.watch) >= quietLeast {
		return
	}
	n, length := v.window(now, minutes, max(activity.back, h.watch.resumed))
	if n >= slowPart*v.base.lowest(now)*length {
		return
	}
	expected := v.expected(now, lowered, minutes)
	if expected*length < slowExpected || n >= slowPart*expected*length || deviations(n, expected*length) > -openScore {
		return
	}
	if limit := v.ratios.limit(rarerQuiet, quietMargin, h.decay.weight); v.learnedRatios(h) < volumeRatios || expected*length/max(n, 1) < limit.limit {
		return
	}
	v.slow, v.level, v.minutes = now-60*length, expected, minutes
	v.waiting = score{}
}

// lowered returns which part of what is expected of the other workers of w's service they log, at most all.
func (w *worker) lowered(now float64, minutes int64) float64 {
	all := &w.service.volume
	n, length := all.window(now, minutes, 0)
	own, _ := w.volume.window(now, minutes, 0)
	expected := (all.base.lowest(now) - w.volume.base.lowest(now)) * length
	if expected < slowExpected/2 { // it has no others
		return min(1, w.volume.base.quarter/max(w.volume.base.lowest(now), 1e-9))
	}
	return min(1, (n-own)/expected)
}

func (v *volume) learnedRatios(h *Health) (n float64) {
	for _, w := range v.ratios {
		n += float64(w / h.decay.weight)
	}
	return n
}

// window returns the count of the last minutes, as far as they are later than from, and how many minutes that is.
func (v *volume) window(now float64, minutes int64, from float64) (n, length float64) {
	slots := min(minutes*60/slotSeconds+1, slotOf(now)-slotOf(from))
	return float64(v.counts.sum(slotOf(now), slots)), (now - float64((slotOf(now)-slots+1)*slotSeconds)) / 60
}

func (v *volume) judgeFlood(now float64) {
	n := float64(v.counts.sum(slotOf(now), minuteSlots))
	half := 2 * float64(v.counts.sum(slotOf(now), minuteSlots/2))
	switch normal := v.base.highest(now); {
	case v.flood > 0:
		if n < floodMinute || n < floodTimes/2*v.level || now-v.flood > volumeAccepted {
			v.flood = 0
		}
	case v.base.minutes >= volumeMinutes && half >= floodMinute && half >= floodTimes*normal:
		v.flood, v.level = now-30, normal
	}
}

// learn takes in the minute that is over, at its end. In an alarm it teaches only the level before it.
func (v *volume) learn(now float64, h *Health, observed, logging bool) {
	if !observed {
		return
	}
	n := float64(v.counts.sum(slotOf(now)-1, minuteSlots-1))
	if v.slow > 0 || v.flood > 0 {
		v.base.learn(v.level, now)
		return
	}
	if logging {
		v.learnRatio(now, h)
	}
	v.base.learn(n, now)
}

// learnRatio takes in the ratio of a window that is over. What is unusual waits: if an alarm follows, it was its begin.
func (v *volume) learnRatio(now float64, h *Health) {
	if v.waiting.value > 0 && now >= v.waiting.due {
		v.ratios.add(v.waiting.value, h.decay.weight)
		v.waiting = score{}
	}
	minutes := v.slowWindow(now)
	if minutes == 0 || int64(now)/60%minutes != 0 {
		return
	}
	expected := v.base.lowest(now) * float64(minutes)
	counted := float64(v.counts.sum(slotOf(now)-1, minutes*60/slotSeconds))
	ratio := expected / max(counted, 1)
	switch {
	case deviations(counted, expected) > -unsureScore:
		v.ratios.add(ratio, h.decay.weight)
	case ratio > v.waiting.value:
		v.waiting = score{ratio, now + unsureRatio}
	}
}
