package explore

import (
	"math"

	"github.com/SupermanScott/Elva/internal/filter"
	"github.com/SupermanScott/Elva/internal/record"
)

const (
	// maxShares bounds the distinct field values that are counted among warnings, and among errors.
	maxShares = 20_000
	// maxTroubled bounds the warnings, and the errors, whose fields are counted. The newest count.
	maxTroubled = 20_000
	// maxShareText is the greatest length of a value that is counted, with its path: names and IDs are shorter.
	maxShareText = 100
	// sampleSize is the size of the sample of the range. It estimates the share of a value among all records to about two percent.
	sampleSize = 2000
	// maxSampled is the greatest length of an encoded record in the sample, so that the sample takes 8 MiB at most.
	maxSampled = 4 << 10
	// A value is over-represented if there are at least minTroubled warnings or errors, at least the share minShare of them has the value,
	// and that is at least minExcess times the expected share.
	minTroubled = 10
	minShare    = 0.5
	minExcess   = 2
	// leastShare is the smallest expected share of a value: even a value that the sample lacks may be that frequent.
	leastShare = 0.01
	// recordsPerEvent is the assumed number of warnings or errors that one event logs. Surprise is divided by it, since they share their
	// fields.
	recordsPerEvent = 4
)

// trouble counts warnings, or errors, and the values of their fields.
type trouble struct {
	in, base int
	values   map[string]*share
}

// share counts the records that have a value. last is the number of the last one.
type share struct{ in, base, last int }

// sample keeps one of every so many records of the range.
type sample struct {
	seen, every int
	records     [][]byte
}

func (s *sample) add(encoded []byte) {
	if s.every == 0 {
		s.every = 1
	}
	s.seen++
	if s.seen%s.every != 0 || len(encoded) > maxSampled {
		return
	}
	if len(s.records) == sampleSize {
		for i := range sampleSize / 2 {
			s.records[i] = s.records[2*i+1]
		}
		s.records = s.records[:sampleSize/2]
		s.every *= 2
	}
	if s.seen%s.every == 0 {
		s.records = append(s.records, append([]byte(nil), encoded...))
	}
}

// countShares counts the values of a warning or an error, and samples the records of the range.
func (c *Changes) countShares(level record.Level, encoded []byte, inRange bool, worker uint16, known bool) {
	if inRange {
		c.sample.add(encoded)
	}
	if level < record.Warning {
		return
	}
	t := &c.trouble[0]
	if level >= record.Error {
		t = &c.trouble[1]
	}
	n := &t.base
	if inRange {
		n = &t.in
	}
	if *n >= maxTroubled {
		return
	}
	*n++
	c.reader.Read(encoded)
	if known {
		t.count(workerKey(c.workers.list[worker]), inRange)
	}
	for c.reader.Walk(filter.Fields); c.reader.Next(); {
		path, value := c.reader.Path(), c.reader.Key()
		if len(path)+len(value) <= maxShareText {
			t.count(string(path)+shareSeparator+string(value), inRange)
		}
	}
}

// shareSeparator separates path and value in the key of a share. A worker's key has an empty path.
const shareSeparator = "\x00"

func workerKey(name string) string { return shareSeparator + name }

func (t *trouble) count(key string, inRange bool) {
	s := t.values[key]
	if s == nil {
		if len(t.values) >= maxShares {
			return
		}
		s = new(share)
		t.values[key] = s
	}
	record := t.in + t.base
	if s.last == record { // the same value twice in one record
		return
	}
	s.last = record
	if inRange {
		s.in++
	} else {
		s.base++
	}
}

// excess is a value that is more frequent among warnings or errors than among all records.
type excess struct {
	key              string
	share, all, base float64
	surprise         float64
}

// excesses returns the over-represented values, and the number of values that it tested.
func (c *Changes) excesses(t *trouble) (list []excess, tested int) {
	if t.in < minTroubled {
		return nil, 0
	}
	wanted := make(map[string]int)
	for key, s := range t.values {
		if s.in >= minTroubled/2 {
			tested++
			if float64(s.in) >= minShare*float64(t.in) {
				wanted[key] = 0
			}
		}
	}
	c.countSample(wanted)
	for key, n := range wanted {
		s := t.values[key]
		x := excess{key: key, share: float64(s.in) / float64(t.in), all: float64(n) / float64(max(len(c.sample.records), 1))}
		expected := max(x.all, leastShare)
		if t.base >= minTroubled {
			x.base = float64(s.base) / float64(t.base)
			expected = max(expected, x.base)
		}
		if x.share >= minExcess*expected {
			x.surprise = float64(t.in) / recordsPerEvent * divergence(x.share, math.Min(expected, 0.999))
			list = append(list, x)
		}
	}
	return list, tested
}

// countSample sets the number of sampled records for each wanted value.
func (c *Changes) countSample(wanted map[string]int) {
	if len(wanted) == 0 {
		return
	}
	for _, encoded := range c.sample.records {
		c.reader.Read(encoded)
		if key := workerKey(string(c.reader.Text(filter.Worker))); len(key) > 1 {
			if n, ok := wanted[key]; ok {
				wanted[key] = n + 1
			}
		}
		var last string
		for c.reader.Walk(filter.Fields); c.reader.Next(); {
			key := string(c.reader.Path()) + shareSeparator + string(c.reader.Key())
			if n, ok := wanted[key]; ok && key != last {
				wanted[key], last = n+1, key
			}
		}
	}
}
