package history

import (
	"sync"
	"time"
)

// notifyAfter and notifyBytes bound the items that may wait for a notification: one full event of a stream, or the size from
// which on a larger write is no cheaper per byte.
const notifyAfter, notifyBytes = 500, 64 << 10

// notifier wakes waiting readers. It does so at once for the first item after a pause, and then at most once in an
// interval. Otherwise a flood would wake every reader for every record, which costs five times as
// much as sending the records. The field lock guards it.
type notifier struct {
	lock      sync.Locker
	interval  time.Duration
	wake      chan struct{} // closed at the next notification
	last      time.Time     // the last notification
	newest    uint64        // the newest item's number
	released  uint64        // the newest item's number at the last notification
	waiting   int           // the number of items since the last notification
	bytes     int           // the size of these items
	most      int           // the most items that may wait
	mostBytes int           // the most bytes that may wait
	timer     *time.Timer
	armed     bool // a notification is due when timer fires
	stopped   bool
}

func newNotifier(lock sync.Locker, interval time.Duration, most, mostBytes int) notifier {
	return notifier{lock: lock, interval: interval, wake: make(chan struct{}), most: most, mostBytes: mostBytes}
}

// add counts an item with its size and wakes the readers, now or at the end of the interval.
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

// due wakes the readers. The timer calls it.
func (n *notifier) due() {
	n.lock.Lock()
	defer n.lock.Unlock()
	// A notification may have disarmed the timer after it fired.
	if n.armed && !n.stopped {
		n.notify()
	}
}

// notify wakes all readers: they may read up to the newest item. The caller holds the lock.
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
