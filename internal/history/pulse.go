package history

import (
	"sync"
	"time"
)

// pulseRecords is how many may wait for a wake-up: one full batch of the stream. It is also early when a
// block is full, for then sending costs a viewer no more than it would later: one system call a block.
const pulseRecords = 500

// pulse wakes waiting readers: at once for the first item after a pause, then at most once an
// interval. Without it a flood would wake every reader for every record, which costs five times as
// much as sending the records. The lock that it is given guards it.
type pulse struct {
	lock     sync.Locker
	interval time.Duration
	wake     chan struct{} // closed at the next wake-up
	last     time.Time     // the last wake-up
	newest   uint64        // the newest item's number
	released uint64        // what that was at the last wake-up
	waiting  int           // items since then
	most     int           // how many may wait
	timer    *time.Timer
	armed    bool // a wake-up is due when timer fires
	stopped  bool
}

func newPulse(lock sync.Locker, interval time.Duration, most int) pulse {
	return pulse{lock: lock, interval: interval, wake: make(chan struct{}), most: most}
}

// note counts an item and wakes the readers, now or when the interval is over.
func (p *pulse) note(seq uint64) {
	p.newest = seq
	p.waiting++
	if p.waiting >= p.most {
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

// full wakes the readers of what waits, if anything does: no more will come into its block.
func (p *pulse) full() {
	if p.waiting > 0 && !p.stopped {
		p.beat()
	}
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
	p.last, p.released, p.waiting = time.Now(), p.newest, 0
	close(p.wake)
	p.wake = make(chan struct{})
}

func (p *pulse) stop() {
	if !p.stopped {
		p.stopped = true
		p.beat()
	}
}
