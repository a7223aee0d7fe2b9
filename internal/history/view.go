package history

import (
	"sync"
	"time"

	"github.com/SupermanScott/Elva/internal/entry"
	"github.com/SupermanScott/Elva/internal/record"
)

const (
	// viewsShare is the part of the byte bound that all views together may take beside the queues.
	viewsShare = 8
	// viewMin and viewMax bound one view. The least is some forty records, a second of what a narrow
	// filter selects; the most is what a flood brings between two notifications, twice.
	viewMin = 16 << 10
	viewMax = 256 << 10
	// viewBlock is a view's first block. Most filters select little; the blocks of one that selects
	// much grow, to maxViewBlock.
	viewBlock    = 2 << 10
	maxViewBlock = 32 << 10
	// viewTurn is how long a view may take for a run before it rests: an expensive filter gets a fifth of a processor, falls behind
	// and misses records, and holds nobody up.
	viewTurn = 10 * time.Millisecond
)

// View is the newest of what a filter selects from a history, shared by all viewers with that filter:
// each record is looked at once, not once by each of them, and a viewer is woken only when there is
// something for it. With 1,000 viewers of 100 filters at 1,000 records/s it halves the CPU of the process, and takes
// four fifths of it where a filter selects nothing.
//
// A cursor that is behind what a view keeps reads the history itself until it has caught up.
type View struct {
	history *History
	key     string
	match   func(record.Level, []byte) bool
	viewers int // the history's lock guards it
	stop    chan struct{}
	chosen  []int // the goroutine's scratch

	mu       sync.Mutex
	selected queue
	from     uint64        // what is above it, up to upTo, is in the queue if it is selected
	upTo     uint64        // the last number that was looked at
	last     []entry.Entry // there
	wake     chan struct{} // closed when something has come into the queue
}

// View returns the view of what match selects, which key names: views with the same key are one. It
// returns nil when there are too many already; a cursor does without then. Whoever gets one must
// Release it.
//
// match is called by one goroutine at a time, and not for gaps, which every view has.
func (h *History) View(key string, match func(record.Level, []byte) bool) *View {
	h.mu.Lock()
	defer h.mu.Unlock()
	v := h.views[key]
	if v == nil {
		if h.notifier.stopped || (len(h.views)+1)*viewMin > h.maxBytes/viewsShare {
			return nil
		}
		v = &View{history: h, key: key, match: match, stop: make(chan struct{}), wake: make(chan struct{})}
		v.selected = newSelected(viewBlock)
		v.from, v.upTo = h.notifier.released, h.notifier.released
		if h.views == nil {
			h.views = make(map[string]*View)
		}
		h.views[key] = v
		cursor := h.cursor(v.upTo).Follow(nil)
		h.running.Go(func() { v.follow(cursor) }) // until the last viewer's Release
	}
	v.viewers++
	return v
}

// Release gives the view back. A nil view can be released too.
func (v *View) Release() {
	if v == nil {
		return
	}
	h := v.history
	h.mu.Lock()
	defer h.mu.Unlock()
	if v.viewers--; v.viewers == 0 {
		delete(h.views, v.key)
		close(v.stop)
	}
}

// follow selects from what comes.
func (v *View) follow(c *Cursor) {
	for {
		run := c.Read()
		if run.Lost == 0 && run.Len() == 0 {
			select {
			case <-run.Wake:
			case <-v.stop:
				return
			}
			continue
		}
		var spent time.Duration
		if run.Lost > 0 {
			v.reset(c)
		} else {
			spent = v.choose(&run)
			if v.add(&run, c) {
				v.bound()
			}
		}
		if spent > viewTurn {
			select {
			case <-v.stop:
			case <-time.After(4 * spent):
			}
		}
		select { // a flood never lets it come to the wait
		case <-v.stop:
			return
		default:
		}
	}
}

// reset empties a view that has been too slow itself, and begins at the last notification: the history reports to
// its viewers what was lost.
func (v *View) reset(c *Cursor) {
	v.history.mu.Lock()
	*c = *v.history.cursor(v.history.notifier.released).Follow(nil)
	v.history.mu.Unlock()
	v.mu.Lock()
	defer v.mu.Unlock()
	v.selected = newSelected(v.selected.blockSize)
	v.from, v.upTo = c.pos, c.pos
}

// choose notes what is selected of a run, without the lock, so that an expensive filter holds nobody up. It returns how long that took.
func (v *View) choose(run *Run) (spent time.Duration) {
	v.chosen = v.chosen[:0]
	for i := 0; i < run.Len(); {
		v.history.BeginTurn()
		began := time.Now()
		took := time.Duration(0)
		for ; i < run.Len() && took < viewTurn; took = time.Since(began) {
			if item := run.Item(i); item.Gap || v.match(item.Level, item.JSON) {
				v.chosen = append(v.chosen, i)
			}
			i++
		}
		spent += took
		v.history.EndTurn()
	}
	return spent
}

// add takes what was chosen of a run that ends at c, and reports whether there was any.
func (v *View) add(run *Run, c *Cursor) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	segments := len(v.selected.segments)
	for _, i := range v.chosen {
		item := run.Item(i)
		push(&v.selected, item.Seq, 0, run.items[i], item.Entry, item.JSON, "")
	}
	v.upTo, v.last = max(v.upTo, c.pos), c.last
	if len(v.selected.segments) > segments+1 {
		v.selected.blockSize = min(2*v.selected.blockSize, maxViewBlock)
	}
	if len(v.chosen) == 0 {
		return false
	}
	close(v.wake)
	v.wake = make(chan struct{})
	return true
}

// newSelected returns an empty queue for what a view selects.
func newSelected(blockSize int) queue {
	return queue{blockSize: blockSize, most: maxItems, bare: true, holes: true}
}

// bound drops the oldest that is more than the view's share.
func (v *View) bound() {
	v.history.mu.Lock()
	share := min(max(v.history.maxBytes/viewsShare/max(len(v.history.views), 1), viewMin), viewMax)
	v.history.mu.Unlock()
	v.mu.Lock()
	defer v.mu.Unlock()
	v.selected.blockSize = min(v.selected.blockSize, share/4)
	for v.selected.bytes > share && v.selected.count > 0 {
		v.from = v.selected.segments[0].last
		v.selected.dropOldest()
	}
}

// read reads what the view has for a cursor. ok is false when the cursor is behind what it keeps.
func (v *View) read(c *Cursor) (run Run, ok bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if c.pos < v.from || c.lost > 0 {
		return run, false
	}
	run.Wake, run.Selected = v.wake, true
	n := v.selected.after(c.pos)
	if n < 0 {
		if v.upTo > c.pos {
			c.pos, c.last, c.partly = v.upTo, v.last, false
		}
		return run, true
	}
	s := v.selected.segments[n]
	c.take(&run, s, s.block, s.find(c.pos), s.last)
	return run, true
}
