package history

import (
	"sync"
	"time"
)

// notifyAfter is how many items may wait for a notification: one full batch of the stream. A full block is
// sent early too, for then sending costs a viewer no more than it would later: one system call a block.
const notifyAfter = 500

// notifier wakes waiting readers: at once for the first item after a pause, then at most once an
// interval. Without it a flood would wake every reader for every record, which costs five times as
// much as sending the records. The lock that it is given guards it.
type notifier struct {
	lock     sync.Locker
	interval time.Duration
	wake     chan struct{} // closed at the next notification
	last     time.Time     // the last notification
	newest   uint64        // the newest item's number
	released uint64        // what that was at the last notification
	waiting  int           // items since then
	most     int           // how many may wait
	timer    *time.Timer
	armed    bool // a notification is due when timer fires
	stopped  bool
}

func newNotifier(lock sync.Locker, interval time.Duration, most int) notifier {
	return notifier{lock: lock, interval: interval, wake: make(chan struct{}), most: most}
}

// add counts an item and wakes the readers, now or when the interval is over.
func (n *notifier) add(seq uint64) {
	n.newest = seq
	n.waiting++
	if n.waiting >= n.most {
		n.notify()
		return
	}
	if n.armed || n.stopped {
		return
	}
	since := time.Since(n.last)
	if since >= n.interval {
		n.notify()
		return
	}
	n.armed = true
	if n.timer == nil {
		n.timer = time.AfterFunc(n.interval-since, n.due)
		return
	}
	n.timer.Reset(n.interval - since)
}

// blockFull wakes the readers if any item waits: no more will come into its block.
func (n *notifier) blockFull() {
	if n.waiting > 0 && !n.stopped {
		n.notify()
	}
}

// due is called by the timer.
func (n *notifier) due() {
	n.lock.Lock()
	defer n.lock.Unlock()
	// A notification between the timer's firing and this has disarmed it.
	if n.armed && !n.stopped {
		n.notify()
	}
}

func (n *notifier) notify() {
	if n.armed {
		n.timer.Stop()
		n.armed = false
	}
	n.last, n.released, n.waiting = time.Now(), n.newest, 0
	close(n.wake)
	n.wake = make(chan struct{})
}

func (n *notifier) stop() {
	if !n.stopped {
		n.stopped = true
		n.notify()
	}
}
