package health

import "math"

const (
	// dayMinutes, halfDayMinutes, hourMinutes and quarterMinutes are over how many minutes a mean is smoothed.
	dayMinutes     = 24 * 60
	halfDayMinutes = 12 * 60
	hourMinutes    = 60
	quarterMinutes = 15
	// sameHourDays is over how many days the mean of an hour of the day is smoothed.
	sameHourDays = 3
	// hourKnown is how many minutes of an hour must have been learned for it to count.
	hourKnown = 30
	// hourEdge is how many minutes before its end an hour takes the next one into account, and after its begin the
	// previous one.
	hourEdge = 15
)

// baseline is the normal number of something a minute.
type baseline struct {
	minutes int     // that were learned
	day     float64 // means over a day, half a day, an hour, a quarter of one
	halfDay float64
	hour    float64
	quarter float64
	byHour  [24]hourMean
	of      int // the hour that is being learned
}

// hourMean is the mean of the same hour of the days before. What happens now is not normal because it goes on for some
// minutes.
type hourMean struct {
	mean    float32
	days    uint8
	minutes uint8   // of today
	sum     float32 // of today
}

// learn takes in the count of a full minute.
func (b *baseline) learn(count, now float64) {
	b.minutes++
	smooth := func(mean *float64, over int) { *mean += (count - *mean) / float64(min(b.minutes, over)) }
	smooth(&b.day, dayMinutes)
	smooth(&b.halfDay, halfDayMinutes)
	smooth(&b.hour, hourMinutes)
	smooth(&b.quarter, quarterMinutes)
	if hour := hourOfDay(now - 1); hour != b.of {
		b.byHour[b.of].end()
		b.of = hour
	}
	h := &b.byHour[b.of]
	h.minutes++
	h.sum += float32(count)
}

// end takes in the hour that is over.
func (h *hourMean) end() {
	if h.minutes >= hourKnown {
		h.days = min(h.days+1, sameHourDays)
		h.mean += (h.sum/float32(h.minutes) - h.mean) / float32(h.days)
	}
	h.minutes, h.sum = 0, 0
}

// robust returns what a count may teach: no more than chance makes of the baseline.
func (b *baseline) robust(count float64) float64 {
	if b.minutes < judgedMinutes {
		return count
	}
	normal := max(b.day, b.hour)
	return min(count, normal+3*math.Sqrt(normal)+1)
}

// highest returns the largest number a minute that is normal at this time of the day.
func (b *baseline) highest(now float64) float64 {
	most := b.day
	b.hours(now, func(mean float64) { most = max(most, mean) })
	return most
}

// lowest returns the smallest one.
func (b *baseline) lowest(now float64) float64 {
	least := min(b.hour, b.halfDay)
	b.hours(now, func(mean float64) { least = min(least, mean) })
	return least
}

// hours calls f with the mean of this hour of the day, and of the one that is near, as far as they are known.
func (b *baseline) hours(now float64, f func(mean float64)) {
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
