package history

import (
	"sync"
	"time"
)

// notifyAfter and notifyBytes are how much may wait for a notification: one full batch of the stream, or what one system
// call sends at no more cost for each byte than a larger one would.
const notifyAfter, notifyBytes = 500, 64 << 10

// notifier wakes waiting readers: at once for the first item after a pause, then at most once an
// interval. Without it a flood would wake every reader for every record, which costs five times as
// much as sending the records. The lock that it is given guards it.
type notifier struct {
	lock      sync.Locker
	interval  time.Duration
	wake      chan struct{} // closed at the next notification
	last      time.Time     // the last notification
	newest    uint64        // the newest item's number
	released  uint64        // what that was at the last notification
	waiting   int           // items since then
	bytes     int           // and their size
	most      int           // how many may wait
	mostBytes int
	timer     *time.Timer
	armed     bool // a notification is due when timer fires
	stopped   bool
}

func newNotifier(lock sync.Locker, interval time.Duration, most, mostBytes int) notifier {
	return notifier{lock: lock, interval: interval, wake: make(chan struct{}), most: most, mostBytes: mostBytes}
}

// add counts an item of a size and wakes the readers, now or when the interval is over.
func (n *notifier) add(seq uint64, size int) {
	n.newest = seq
	n.waiting++
	n.bytes += size
	if n.waiting >= n.most || n.bytes >= n.mostBytes {
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
	n.last, n.released, n.waiting, n.bytes = time.Now(), n.newest, 0, 0
	close(n.wake)
	n.wake = make(chan struct{})
}

func (n *notifier) stop() {
	if !n.stopped {
		n.stopped = true
		n.notify()
	}
}
