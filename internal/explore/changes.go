package explore

import (
	"bytes"
	"math"
	"time"

	"github.com/SupermanScott/Elva/internal/filter"
	"github.com/SupermanScott/Elva/internal/group"
	"github.com/SupermanScott/Elva/internal/record"
)

const (
	// maxChanges bounds the sentences of an answer: nobody reads more.
	maxChanges = 5
	// falseAlarm bounds the probability that an answer has a sentence although nothing has changed. It assumes that counts vary from slot to
	// slot as they do in the base.
	falseAlarm = 0.01
	// slots is the number of parts into which the base is divided. The counts of these parts show how much a subject normally varies.
	slots = 30
	// maxSubjects bounds the patterns that are compared. Each takes half a kilobyte.
	maxSubjects = 10_000
	// For a rare pattern, records of one worker within the duration occasion count once: an error that every layer logs again is one event.
	occasion = 10 * time.Second
	// maxOccasions bounds the occasions that are counted: any test is decided with that many.
	maxOccasions = 64
	// A pattern is rare if it has fewer than rare records in the base.
	rare = 10
	// A change is worth a sentence if there are at least minFactor times as many records as expected, or as few.
	minFactor = 2
	// maxBirths bounds the processes whose first records are noted.
	maxBirths = 10_000
	// minBirths is the number of restarts of one worker that is worth a sentence. One restart is a deployment.
	minBirths = 3
)

// handover is how long a worker may keep logging after its replacement has started.
const handover = time.Minute

// span is a range of time and its number of records.
type span struct {
	from, to time.Time
	records  int
}

func (s *span) has(at time.Time) bool { return !at.Before(s.from) && at.Before(s.to) }
func (s *span) length() float64       { return max(s.to.Sub(s.from).Seconds(), 0) }

// Changes finds the differences between a range of time and another one, the base.
//
// It compares the number of records in the range with the number in the base for each subject. Every service and every worker is a subject.
// A pattern is one subject with its errors and another with its other records.
//
// The Chernoff bound says how surprising a number is: if k of n = k + k' records are in the range, where a share p is expected, the
// probability is at most exp(-n·KL(k/n, p)). Records of a subject cluster more than chance alone explains. Therefore n is divided by the
// ratio of variance to mean of the subject's counts in the [slots] slots of the base. Rare subjects count occasions instead of records.
//
// If the rate of a whole service changes, that is one sentence, and the patterns of the service are compared with the new rate.
//
// A sentence must be so surprising that the chance of any false one, over all subjects, is below [falseAlarm] (Bonferroni). Half of that
// chance is reserved for errors, which are few.
type Changes struct {
	in, base span
	reader   *filter.Reader
	looks    group.Patterns
	workers  names
	errors   names // exceptions
	subjects map[subjectKey]*subject
	byWorker map[uint16]*subject
	services map[string]*subject
	births   map[birth]time.Time
	trouble  [2]trouble // warnings, errors
	sample   sample
	beyond   int // records of patterns beyond maxSubjects
	columns  int // of all subjects
	cells    int
	// columnBytes is the length of the texts of all columns' values.
	columnBytes int
}

// subjectKey identifies the records of a pattern that are not errors, or its errors with one exception.
type subjectKey struct {
	pattern   uint32
	isError   bool
	exception uint16 // for errors: the number of the exception plus one, or 0 for none
}

// birth is a process of a worker.
type birth struct {
	worker uint16
	pid    [12]byte
}

// subject counts the records of a pattern, a worker or a service in the range and in the base.
type subject struct {
	look        look
	values      values
	worst       record.Level
	service     string
	workers     tally
	slots       [slots]uint32
	base, in    int
	occasions   map[uint64]struct{}
	began       time.Time // the first record in the range or the base
	earliest    time.Time // the record of the base that was added last
	pauses      pauses    // in the base
	columns     []*column // the fields of a pattern
	part        int       // of the last record whose values are in columns, from 1 on
	looked      int64     // for a worker: when its process was last checked, in units of occasion
	first, last time.Time // in the range, or the last one in the base
}

// NewChanges returns a comparison of the records that f selects from one range with those from another.
func NewChanges(f *filter.Filter, from, to, baseFrom, baseTo time.Time) *Changes {
	c := &Changes{
		in: span{from: from, to: to}, base: span{from: baseFrom, to: baseTo},
		reader:   filter.NewReader(f, filter.Worker, filter.PID, filter.Fields),
		subjects: make(map[subjectKey]*subject), byWorker: make(map[uint16]*subject), services: make(map[string]*subject), births: make(map[birth]time.Time),
	}
	for i := range c.trouble {
		c.trouble[i].values = make(map[string]*share)
	}
	return c
}

// Add counts a selected record. It does not retain encoded.
func (c *Changes) Add(level record.Level, encoded []byte) {
	c.reader.ReadHead(encoded)
	at, ok := c.reader.Time()
	if !ok {
		return
	}
	inRange := c.in.has(at)
	switch {
	case inRange:
		c.in.records++
	case c.base.has(at):
		c.base.records++
	default:
		return
	}
	pattern, _ := PatternOf(encoded)
	worker, known := c.workers.id(c.reader.Text(filter.Worker))
	c.countShares(level, encoded, inRange, worker, known)
	service := ""
	if known {
		service = c.countWorker(worker, level, at, inRange, encoded)
	}
	of := c.services[service]
	if of == nil {
		of = &subject{service: service}
		c.services[service] = of
	}
	c.count(of, at, inRange)
	key := subjectKey{pattern: pattern, isError: level >= record.Error}
	if key.isError {
		key.exception = c.exception(encoded)
	}
	s := c.subjects[key]
	if s == nil {
		if len(c.subjects) >= maxSubjects {
			c.beyond++
			return
		}
		s = &subject{look: lookOf(&c.looks, encoded), service: service}
		c.subjects[key] = s
	}
	c.count(s, at, inRange)
	if !known {
		worker = noValue
	}
	c.sampleValues(s, at, inRange, worker, encoded)
	s.worst = max(s.worst, level)
	if inRange {
		c.see(s, worker, known, at)
		s.values.observe(&s.look, encoded)
	}
}

// countWorker counts a record of a worker and returns the worker's service.
func (c *Changes) countWorker(worker uint16, level record.Level, at time.Time, inRange bool, encoded []byte) string {
	s := c.byWorker[worker]
	if s == nil {
		s = &subject{service: serviceOf(c.workers.list[worker]), worst: level}
		c.byWorker[worker] = s
	}
	c.count(s, at, inRange)
	if looked := at.Unix() / int64(occasion.Seconds()); looked != s.looked {
		s.looked = looked
		c.countBirth(worker, at, encoded)
	}
	return s.service
}

// count counts a record of a subject.
func (c *Changes) count(s *subject, at time.Time, inRange bool) {
	if s.began.IsZero() || at.Before(s.began) {
		s.began = at
	}
	if inRange {
		if s.in++; s.in == 1 || at.Before(s.first) {
			s.first = at
		}
		if s.in == 1 || at.After(s.last) {
			s.last = at
		}
		return
	}
	if s.base > 0 {
		s.pauses.add(s.earliest.Sub(at).Seconds())
	}
	s.earliest = at
	s.base++
	s.slots[bucket(at, c.base.from, c.base.to, slots)]++
	if s.in == 0 && at.After(s.last) {
		s.last = at
	}
}

// see notes the worker and the occasion of a pattern's record in the range.
func (c *Changes) see(s *subject, worker uint16, known bool, at time.Time) {
	if known {
		if s.workers == nil {
			s.workers = make(tally, 1)
		}
		c.workers.count(s.workers, worker)
	}
	if len(s.occasions) < maxOccasions {
		if s.occasions == nil {
			s.occasions = make(map[uint64]struct{}, 1)
		}
		s.occasions[uint64(at.Unix()/int64(occasion.Seconds()))<<16|uint64(worker)] = struct{}{}
	}
}

// countBirth notes the first record of a process. Add calls it for one record of a worker every ten seconds, which suffices: a worker that
// restarts over and over still runs one process at a time.
func (c *Changes) countBirth(worker uint16, at time.Time, encoded []byte) {
	c.reader.Read(encoded)
	digits := c.reader.Digits(filter.PID)
	if digits == nil {
		return
	}
	b := birth{worker: worker}
	copy(b.pid[:], digits)
	first, known := c.births[b]
	if known && first.Before(at) || !known && len(c.births) >= maxBirths {
		return
	}
	c.births[b] = at
}

// serviceOf returns the service in a worker's name, which is HOST/SERVICE.
func serviceOf(worker string) string {
	for i := range len(worker) {
		if worker[i] == '/' {
			return worker[i+1:]
		}
	}
	return worker
}

// exception returns the number of an error's exception plus one, or 0 if the error has no exception.
func (c *Changes) exception(encoded []byte) uint16 {
	name := exceptionOf(encoded)
	if name == nil {
		return 0
	}
	id, ok := c.errors.id(name)
	if !ok {
		return 0
	}
	return id + 1
}

// exceptionOf returns the exception type of an encoded record, or nil if it has none.
func exceptionOf(encoded []byte) []byte {
	_, rest, ok := bytes.Cut(encoded, []byte(`,"exception":{"type":"`)) // a text has a backslash before its quotes
	if !ok {
		return nil
	}
	end := bytes.IndexByte(rest, '"')
	if end <= 0 || end > maxText || bytes.IndexByte(rest[:end], '\\') >= 0 {
		return nil
	}
	return rest[:end]
}

// divergence returns the Kullback-Leibler divergence of two coins that show heads with the probabilities q and p, in nats.
func divergence(q, p float64) float64 {
	d := 0.0
	if q > 0 {
		d += q * math.Log(q/p)
	}
	if q < 1 {
		d += (1 - q) * math.Log((1-q)/(1-p))
	}
	return max(d, 0)
}

// dispersion returns the ratio of variance to mean of the counts in the base's slots. It is about 1 for independent records, and never less
// than 1.
func (s *subject) dispersion() float64 {
	if s.base < 2 {
		return 1
	}
	mean, squares := float64(s.base)/slots, 0.0
	for _, n := range s.slots {
		squares += (float64(n) - mean) * (float64(n) - mean)
	}
	return max(1, squares/(slots-1)/mean)
}

// late returns the rate of a subject in the last third of the base, relative to the whole base. It is 1 if the subject had no records before
// that: it has just begun, which is no trend.
func (s *subject) late() float64 {
	n := 0
	for _, k := range s.slots[slots-slots/3:] {
		n += int(k)
	}
	if n == s.base {
		return 1
	}
	return 3 * float64(n) / float64(s.base)
}

// recent returns the rate of a subject that is expected in the range, relative to the whole base: a rate that rises or falls in the last
// third of the base, with the time of day, is expected to continue. more says whether the range has more records than expected: then the result is
// at least 1, else at most 1.
func (c *Changes) recent(s *subject, more bool) float64 {
	// The middle of the range is that much farther from the middle of the base than the middle of its last third is.
	farther := min(1.5*(1+c.in.length()/c.base.length()), 2)
	if ratio := math.Pow(s.late(), farther); more == (ratio > 1) {
		return ratio
	}
	return 1
}

// expected returns how many records of a subject to expect in the range if the rate of its service is factor times that in the base.
func (c *Changes) expected(s *subject, factor float64) float64 {
	return float64(s.base) * factor * c.in.length() / c.base.length()
}

// surprise returns how surprising the number of records in the range is, in nats.
func (c *Changes) surprise(s *subject, factor float64) float64 {
	in, base := float64(s.in), float64(s.base)
	factor *= c.recent(s, in > c.expected(s, factor))
	if s.base < rare && s.occasions != nil {
		in = min(in, float64(len(s.occasions)))
	}
	p := factor * c.in.length() / (factor*c.in.length() + c.base.length())
	n := in + base
	if n == 0 || p <= 0 || p >= 1 {
		return 0
	}
	return n / s.dispersion() * divergence(in/n, p)
}

// silence returns how surprising it is that a subject has logged nothing since its last record, in nats. It accounts for the number of
// pauses: among many, a long one is less surprising.
func (c *Changes) silence(s *subject, factor float64) float64 {
	from := s.last
	if from.Before(c.in.from) {
		from = c.in.from
	}
	lack := float64(s.base) * factor * min(s.late(), 1) / c.base.length() * c.in.to.Sub(from).Seconds()
	dispersion := s.dispersion()
	if c.in.to.Sub(s.last).Seconds() >= minFactor*s.pauses.longest {
		dispersion = min(dispersion, s.pauses.dispersion())
	}
	return lack/dispersion - math.Log(float64(s.in)+1)
}

// pauses describes the times between the records of a subject, in seconds: those of a clock are all alike.
type pauses struct {
	n                     int
	sum, squares, longest float64
}

func (p *pauses) add(seconds float64) {
	seconds = math.Abs(seconds) // a record's own time may be earlier than that of the record before
	p.n++
	p.sum += seconds
	p.squares += seconds * seconds
	p.longest = max(p.longest, seconds)
}

// dispersion returns the ratio of variance to mean of the counts in equal times that pauses make (a renewal process): 1, but less for those
// of a clock, which are all alike. With few pauses it is 1.
func (p *pauses) dispersion() float64 {
	const (
		least = 0.2
		few   = 4
		clock = 0.3
	)
	if p.n == 0 || p.sum == 0 {
		return 1
	}
	mean := p.sum / float64(p.n)
	if d := max(least, few/float64(p.n), p.squares/float64(p.n)/(mean*mean)-1); d <= clock {
		return d
	}
	return 1
}
