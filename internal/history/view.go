package history

import (
	"sync"

	"github.com/SupermanScott/Elva/internal/record"
)

const (
	// viewsShare is the part of the byte bound that all views together may take beside the lanes.
	viewsShare = 8
	// viewMin and viewMax bound one view. The least is some forty records, a second of what a narrow
	// filter selects; the most is what a flood brings between two wake-ups, twice.
	viewMin = 16 << 10
	viewMax = 256 << 10
	// viewBlock is a view's first block. Most filters select little; the blocks of one that selects
	// much grow.
	viewBlock = 2 << 10
)

// View is the newest of what a selection takes of a history, kept for all readers that want the same:
// each record is looked at once, not once by each of them, and a reader is woken only when there is
// something for it. A reader that is behind what a view keeps reads the history itself until it has
// caught up.
type View struct {
	history *History
	key     string
	match   func(record.Level, []byte) bool
	readers int // the history's lock guards it
	stop    chan struct{}

	mu   sync.Mutex
	lane lane
	from uint64        // what is above it, up to upTo, is in the lane if it is selected
	upTo uint64        // the last number that was looked at
	wake chan struct{} // closed when something has come into the lane
}

// View returns the view of what match selects, which key names: views with the same key are one. It
// returns nil when there are too many already; a reader does without then. Whoever gets one must
// Release it.
//
// match is called by one goroutine at a time, and not for gaps, which every view has.
func (h *History) View(key string, match func(record.Level, []byte) bool) *View {
	h.mu.Lock()
	defer h.mu.Unlock()
	v := h.views[key]
	if v == nil {
		if h.pulse.stopped || (len(h.views)+1)*viewMin > h.maxBytes/viewsShare {
			return nil
		}
		v = &View{history: h, key: key, match: match, stop: make(chan struct{}), wake: make(chan struct{})}
		v.lane.blockSize, v.lane.bare = viewBlock, true
		v.lane.read = h.at(h.pulse.released)
		v.from, v.upTo = h.pulse.released, h.pulse.released
		if h.views == nil {
			h.views = make(map[string]*View)
		}
		h.views[key] = v
		go v.follow((&Reader{history: h, pos: v.upTo}).Follow(nil)) // until the last reader's Release
	}
	v.readers++
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
	if v.readers--; v.readers == 0 {
		delete(h.views, v.key)
		close(v.stop)
	}
}

// follow selects from what comes.
func (v *View) follow(r *Reader) {
	for {
		run := r.Read()
		if run.Lost == 0 && run.Len() == 0 {
			select {
			case <-run.Wake:
			case <-v.stop:
				return
			}
			continue
		}
		if run.Lost > 0 {
			v.restart(r)
		} else if v.add(&run, r.pos) {
			v.bound()
		}
		select { // a flood never lets it come to the wait
		case <-v.stop:
			return
		default:
		}
	}
}

// restart begins anew at the last wake-up, when the view has been too slow itself: its readers have to be
// told by the history what was lost.
func (v *View) restart(r *Reader) {
	v.history.mu.Lock()
	r.pos, r.told = v.history.pulse.released, 0
	v.history.mu.Unlock()
	v.mu.Lock()
	defer v.mu.Unlock()
	v.lane = lane{blockSize: v.lane.blockSize, bare: true, read: v.lane.read}
	v.from, v.upTo = r.pos, r.pos
}

// add takes what is selected of a run that ends at the number pos, and reports whether there was any.
func (v *View) add(run *Run, pos uint64) (added bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	blocks := len(v.lane.blocks)
	for i, e := range run.entries {
		item := run.Item(i)
		if e.gap || v.match(e.level, item.JSON) {
			push(&v.lane, e, item.Position, item.JSON, "")
			added = true
		}
	}
	v.upTo = max(v.upTo, pos)
	if len(v.lane.blocks) > blocks+1 {
		v.lane.blockSize = min(2*v.lane.blockSize, 32<<10)
	}
	if added {
		close(v.wake)
		v.wake = make(chan struct{})
	}
	return added
}

// bound drops the oldest that is more than the view's share.
func (v *View) bound() {
	v.history.mu.Lock()
	share := min(max(v.history.maxBytes/viewsShare/max(len(v.history.views), 1), viewMin), viewMax)
	v.history.mu.Unlock()
	v.mu.Lock()
	defer v.mu.Unlock()
	for v.lane.bytes > share && v.lane.count > 0 {
		v.from = v.lane.oldest().seq
		v.lane.dropOldest()
	}
}

// read reads what the view has for r. ok is false when r is behind what it keeps.
func (v *View) read(r *Reader) (run Run, ok bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if r.pos < v.from || r.told > 0 {
		return run, false
	}
	run.Wake, run.Selected, run.made = v.wake, true, &v.history.made
	b, lo := v.lane.after(r.pos)
	if b == nil {
		r.pos = max(r.pos, v.upTo)
		return run, true
	}
	last := run.take(b, lo, ^uint64(0))
	r.pos, r.at = last.seq, last.at
	return run, true
}
