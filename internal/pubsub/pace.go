package pubsub

import (
	"context"
	"time"
)

const (
	// pauseMost is how long a subscriber lets records gather while somebody looks. It adds to what the
	// flush interval makes a record wait, so it is short beside that.
	pauseMost = 4 * time.Millisecond
	// pauseUnseen is the same while nobody looks. Health counts by the second, so it is short beside that. At the
	// fastest that pauses, 10,000 records/s, 0.4 MB gather in it, which is little beside what Redis holds for a
	// subscriber.
	pauseUnseen = 100 * time.Millisecond
	// reachedAfter is from when on a record was waited for. A read that finds something takes 5 to 50 µs.
	reachedAfter = 100 * time.Microsecond
	// flowAfter is how many waits in a row make a flow. After a silence a record is taken at once, and
	// so are the first of a flow.
	flowAfter = 4
	// flowGap is how close the records of a flood are. Reads bring many of them anyhow, and who publishes
	// them may wait for a viewer.
	flowGap = 100 * time.Microsecond
)

// pace lets the records of a steady flow gather for some milliseconds, so that one read takes several. At
// 1,000 records/s nearly all that a record costs is that it wakes the process: with a pause of 4 ms
// that happens 400 times a second, of 100 ms 20 times. (Go's poller still wakes for each packet, only to find
// that nobody waits: a pause of 200 ms saves nothing more.)
//
// It never pauses while anything is there to be read: Redis holds what a slow subscriber leaves, and cuts it
// off in the end. What gathers arrives later, in its times too, by no more than the pause.
type pace struct {
	timer   *time.Timer
	began   time.Time // when the last receive did
	reached time.Time // when all that had come was read
	records int       // since then
	waits   int       // in a row that a flow makes
	paused  bool      // since the last receive
}

// wait pauses if a flow is steady. now is when the last receive returned, viewed whether somebody looks.
func (p *pace) wait(ctx context.Context, now time.Time, viewed bool) {
	p.records++
	paused := p.paused
	p.paused = false
	if paused || now.Sub(p.began) < reachedAfter {
		return // there may be more
	}
	most := pauseUnseen
	if viewed {
		most = pauseMost
	}
	// Two records in a pause are the least that is worth it.
	gap := now.Sub(p.reached) / time.Duration(p.records)
	p.reached, p.records = now, 0
	if gap < flowGap || gap > most/2 {
		p.waits = 0
		return
	}
	if p.waits++; p.waits < flowAfter {
		return
	}
	p.paused = true
	if p.timer == nil {
		p.timer = time.NewTimer(most)
	} else {
		p.timer.Reset(most)
	}
	select {
	case <-p.timer.C:
	case <-ctx.Done():
	}
}
