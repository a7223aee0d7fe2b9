package health

import (
	"math"
	"strings"

	"github.com/SupermanScott/Elva/internal/record"
)

const (
	// jobLife is under how many seconds of life a worker is a job: that its last words are "done" means something.
	jobLife = 2 * hour
	// shortLife is the mean life of the workers of a service, in seconds, under which their ends are no news.
	shortLife = 2 * hour
	// shortEnds is how many ends make that known.
	shortEnds = 3
	// livesKept is over how many ends the mean life is smoothed.
	livesKept = 16
	// replacementsKept is how many replacements are remembered; wideAfter of them widen the bounds in time for hosts of
	// any name.
	replacementsKept = 64
	wideAfter        = 3
	// growsAfter is how many newcomers that replaced nobody make a service one that scales.
	growsAfter = 2
	// deployWithin is within how many seconds two replacements are a deploy.
	deployWithin = 10 * 60
	// handoverLeast and handoverMost bound how long the quiet of a worker whose like are replaced must last, in
	// seconds; between, it is handoverTimes the longest that a successor took lately.
	handoverLeast = 30
	handoverMost  = 10 * 60
	handoverTimes = 1.25
)

// service is what is deployed: a name with what varies taken out, on one channel.
type service struct {
	key     serviceKey
	field   bool // its name is a field of the records, not their logger
	workers []*worker

	activity activity
	volume   volume
	errors   rate
	warnings rate
	slots    slots // of its workers
	own      slots // of the service as a whole

	quiet        float64     // since when the service as a whole is reported quiet; 0 while it is not
	missed       bool        // that is a missed run
	half         float64     // the same of half of its workers
	dominant     *errorGroup // the group that most of its last errors are of
	most         float64     // how many those are
	active       int         // workers, at the last check
	reported     int         // workers that are reported quiet
	members      int         // the sum of both at the check before
	siblingLimit float64     // the median limit of its workers
	siblingsAt   float64     // when that was computed
	duplicates   duplicates
	critical     critical

	lives        float64 // mean life of the workers that ended, in seconds
	ends         int
	grown        int // newcomers that replaced nobody
	replacements [replacementsKept]float64
	replaced     int
	handover     float64 // the longest that a successor took lately, in seconds

	groups  int // error groups
	once    int // of them, seen once
	failing int // errors in all
}

type serviceKey struct{ name, channel string }

// name returns what people call the service.
func (s *service) name() string {
	if s.key.name == "" {
		return s.key.channel
	}
	return s.key.name
}

// observe takes in a record. isError is whether it is an error or worse.
func (s *service) observe(now float64, h *Health, isError, isWarning bool) {
	if gap, ok := s.activity.observe(now, &h.watch, &h.decay, s.quiet > 0); ok {
		s.own.add(now-gap, gap)
	}
	s.quiet = 0
	slot := slotOf(now)
	switch {
	case isError:
		s.errors.counts.add(slot)
		s.failing++
	case isWarning:
		s.warnings.counts.add(slot)
	}
	if !isError {
		s.volume.counts.add(slot)
	}
}

// ended notes the end of a worker that had lived for so long.
func (s *service) ended(life float64) {
	s.ends++
	s.lives += (life - s.lives) / float64(min(s.ends, livesKept))
}

// shortLived reports whether the workers of the service end soon as a rule.
func (s *service) shortLived() bool { return s.ends >= shortEnds && s.lives < shortLife }

// replace notes that a worker was replaced at a time, by one that began so much later.
func (s *service) replace(at, delay float64) {
	s.replacements[s.replaced%replacementsKept] = at
	s.replaced++
	s.handover = max(delay, s.handover*0.9)
}

// deploying reports whether workers are being replaced at a time.
func (s *service) deploying(at float64) bool {
	n := 0
	for i := range min(s.replaced, replacementsKept) {
		if d := s.replacements[i] - at; d > -deployWithin && d < deployWithin {
			n++
		}
	}
	return n >= 2
}

// takesOver returns for how long the quiet of a worker must last, since others take over from workers of the service.
func (s *service) takesOver(w *worker) float64 {
	if s.replaced < wideAfter && !(w.generated && s.replaced > 0) {
		return 0
	}
	return min(max(handoverLeast, handoverTimes*s.handover), handoverMost)
}

const (
	// restartsWithin is within how many seconds three starts are a crash loop, and restartsRare how many starts in
	// that time are so few that it is news.
	restartsWithin = 10 * 60
	restartsRare   = 0.5
	// restartsCalm is the least for how many seconds no start ends a crash loop.
	restartsCalm = 60
	// restartsKept is over how many such times the normal number is smoothed: a day.
	restartsKept = 24 * 3600 / restartsWithin
)

// restartRate is how often a worker starts again.
type restartRate struct {
	count  int     // in these ten minutes
	normal float64 // in ten minutes
	n      int
	since  float64 // of the crash loop, 0 while there is none
	starts int     // since then
}

func (r *restartRate) learn() {
	if r.since == 0 {
		r.n = min(r.n+1, restartsKept)
		r.normal += (float64(r.count) - r.normal) / float64(r.n)
	}
	r.count = 0
}

// judge finds whether the worker starts again and again.
func (r *restartRate) judge(now float64, starts *[startsKept]float64) {
	span := starts[0] - starts[2]
	calm := now-starts[0] > max(restartsCalm, 1.5*span)
	switch {
	case r.since > 0 && calm:
		r.since = 0
	case r.since == 0 && !calm && starts[2] > 0 && span <= restartsWithin && r.normal < restartsRare:
		r.since, r.starts = starts[2], 3
	}
}

// duplicates counts the records of a minute, and those that equal one of the last ones of their worker.
type duplicates struct {
	all, double         uint32
	lastAll, lastDouble uint32 // of the minute that is over
	normal              float64
	minutes             int
	since               float64
}

const (
	// duplicateShare of the records of a minute, and duplicateLeast, are too many duplicates. In a minute that is not
	// over it takes duplicateSoon records.
	duplicateShare = 0.3
	duplicateLeast = 10
	duplicateSoon  = 30
)

// judge opens the alarm within a minute.
func (d *duplicates) judge(now float64) {
	if d.since == 0 && d.minutes >= judgedMinutes && d.all >= duplicateSoon && float64(d.double) >= max(duplicateShare, 3*d.normal)*float64(d.all) {
		d.since = math.Floor(now/60) * 60
		d.lastAll, d.lastDouble = d.all, d.double
	}
}

// learn takes in the minute that is over.
func (d *duplicates) learn(now float64) {
	share := 0.0
	if d.all > 0 {
		share = float64(d.double) / float64(d.all)
	}
	switch {
	case d.since > 0:
		if share < duplicateShare/2 {
			d.since = 0
		}
	case d.minutes >= judgedMinutes && d.all >= duplicateLeast && share >= max(duplicateShare, 3*d.normal):
		d.since = now - 60
	case d.all > 0:
		d.minutes++
		d.normal += (share - d.normal) / float64(min(d.minutes, hourMinutes))
	}
	d.lastAll, d.lastDouble, d.all, d.double = d.all, d.double, 0, 0
}

const (
	// criticalFor is for how many seconds a critical record is reported.
	criticalFor = 2 * 60
	// criticalNormal is how many errors of its group, over criticalLife seconds, make it one that is normal.
	criticalNormal = 5
	criticalLife   = 2 * hour
	// quoted bounds how much of a message a sentence quotes, in bytes.
	quoted = 80
)

// critical is what the critical records of late are.
type critical struct {
	since, last float64
	n           int // since then
	worker      *worker
	group       *errorGroup
	text        string // of the first one
}

func (c *critical) observe(now float64, w *worker, g *errorGroup, r *record.Record) {
	if now-c.last > criticalFor {
		text, _, _ := strings.Cut(r.Message, "\n")
		*c = critical{since: now, text: clipTo(text, quoted)}
	}
	c.n++
	c.last, c.worker, c.group = now, w, g
}

// reported reports whether the critical records are news.
func (c *critical) reported(now float64) bool {
	normal := c.group != nil && c.group.count > criticalNormal && c.since-c.group.first > criticalLife && c.group.rate.since == 0
	return c.n > 0 && now-c.last < criticalFor && !normal
}

// slotFades is what is left after a day of the longest gap of an hour: half after two weeks.
const slotFades = 0.95

// slots remember the longest gap of a service's workers that began in each hour of the day, on weekdays and on
// weekends.
type slots [2][24]hourSlot

type hourSlot struct {
	day             int64   // the newest day, since 1970
	days            uint16  // how many days there were before it
	gaps            uint32  // that began in it, in all
	today           float32 // the longest gap of that day
	highest, second float32 // of the days before
}

func (s *slots) at(now float64) *hourSlot {
	days := 0
	if weekend(now) {
		days = 1
	}
	return &s[days][hourOfDay(now)]
}

// seen returns the hour of a time; on the first weekend the same hour of a weekday.
func (s *slots) seen(now float64) *hourSlot {
	h := s.at(now)
	h.roll(dayOf(now))
	if weekend(now) && h.days == 0 {
		return &s[0][hourOfDay(now)]
	}
	return h
}

// add notes a gap that began at a time.
func (s *slots) add(began, gap float64) {
	h := s.at(began)
	h.roll(dayOf(began))
	h.today = max(h.today, float32(gap))
	h.gaps++
}

func dayOf(now float64) int64 { return (int64(now) - index(int64(now), 24*3600)) / (24 * 3600) }

// roll begins a day.
func (h *hourSlot) roll(today int64) {
	if today <= h.day {
		return
	}
	if h.day > 0 {
		h.days++
		h.highest, h.second = h.highest*slotFades, h.second*slotFades
		h.highest, h.second = max(h.highest, h.today), max(h.second, min(h.highest, h.today))
	}
	h.day, h.today = today, 0
}
