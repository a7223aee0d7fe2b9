package health

const (
	// loggersKept is how many loggers of a worker are watched: those that log most.
	loggersKept = 4
	// hangShare is which part of a worker's records a logger must have had for its end to mean something.
	hangShare = 0.3
	// hangGaps is how many gaps must be known, hangTimes the longest of them is too long, and hangLeast the least, in
	// seconds: a garbage collection or a slow query takes up to 15.
	hangGaps  = 100
	hangTimes = 3
	hangLeast = 20
	// hangOther is for how many seconds the other logger may be quiet at least.
	hangOther = 60
	// hangOthers is how many records another logger must have logged meanwhile.
	hangOthers = 3
	// loggerName is how many bytes of a logger's name are kept.
	loggerName = 40
	// hangHalves is after how many records the counts are halved, so that they follow.
	hangHalves = 4096
)

// loggers watches a worker's loggers: in a hang the heartbeat goes on and the work does not.
type loggers struct {
	list  [loggersKept]loggerActivity
	since float64 // of the hang, 0 while there is none
	rest  string  // the logger that goes on
}

type loggerActivity struct {
	text     [loggerName]byte // not a string, so that many loggers make no garbage
	length   uint8
	count    uint32
	gaps     uint16
	reported bool // its quiet was called a hang
	hangs    uint8
	last     float64
	longest  float32 // gap
}

func (v *loggerActivity) name() string { return string(v.text[:v.length]) }

func (l *loggers) observe(now float64, name string) {
	name = name[:min(len(name), loggerName)]
	for i := range l.list {
		if v := &l.list[i]; v.count > 0 && string(v.text[:v.length]) == name {
			v.observe(now, l)
			return
		}
	}
	least := &l.list[0]
	for i := range l.list {
		if v := &l.list[i]; v.count < least.count {
			least = v
		}
	}
	if least.count > 1 { // a logger that is new has to log more often than this one does
		least.count--
		return
	}
	*least = loggerActivity{count: 1, last: now}
	least.length = uint8(copy(least.text[:], name))
}

// skip leaves the time since the last records out: the worker as a whole logged nothing, or it was not observed.
func (l *loggers) skip(now float64) {
	for i := range l.list {
		l.list[i].last, l.list[i].reported = now, false
	}
}

func (v *loggerActivity) observe(now float64, l *loggers) {
	if v.count++; v.count >= hangHalves {
		for i := range l.list {
			l.list[i].count /= 2
		}
	}
	gap := now - v.last
	if gap < countsAsOne {
		return
	}
	v.last = now
	if v.reported {
		v.reported = false
		if v.hangs++; v.hangs == 1 { // the second teaches: it is what the worker does
			return
		}
	}
	v.gaps = min(v.gaps+1, 1<<15)
	v.longest = max(v.longest, float32(gap))
}

// judge finds a logger that had much to say and has stopped, while another one goes on. It returns the times since when.
func (l *loggers) judge(now float64, w *watch) {
	var total uint32
	for i := range l.list {
		total += l.list[i].count
	}
	l.since = 0
	for i := range l.list {
		v := &l.list[i]
		limit := max(hangLeast, hangTimes*float64(v.longest))
		if v.gaps < hangGaps || float64(v.count) < hangShare*float64(total) || now-max(v.last, w.resumed) <= limit {
			continue
		}
		for j := range l.list {
			// The other one must log as often as before.
			if o := &l.list[j]; j != i && o.gaps >= hangOthers && o.last > v.last+limit/2 && now-o.last <= max(hangTimes*float64(o.longest), hangOther) {
				v.reported = true
				if l.since == 0 || v.last < l.since {
					l.since, l.rest = v.last, o.name()
				}
			}
		}
	}
}
