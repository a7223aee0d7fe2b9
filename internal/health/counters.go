package health

import (
	"cmp"
	"slices"
	"time"

	"github.com/SupermanScott/Elva/internal/record"
	"github.com/SupermanScott/Elva/internal/status"
)

const (
	// levelCount is the number of levels, including Unknown.
	levelCount = int(record.Critical) + 1
	// secondsKept and minutesKept are how many counts by second and by minute are kept.
	secondsKept = 60
	minutesKept = 60
	// rateSeconds is the number of seconds over which rates are averaged. A shorter time makes them jump, a longer one
	// hides recent changes.
	rateSeconds = 10
	// maxChannels bounds the counts by channel, since a pattern can match any number of channels.
	maxChannels = 200
	// otherChannels is the name under which further channels are counted together.
	otherChannels = "(other)"
)

type counts [levelCount]uint64

// counters count all records by level: in total, by channel, by second and by minute.
type counters struct {
	total    counts
	channels map[string]*counts
	seconds  [secondsKept][levelCount]uint32
	minutes  [minutesKept][levelCount]uint32
	second   int64 // the newest one, Unix
}

// channel returns the counts of a channel.
func (c *counters) channel(name string) *counts {
	n := c.channels[name]
	if n == nil {
		if len(c.channels) >= maxChannels {
			name = otherChannels
		}
		if n = c.channels[name]; n == nil {
			n = new(counts)
			c.channels[clip(name)] = n
		}
	}
	return n
}

// add counts a record.
func (c *counters) add(second int64, level record.Level) {
	c.advance(second)
	c.total[level]++
	if c.second-second < secondsKept {
		c.seconds[index(second, secondsKept)][level]++
	}
	if minute := minuteOf(second); minuteOf(c.second)-minute < minutesKept {
		c.minutes[index(minute, minutesKept)][level]++
	}
}

// minuteOf returns the minute of a time in Unix seconds.
func minuteOf(second int64) int64 { return (second - index(second, 60)) / 60 }

// advance makes second the newest one, unless it is an older one.
func (c *counters) advance(second int64) {
	if second-c.second > 3600 { // after an hour all counts are zero anyway
		c.second = second - 3600
	}
	for c.second < second {
		c.second++
		c.seconds[index(c.second, secondsKept)] = [levelCount]uint32{}
		if index(c.second, 60) == 0 {
			c.minutes[index(minuteOf(c.second), minutesKept)] = [levelCount]uint32{}
		}
	}
}

// sumSeconds adds up the counts of the seconds from first to last, both counted back from the newest second.
func (c *counters) sumSeconds(first, last int64) (n counts) {
	for ago := first; ago <= last; ago++ {
		for l, k := range c.seconds[index(c.second-ago, secondsKept)] {
			n[l] += uint64(k)
		}
	}
	return n
}

// fill writes the counts into d, by minute for the given number of minutes.
func (c *counters) fill(d *status.Document, started int64, minutes int64) {
	d.Counts, d.Rates = status.Levels{}, status.Levels{}
	newest := minuteOf(c.second)
	d.Minutes = status.Minutes{From: time.Unix((newest-minutes+1)*60, 0).UTC(), Levels: make(map[string][]uint32)}
	// The current second is incomplete, so it doesn't count.
	span := max(1, min(rateSeconds, c.second-started))
	recent := c.sumSeconds(1, span)
	for l := range levelCount {
		if c.total[l] == 0 {
			continue
		}
		name := levelName(record.Level(l))
		d.Counts[name] = float64(c.total[l])
		d.Rates[name] = float64(recent[l]) / float64(span)
		for m := newest - minutes + 1; m <= newest; m++ {
			d.Minutes.Levels[name] = append(d.Minutes.Levels[name], c.minutes[index(m, minutesKept)][l])
		}
	}
	last := c.sumSeconds(0, secondsKept-1)
	d.Errors.LastMinute = float64(last[record.Error] + last[record.Critical])
}

// records returns the counts by channel, ordered by name.
func (c *counters) records() []status.ChannelRecords {
	list := make([]status.ChannelRecords, 0, len(c.channels))
	for name, n := range c.channels {
		channel := status.ChannelRecords{Channel: name}
		for level, records := range n {
			if records > 0 {
				channel.Levels = append(channel.Levels, status.LevelRecords{Level: levelName(record.Level(level)), Records: records})
			}
		}
		list = append(list, channel)
	}
	slices.SortFunc(list, func(a, b status.ChannelRecords) int { return cmp.Compare(a.Channel, b.Channel) })
	return list
}

func levelName(l record.Level) string {
	if l == record.Unknown {
		return "none"
	}
	return l.String()
}
