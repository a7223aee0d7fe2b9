package explore

import (
	"math"

	"github.com/SupermanScott/Elva/internal/filter"
	"github.com/SupermanScott/Elva/internal/record"
)

const (
	// maxShares bounds the values of fields of warnings and errors that are counted.
	maxShares = 20_000
	// maxTroubled bounds the warnings, and the errors, of which fields are looked at: of more, the newest.
	maxTroubled = 20_000
	// maxShareText is how long a value is that is counted: names and ids are shorter.
	maxShareText = 100
	// sampled is how many records of the range say which share a value has of all of them, within some two percent.
	sampled = 2000
	// maxSampled is how long an encoding is that is part of the sample, so that it takes 8 MiB at most.
	maxSampled = 4 << 10
	// minTroubled, minShare and minExcess say what is over-represented: among so many warnings or errors, so much of them, and so many times
	// the share that is expected.
	minTroubled = 10
	minShare    = 0.5
	minExcess   = 2
	// leastShare is the smallest share that is expected of a value: one that the sample does not have may be as frequent.
	leastShare = 0.01
	// clumping is how much more the fields of warnings and errors come together than chance would have it: some records of each event.
	clumping = 4
)

// trouble counts the warnings, or the errors, and the values of their fields.
type trouble struct {
	in, base int
	values   map[string]*share
}

// share counts the records with a value.
type share struct{ in, base, last int }

// sample keeps every so many-th record of the range.
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
	if len(s.records) == sampled {
		for i := range sampled / 2 {
			s.records[i] = s.records[2*i+1]
		}
		s.records = s.records[:sampled/2]
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
			t.count(string(path)+shareMark+string(value), inRange)
		}
	}
}

// shareMark parts the path and the value of a share's key, and workerKey makes one of a worker.
const shareMark = "\x00"

func workerKey(name string) string { return shareMark + name }

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

// excess is a value that warnings or errors have more often than other records do.
type excess struct {
	key              string
	share, all, base float64
	surprise         float64
}

// excesses returns the values that are over-represented, without what is to be said of them.
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
			x.surprise = float64(t.in) / clumping * divergence(x.share, math.Min(expected, 0.999))
			list = append(list, x)
		}
	}
	return list, tested
}

// countSample counts the sampled records with the values.
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
			key := string(c.reader.Path()) + shareMark + string(c.reader.Key())
			if n, ok := wanted[key]; ok && key != last {
				wanted[key], last = n+1, key
			}
		}
	}
}
