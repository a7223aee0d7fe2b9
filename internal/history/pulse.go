package history

import (
	"sync"
	"time"
)

// Early wake-up: so much waits that sending it now costs a viewer no more than sending it later.
// It is about one full batch of the stream and one block.
const (
	pulseRecords = 500
	pulseBytes   = 64 << 10
)

// pulse wakes waiting readers: at once for the first item after a pause, then at most once an
// interval. Without it a flood would wake every reader for every record, which costs five times as
// much as sending the records. The lock that it is given guards it.
type pulse struct {
	lock     sync.Locker
	interval time.Duration
	wake     chan struct{} // closed at the next wake-up
	last     time.Time     // the last wake-up
	waiting  int           // items since then
	bytes    int           // their encodings' size
	timer    *time.Timer
	armed    bool // a wake-up is due when timer fires
	stopped  bool
}

func newPulse(lock sync.Locker, interval time.Duration) pulse {
	return pulse{lock: lock, interval: interval, wake: make(chan struct{})}
}

// note counts an item of so many bytes and wakes the readers, now or when the interval is over.
func (p *pulse) note(bytes int) {
	p.waiting++
	p.bytes += bytes
	if p.waiting >= pulseRecords || p.bytes >= pulseBytes {
		p.beat()
		return
	}
	if p.armed || p.stopped {
		return
	}
	since := time.Since(p.last)
	if since >= p.interval {
		p.beat()
		return
	}
	p.armed = true
	if p.timer == nil {
		p.timer = time.AfterFunc(p.interval-since, p.due)
		return
	}
	p.timer.Reset(p.interval - since)
}

// due is the timer's.
func (p *pulse) due() {
	p.lock.Lock()
	defer p.lock.Unlock()
	// A beat that came between the timer's firing and this has disarmed it.
	if p.armed && !p.stopped {
		p.beat()
	}
}

func (p *pulse) beat() {
	if p.armed {
		p.timer.Stop()
		p.armed = false
	}
	p.last, p.waiting, p.bytes = time.Now(), 0, 0
	close(p.wake)
	p.wake = make(chan struct{})
}

func (p *pulse) stop() {
	if !p.stopped {
		p.stopped = true
		p.beat()
	}
}
