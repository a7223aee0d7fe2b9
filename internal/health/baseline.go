package health

import "math"

const (
	// dayMinutes, hourMinutes and quarterMinutes are the periods over which means are smoothed, in
	// minutes.
	dayMinutes     = 24 * 60
	hourMinutes    = 60
	quarterMinutes = 15
	// sameHourDays is the number of days over which the mean of an hour of the day is smoothed.
	sameHourDays = 3
	// minHourMinutes is how many minutes of an hour must have been learned for the hour to count.
	minHourMinutes = 30
	// minUnusual is how many minutes of an hour must be unusual for the same to be normal on the day after the next.
	minUnusual = 3
	// In the first and last hourEdge minutes of an hour, the mean of the neighboring hour counts, too.
	hourEdge = 15
)

// baseline is the normal number of something a minute.
type baseline struct {
	minutes     int     // that were learned
	day         float64 // means over a day, an hour, a quarter of one
	hour        float64
	quarter     float64
	byHour      [24]hourMean
	currentHour int // index of the hour that is being learned
}

// hourMean is the mean of an hour of the day over the previous days. Today's minutes are added only when the hour ends, so
// that a fault of some minutes doesn't become normal. What is unusual on the second day in a row does: it comes at this hour.
type hourMean struct {
	mean       float32
	sum        float32 // of today
	unusualSum float32 // of today's unusual minutes
	days       uint8
	minutes    uint8 // of today
	unusual    uint8 // today's minutes in an alarm, and outliers
	wasUnusual bool  // whether there were enough of them on the day before
}

// learn adds the count of the minute that ends at now.
func (b *baseline) learn(count, now float64) {
	b.minutes++
	smooth := func(mean *float64, over int) { *mean += (count - *mean) / float64(min(b.minutes, over)) }
	smooth(&b.day, dayMinutes)
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

// learnUnusual adds the minute that ends at now, which belongs to an alarm or is an outlier, as if its count were a normal
// one.
func (b *baseline) learnUnusual(count, normal, now float64) {
	b.learn(normal, now)
	h := &b.byHour[b.currentHour]
	h.unusual++
	h.unusualSum += float32(count)
}

// acceptHours makes a count a minute the mean of the hours between two times.
func (b *baseline) acceptHours(from, to, count float64) {
	for t := from; t < to+hour; t += hour {
		h := &b.byHour[hourOfDay(min(t, to))]
		h.mean, h.sum = min(h.mean, float32(count)), float32(count)*float32(h.minutes)
	}
}

// endHour adds today's hour to the mean.
func (h *hourMean) endHour() {
	if h.minutes >= minHourMinutes {
		h.days = min(h.days+1, sameHourDays)
		h.mean += (h.sum/float32(h.minutes) - h.mean) / float32(h.days)
	}
	isUnusual := h.unusual >= minUnusual
	if h.wasUnusual && isUnusual {
		h.mean = h.unusualSum / float32(h.unusual)
	}
	h.wasUnusual = isUnusual
	h.minutes, h.sum, h.unusual, h.unusualSum = 0, 0, 0, 0
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
	b.eachHour(now, hourEdge, func(mean float64) { highest = max(highest, mean) })
	return highest
}

// lowest returns the lowest number a minute that is normal at this time of the day, or an hour before or after: daylight
// saving time moves evenings.
func (b *baseline) lowest(now float64) float64 {
	lowest := b.hour
	b.eachHour(now, 60, func(mean float64) { lowest = min(lowest, mean) })
	return lowest
}

// eachHour calls f with the mean of this hour of the day, and with those of the neighboring hours if they are less than edge
// minutes away. It skips an hour without data.
func (b *baseline) eachHour(now float64, edge int, f func(mean float64)) {
	use := func(hour int) {
		if h := b.byHour[(hour+24)%24]; h.days > 0 {
			f(float64(h.mean))
		}
	}
	hour := hourOfDay(now)
	use(hour)
	if minuteOfHour(now) < edge {
		use(hour - 1)
	}
	if minuteOfHour(now) >= 60-edge {
		use(hour + 1)
	}
}

// hourOfDay returns the hour of the day, in UTC.
func hourOfDay(now float64) int { return int(index(int64(now), 24*3600) / 3600) }

func minuteOfHour(now float64) int { return int(index(int64(now), 3600) / 60) }
