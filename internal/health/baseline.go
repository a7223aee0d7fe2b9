package health

import "math"

const (
	// dayMinutes, halfDayMinutes, hourMinutes and quarterMinutes are the periods over which means are smoothed, in
	// minutes.
	dayMinutes     = 24 * 60
	halfDayMinutes = 12 * 60
	hourMinutes    = 60
	quarterMinutes = 15
	// sameHourDays is the number of days over which the mean of an hour of the day is smoothed.
	sameHourDays = 3
	// minHourMinutes is how many minutes of an hour must have been learned for the hour to count.
	minHourMinutes = 30
	// In the first and last hourEdge minutes of an hour, the mean of the neighboring hour counts, too.
	hourEdge = 15
)

// baseline is the normal number of something a minute.
type baseline struct {
	minutes     int     // that were learned
	day         float64 // means over a day, half a day, an hour, a quarter of one
	halfDay     float64
	hour        float64
	quarter     float64
	byHour      [24]hourMean
	currentHour int // index of the hour that is being learned
}

// hourMean is the mean of an hour of the day over the previous days. Today's minutes are added only when the hour ends, so
// that a fault of some minutes doesn't become normal. An alarm on the second day in a row does: it comes at this hour.
type hourMean struct {
	mean         float32
	sum          float32 // of today
	alarmSum     float32 // of today's minutes during an alarm
	days         uint8
	minutes      uint8 // of today
	alarmMinutes uint8 // of today
	alarmed      bool  // whether there was an alarm on the day before
}

// learn adds the count of the minute that ends at now.
func (b *baseline) learn(count, now float64) {
	b.minutes++
	smooth := func(mean *float64, over int) { *mean += (count - *mean) / float64(min(b.minutes, over)) }
	smooth(&b.day, dayMinutes)
	smooth(&b.halfDay, halfDayMinutes)
	smooth(&b.hour, hourMinutes)
	smooth(&b.quarter, quarterMinutes)
	if hour := hourOfDay(now - 1); hour != b.currentHour {
		b.byHour[b.currentHour].endHour()
		b.currentHour = hour
	}
	h := &b.byHour[b.currentHour]
	h.minutes++
	h.sum += float32(count)
}

// learnAlarm adds the minute that ends at now, which belongs to an alarm, as if its count were the normal one.
func (b *baseline) learnAlarm(count, normal, now float64) {
	b.learn(normal, now)
	h := &b.byHour[b.currentHour]
	h.alarmMinutes++
	h.alarmSum += float32(count)
}

// endHour adds today's hour to the mean.
func (h *hourMean) endHour() {
	if h.minutes >= minHourMinutes {
		h.days = min(h.days+1, sameHourDays)
		h.mean += (h.sum/float32(h.minutes) - h.mean) / float32(h.days)
	}
	if h.alarmed && h.alarmMinutes > 0 {
		h.mean = h.alarmSum / float32(h.alarmMinutes)
	}
	h.alarmed = h.alarmMinutes > 0
	h.minutes, h.sum, h.alarmMinutes, h.alarmSum = 0, 0, 0, 0
}

// clamp limits a count to what chance explains, so that an outlier hardly moves the baseline.
func (b *baseline) clamp(count float64) float64 {
	if b.minutes < minLearnedMinutes {
		return count
	}
	normal := max(b.day, b.hour)
	return min(count, normal+3*math.Sqrt(normal)+1)
}

// highest returns the highest number a minute that is normal at this time of the day.
func (b *baseline) highest(now float64) float64 {
	highest := b.day
	b.eachHour(now, func(mean float64) { highest = max(highest, mean) })
	return highest
}

// lowest returns the lowest number a minute that is normal at this time of the day.
func (b *baseline) lowest(now float64) float64 {
	lowest := min(b.hour, b.halfDay)
	b.eachHour(now, func(mean float64) { lowest = min(lowest, mean) })
	return lowest
}

// eachHour calls f with the mean of this hour of the day, and with that of the neighboring hour if it is near. It skips an
// hour without data.
func (b *baseline) eachHour(now float64, f func(mean float64)) {
	use := func(hour int) {
		if h := b.byHour[(hour+24)%24]; h.days > 0 {
			f(float64(h.mean))
		}
	}
	hour := hourOfDay(now)
	use(hour)
	switch minute := minuteOfHour(now); {
	case minute < hourEdge:
		use(hour - 1)
	case minute >= 60-hourEdge:
		use(hour + 1)
	}
}

// hourOfDay returns the hour of the day, in UTC.
func hourOfDay(now float64) int { return int(index(int64(now), 24*3600) / 3600) }

func minuteOfHour(now float64) int { return int(index(int64(now), 3600) / 60) }
