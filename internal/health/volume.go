package health

import "math"

const (
	// minVolumeMinutes is how many minutes must have been learned before a volume can raise an alarm.
	minVolumeMinutes = 30
	// minRatios is how many ratios must have been learned before that.
	minRatios = 60
	// minExpected is how many records must be expected in a window for too few of them to be significant. Of so many
	// random records, less than a quarter comes once in years.
	minExpected = 25
	// maxVolumeRise is how many times the baseline a minute counts at most when it is learned.
	maxVolumeRise = 4
	// ratioRarity is how many times rarer than one in the remembered ratios such a ratio must be.
	ratioRarity = 64
	// slowShare is the share of the expected volume under which a worker is slow, slowEndShare the one over which it no
	// longer is.
	slowShare    = 1.0 / 4
	slowEndShare = 1.0 / 2
	// A flood has at least floodPerMinute records a minute, since five a second hide everything else, and floodRatio times
	// the baseline. It is detected over 15 to 30 s, with at least half as many records as in a minute.
	floodPerMinute = 300
	floodRatio     = 10
	// After knownFloods floods within a day, as when a queue is drained, only a flood of floodPeakRatio times the highest
	// minute of them is reported.
	knownFloods    = 1.5
	floodPeakRatio = 2
	// acceptVolumeAfter is the duration of an alarm after which its volume becomes the baseline, in seconds: the traffic of
	// a whole service changes, but a worker that logs less than the others is faulty for longer.
	acceptVolumeAfter       = 2 * 3600
	acceptWorkerVolumeAfter = 12 * 3600
)

// volume is how many records a worker or a service logs, without errors, and the alarms for too few and too many.
type volume struct {
	counts ring
	base   baseline
	ratios spread // ratios of the expected count to the actual one

	slowSince     float64 // 0 if the volume is not too low
	floodSince    float64 // 0 if there is no flood
	alarmBaseline float64 // the normal count per minute when the alarm opened
	slowMinutes   int64   // length of the window in which the volume was too low
	slowRatio     float64 // the ratio of the expected count to the actual one in that window
	floodPeak     float64 // highest count of a minute in the last floods
	floods        float32 // number of floods within about a day
	floodEnded    float64 // when the last flood ended
}

// expected returns the expected number of records a minute. For a worker it is lowered by siblingsShare, so that no worker
// is slow when all log less. For a service, where siblingsShare is nil, it is at most the mean of the last quarter of an
// hour, so that a service isn't slow when traffic falls in the evening.
func (v *volume) expected(now float64, siblingsShare func(minutes int64) float64, minutes int64) float64 {
	expected := v.base.lowest(now)
	if siblingsShare == nil {
		return min(expected, v.base.quarter)
	}
	return expected * siblingsShare(minutes)
}

// slowWindow returns the length of the window for detecting a low volume: one minute, ten minutes if one is too short to
// expect enough records, or 0 if ten are too short as well.
func (v *volume) slowWindow(now float64) int64 {
	switch expected := v.base.lowest(now); {
	case expected >= minExpected:
		return 1
	case 10*expected >= minExpected:
		return 10
	}
	return 0
}

// updateAlarms opens and closes the alarms. activity is that of the same worker or service: without any records it is quiet
// instead of slow, and after a long quiet only the time since then counts.
func (v *volume) updateAlarms(now float64, h *Health, activity *activity, siblingsShare func(minutes int64) float64) {
	v.updateFlood(now)
	if v.slowSince > 0 {
		v.endSlow(now, h, siblingsShare != nil)
		return
	}
	minutes := v.slowWindow(now)
	if minutes == 0 || v.base.minutes < minVolumeMinutes || activity.quietFor(now, &h.watch) >= minQuiet {
		return
	}
	n, length := v.window(now, minutes, max(activity.resumed, h.watch.resumed))
	if n >= slowShare*v.base.lowest(now)*length {
		return
	}
	expected := v.expected(now, siblingsShare, minutes)
	if expected*length < minExpected || n >= slowShare*expected*length || deviations(n, expected*length) > -alarmScore {
		return
	}
	if limit := v.ratios.limit(ratioRarity, quietMargin, h.decay.weight); v.ratioCount(h) < minRatios || expected*length/max(n, 1) < limit.limit {
		return
	}
	v.slowSince, v.alarmBaseline, v.slowMinutes = now-60*length, expected, minutes
	v.slowRatio = expected * length / max(n, 1)
}

// endSlow closes the alarm for too few records when there are enough again, or accepts their number after some hours.
func (v *volume) endSlow(now float64, h *Health, isWorker bool) {
	n, length := v.window(now, v.slowMinutes, v.slowSince)
	acceptAfter := float64(acceptVolumeAfter)
	if isWorker {
		acceptAfter = acceptWorkerVolumeAfter
	}
	switch {
	case n >= slowEndShare*v.alarmBaseline*length:
		if now-v.slowSince < shortAlarm+60*length { // so short a lack of records was chance
			v.ratios.add(v.slowRatio, h.decay.weight)
		}
		v.slowSince = 0
	case now-v.slowSince > acceptAfter:
		v.base.acceptHours(v.slowSince, now, n/length)
		v.slowSince, v.base.hour = 0, n/length
	}
}

// siblingsShare returns the records of the other workers of w's service as a share of what is expected of them, at most 1.
func (w *worker) siblingsShare(now float64, minutes int64) float64 {
	all := &w.service.volume
	n, length := all.window(now, minutes, 0)
	own, _ := w.volume.window(now, minutes, 0)
	expected := (all.base.lowest(now) - w.volume.base.lowest(now)) * length
	if expected < minExpected/2 { // there are no siblings to compare with
		return min(1, w.volume.base.quarter/max(w.volume.base.lowest(now), 1e-9))
	}
	return min(1, (n-own)/expected)
}

// ratioCount returns the number of learned ratios that have not decayed.
func (v *volume) ratioCount(h *Health) (n float64) {
	for _, w := range v.ratios {
		n += float64(w / h.decay.weight)
	}
	return n
}

// rise returns by which factor the volume of the last minutes certainly exceeds the highest normal one, at least 1.
func (v *volume) rise(now float64, minutes int64) float64 {
	normal := v.base.highest(now)
	if v.base.minutes < minVolumeMinutes || normal == 0 {
		return 1
	}
	n, length := v.window(now, minutes, 0)
	return max(1, (n-2*math.Sqrt(n))/length/normal)
}

// window returns the count of the last minutes, but not before from, and the exact number of minutes.
func (v *volume) window(now float64, minutes int64, from float64) (n, length float64) {
	slots := min(minutes*60/slotSeconds+1, slotOf(now)-slotOf(from))
	return float64(v.counts.sum(slotOf(now), slots)), (now - float64((slotOf(now)-slots+1)*slotSeconds)) / 60
}

// updateFlood opens or closes the alarm for too many records.
func (v *volume) updateFlood(now float64) {
	n := float64(v.counts.sum(slotOf(now), minuteSlots))
	recent := float64(v.counts.sum(slotOf(now), 2))
	rate := 60 * recent / (now - float64((slotOf(now)-1)*slotSeconds))
	switch normal := v.base.highest(now); {
	case v.floodSince > 0:
		v.floodPeak = max(v.floodPeak, n)
		switch {
		case n < floodPerMinute, n < floodRatio/2*v.alarmBaseline:
			v.floods = v.floods*float32(max(0, 1-(now-v.floodEnded)/(2*day))) + 1
			v.floodSince, v.floodEnded = 0, now
		case now-v.floodSince > acceptVolumeAfter:
			v.floodSince, v.base.day = 0, n
		}
	case v.base.minutes >= minVolumeMinutes && recent >= floodPerMinute/2 && rate >= floodRatio*normal && (v.floods < knownFloods || rate >= floodPeakRatio*v.floodPeak):
		v.floodSince, v.alarmBaseline = now-30, normal
	}
}

// learn adds the minute that ends at now to the baseline. During an alarm it adds the baseline from before the alarm.
func (v *volume) learn(now float64, h *Health, observed, logging bool) {
	if !observed {
		return
	}
	n := float64(v.counts.sum(slotOf(now)-1, minuteSlots-1))
	if v.slowSince > 0 || v.floodSince > 0 {
		v.base.learnUnusual(n, v.alarmBaseline, now)
		return
	}
	if logging {
		v.learnRatio(now, h)
	}
	// A rise counts only in part, so that the end of a wave isn't a lack of records.
	if v.base.minutes >= minLearnedMinutes {
		n = min(n, maxVolumeRise*max(v.base.day, v.base.hour, 1))
	}
	v.base.learn(n, now)
}

// learnRatio adds the ratio of a window that ends at now.
func (v *volume) learnRatio(now float64, h *Health) {
	minutes := v.slowWindow(now)
	if minutes == 0 || int64(now)/60%minutes != 0 {
		return
	}
	expected := v.base.lowest(now) * float64(minutes)
	counted := float64(v.counts.sum(slotOf(now)-1, minutes*60/slotSeconds))
	v.ratios.add(expected/max(counted, 1), h.decay.weight)
}
