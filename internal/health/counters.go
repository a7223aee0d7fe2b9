package health

import (
	"cmp"
	"slices"
	"time"

	"github.com/SupermanScott/Elva/internal/record"
	"github.com/SupermanScott/Elva/internal/status"
)

const (
	// levels is how many levels there are, the unknown one included.
	levels = int(record.Critical) + 1
	// secondsKept is how far back counts by second are kept, and rateSeconds what a rate is the mean of: shorter
	// jumps, longer hides what happens now.
	secondsKept = 60
	rateSeconds = 10
	// minutesKept is how far back counts by minute are kept.
	minutesKept = 60
	// maxChannels bounds the counts by channel: a pattern can match names without end.
	maxChannels = 200
	// otherChannels is the name of the channels beyond it.
	otherChannels = "(other)"
)

type counts [levels]uint64

// counters count all records by level: in all, by channel, by second, by minute.
type counters struct {
	total    counts
	channels map[string]*counts
	seconds  [secondsKept][levels]uint32
	minutes  [minutesKept][levels]uint32
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
	if minute := floorDiv(second, 60); floorDiv(c.second, 60)-minute < minutesKept {
		c.minutes[index(minute, minutesKept)][level]++
	}
}

func floorDiv(n, by int64) int64 { return (n - index(n, by)) / by }

// advance makes second the newest one, unless it is an older one.
func (c *counters) advance(second int64) {
	if second-c.second > 3600 { // an hour of it empties everything
		c.second = second - 3600
	}
	for c.second < second {
		c.second++
		c.seconds[index(c.second, secondsKept)] = [levels]uint32{}
		if index(c.second, 60) == 0 {
			c.minutes[index(floorDiv(c.second, 60), minutesKept)] = [levels]uint32{}
		}
	}
}

// last adds up the seconds from the newest but first to the newest but last.
func (c *counters) last(first, last int64) (n counts) {
	for back := first; back <= last; back++ {
		for l, k := range c.seconds[index(c.second-back, secondsKept)] {
			n[l] += uint64(k)
		}
	}
	return n
}

// fill writes the counts, and the last minutes of them, into the document.
func (c *counters) fill(d *status.Document, started int64, minutes int64) {
	d.Counts, d.Rates = status.Levels{}, status.Levels{}
	newest := floorDiv(c.second, 60)
	d.Minutes = status.Minutes{From: time.Unix((newest-minutes+1)*60, 0).UTC(), Levels: make(map[string][]uint32)}
	// The current second is not over: the mean is of the ones before it.
	span := max(1, min(rateSeconds, c.second-started))
	lately := c.last(1, span)
	for l := range levels {
		if c.total[l] == 0 {
			continue
		}
		name := levelName(record.Level(l))
		d.Counts[name] = float64(c.total[l])
		d.Rates[name] = float64(lately[l]) / float64(span)
		for m := newest - minutes + 1; m <= newest; m++ {
			d.Minutes.Levels[name] = append(d.Minutes.Levels[name], c.minutes[index(m, minutesKept)][l])
		}
	}
	last := c.last(0, secondsKept-1)
	d.Errors.LastMinute = float64(last[record.Error] + last[record.Critical])
}

// records returns the counts by channel, ordered by name.
func (c *counters) records() []status.ChannelRecords {
	list := make([]status.ChannelRecords, 0, len(c.channels))
	for name, n := range c.channels {
		of := status.ChannelRecords{Channel: name}
		for l, k := range n {
			if k > 0 {
				of.Levels = append(of.Levels, status.LevelRecords{Level: levelName(record.Level(l)), Records: k})
			}
		}
		list = append(list, of)
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
