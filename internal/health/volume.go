package health

import "math"

const (
	// volumeMinutes is from how many learned minutes on a volume is judged.
	volumeMinutes = 30
	// volumeRatios is from how many ratios on their spread is trusted.
	volumeRatios = 60
	// slowExpected is how many records a window must be expected to have for too few of them to mean something.
	slowExpected = 12
	// slowPart is the part of the expected volume under which a worker is slow, and slowEnds where it is no more.
	slowPart = 1.0 / 4
	slowEnds = 1.0 / 2
	// floodMinute and floodTimes the baseline is a flood: five records a second hide everything else.
	floodMinute = 300
	floodTimes  = 10
	// volumeAccepted is after how many seconds a changed volume is what is normal.
	volumeAccepted = 2 * 3600
)

// volume is how many records, errors apart, a worker or a service logs, and whether that is too few or too many.
type volume struct {
	counts ring
	base   baseline
	ratios spread // of expected to counted

	slow  float64 // since when, 0 while it is not
	flood float64
	level float64 // a minute, when the alarm opened
}

// slowWindow returns over how many minutes a volume is judged: one, or ten where one has too few records. It is 0 where
// there are too few at all.
func slowWindow(expected float64) int64 {
	switch {
	case expected >= slowExpected:
		return 1
	case 10*expected >= slowExpected:
		return 10
	}
	return 0
}

// judge opens and closes the alarms. voice is whose records they are: who does not log at all is quiet rather than slow,
// and after a quiet only the time since then counts.
func (v *volume) judge(now float64, h *Health, voice *voice) {
	v.judgeFlood(now)
	expected := v.base.lowest(now)
	if v.slow > 0 {
		n, length := v.window(now, max(slowWindow(v.level), 1), 0)
		if n >= slowEnds*v.level*length || now-v.slow > volumeAccepted {
			v.slow = 0
		}
		return
	}
	minutes := slowWindow(expected)
	if minutes == 0 || v.base.minutes < volumeMinutes || voice.quiet(now, &h.watch) >= quietLeast {
		return
	}
	n, length := v.window(now, minutes, max(voice.back, h.watch.resumed))
	if expected*length < slowExpected || n >= slowPart*expected*length || deviations(n, expected*length) > -openScore {
		return
	}
	if limit := v.ratios.limit(rarerQuiet, quietMargin, h.decay.weight); v.learnedRatios(h) < volumeRatios || expected*length/max(n, 1) < limit.limit {
		return
	}
	v.slow, v.level = now-60*length, expected
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
	switch normal := v.base.highest(now); {
	case v.flood > 0:
		if n < floodMinute || n < floodTimes/2*v.level || now-v.flood > volumeAccepted {
			v.flood = 0
		}
	case v.base.minutes >= volumeMinutes && n >= floodMinute && n >= floodTimes*normal:
		v.flood, v.level = now-60, normal
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
	expected := v.base.lowest(now)
	if minutes := slowWindow(expected); logging && minutes > 0 && int64(now)/60%minutes == 0 {
		if counted := float64(v.counts.sum(slotOf(now)-1, minutes*60/slotSeconds)); counted > 0 {
			v.ratios.add(expected*float64(minutes)/math.Max(counted, 1), h.decay.weight)
		}
	}
	v.base.learn(n, now)
}
