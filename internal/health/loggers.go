package health

const (
	// maxLoggers is how many loggers of a worker are watched: those that log the most.
	maxLoggers = 4
	// minHangShare is the share of a worker's records that a logger must have for its quiet to indicate a hang.
	minHangShare = 0.3
	// minHangGaps is how many gaps of a logger must be known.
	minHangGaps = 100
	// A logger hangs after hangRatio times its longest gap, and after minHang seconds at least: a garbage collection or a
	// slow query takes up to 15.
	hangRatio = 3
	minHang   = 20
	// maxOtherQuiet is a quiet with which another logger still counts as logging, in seconds, even if its gaps are
	// shorter.
	maxOtherQuiet = 60
	// minOtherGaps is how many gaps of that other logger must be known.
	minOtherGaps = 3
	// maxLoggerName is how many bytes of a logger's name are kept.
	maxLoggerName = 40
	// loggerHalving is the number of records after which the counts are halved, so that they adapt.
	loggerHalving = 4096
)

// loggers detects a hang of a worker: its main logger stops while another one, such as a heartbeat, continues.
type loggers struct {
	list         [maxLoggers]loggerActivity
	hangSince    float64 // 0 if there is no hang
	stillLogging string  // the logger that continues during the hang
}

type loggerActivity struct {
	text     [maxLoggerName]byte // the name; not a string, so that replacing a logger doesn't allocate
	length   uint8
	count    uint32
	gaps     uint16
	reported bool // whether its current quiet was reported as a hang
	hangs    uint8
	last     float64
	longest  float32 // longest gap
}

func (a *loggerActivity) name() string { return string(a.text[:a.length]) }

func (l *loggers) observe(now float64, name string) {
	name = name[:min(len(name), maxLoggerName)]
	for i := range l.list {
		if a := &l.list[i]; a.count > 0 && string(a.text[:a.length]) == name {
			a.observe(now, l)
			return
		}
	}
	rarest := &l.list[0]
	for i := range l.list {
		if a := &l.list[i]; a.count < rarest.count {
			rarest = a
		}
	}
	if rarest.count > 1 { // a new logger replaces the rarest one once it logs more often
		rarest.count--
		return
	}
	*rarest = loggerActivity{count: 1, last: now}
	rarest.length = uint8(copy(rarest.text[:], name))
}

// restartGaps ends all gaps at now without learning them, since the worker as a whole was quiet or not observed.
func (l *loggers) restartGaps(now float64) {
	for i := range l.list {
		l.list[i].last, l.list[i].reported = now, false
	}
}

func (a *loggerActivity) observe(now float64, l *loggers) {
	if a.count++; a.count >= loggerHalving {
		for i := range l.list {
			l.list[i].count /= 2
		}
	}
	gap := now - a.last
	if gap < minGap {
		return
	}
	a.last = now
	if a.reported {
		a.reported = false
		if a.hangs++; a.hangs == 1 { // from the second on such gaps are learned, since they are normal here
			return
		}
	}
	a.gaps = min(a.gaps+1, 1<<15)
	a.longest = max(a.longest, float32(gap))
}

// detectHang sets hangSince if a logger that used to log much has stopped while another one continues.
func (l *loggers) detectHang(now float64, w *watch) {
	var total uint32
	for i := range l.list {
		total += l.list[i].count
	}
	l.hangSince = 0
	for i := range l.list {
		a := &l.list[i]
		limit := max(minHang, hangRatio*float64(a.longest))
		if a.gaps < minHangGaps || float64(a.count) < minHangShare*float64(total) || now-max(a.last, w.resumed) <= limit {
			continue
		}
		for j := range l.list {
			// The other logger must log as often as before.
			if other := &l.list[j]; j != i && other.gaps >= minOtherGaps && other.last > a.last+limit/2 && now-other.last <= max(hangRatio*float64(other.longest), maxOtherQuiet) {
				a.reported = true
				if l.hangSince == 0 || a.last < l.hangSince {
					l.hangSince, l.stillLogging = a.last, other.name()
				}
			}
		}
	}
}
