package history

import (
	"runtime"

	"github.com/SupermanScott/Elva/internal/record"
)

// keep is the keeper: it packs segments and makes room in the background, so that an append need not do so unless processors are
// busy.
func (h *History) keep() {
	var old block // the contents of the segment to drop
	for {
		for h.tidy(&old) {
			runtime.Gosched() // receiving has priority
		}
		select {
		case <-h.work:
		case <-h.closed:
			return
		}
	}
}

// tidy does one piece of work and reports whether there may be more to do. old is scratch memory.
func (h *History) tidy(old *block) bool {
	h.mu.Lock()
	if waiting, _ := h.waits(); h.exceeds(slackShare, waiting) {
		defer h.mu.Unlock()
		return h.tidyOldest(old)
	}
	h.mu.Unlock()
	return !h.rushed() && h.packNext()
}

// packNext packs a segment and reports whether there was one to pack. It holds the lock only to choose the segment and to store the
// result.
func (h *History) packNext() bool {
	h.packing.Lock()
	defer h.packing.Unlock()
	h.mu.Lock()
	q, s := h.toPack()
	if s == nil {
		h.mu.Unlock()
		return false
	}
	b := s.block
	b.packing = true
	h.mu.Unlock()
	p := h.packer.pack(b) // only the newest segment of a queue changes
	h.mu.Lock()
	defer h.mu.Unlock()
	q.pack(s, p)
	return true
}

// tidyOldest drops a segment. If items of it are retained, it unpacks the segment, and releases the lock meanwhile. The caller holds the
// lock.
func (h *History) tidyOldest(old *block) bool {
	if len(h.log.segments) < 2 || h.dropsRetained() {
		return h.makeRoom(nil)
	}
	oldest := h.log.segments[0]
	if oldest.packed == nil || !oldest.retains() || oldest.retainsAll() {
		return h.makeRoom(nil)
	}
	h.mu.Unlock()
	err := oldest.packed.unpack(h.cache.decoder(), old, oldest.count, true)
	h.mu.Lock()
	if h.log.segments[0] != oldest { // meanwhile an append dropped it
		return true
	}
	if err != nil {
		old.reset()
	}
	return h.makeRoom(old)
}

// toPack returns the next segment to pack and its queue. The segment is nil if there is none. The caller holds the lock.
func (h *History) toPack() (*queue, *segment) {
	if s := h.log.toPack(h.maxBytes / rawShare); s != nil {
		return &h.log, s
	}
	return &h.retained, h.retained.toPack(h.maxBytes / rawShare / retainedShare)
}

// toPack returns the oldest full segment that is not packed, or nil if the segments that are not packed take no more than share bytes.
func (q *queue) toPack(share int) *segment {
	if q.raw > share && q.packed+1 < len(q.segments) {
		return q.segments[q.packed]
	}
	return nil
}

// exceeds reports whether the history exceeds its bounds. The bound in bytes is reduced by that of waiting records, though not below
// 1/leastShare. If share is not 0, both bounds are reduced by 1/share. The caller holds the lock.
func (h *History) exceeds(share, waiting int) bool {
	records, bytes := h.maxRecords, max(h.maxBytes-waiting, h.maxBytes/leastShare)
	if share > 0 {
		records, bytes = records-records/share, bytes-bytes/share
	}
	return h.log.count+h.retained.count > records || h.log.bytes+h.retained.bytes > bytes
}

// dropsRetained reports whether the next segment to drop is a retained one. The caller holds the lock.
func (h *History) dropsRetained() bool {
	r := &h.retained
	return len(r.segments) > 0 &&
		(len(h.log.segments) == 1 || r.count > h.maxRecords/retainedShare || r.bytes > h.maxBytes/retainedShare)
}

// makeRoom drops a segment and reports whether there was one to drop. old has the contents of the oldest segment of the log, or is
// nil if they are not unpacked. The caller holds the lock.
func (h *History) makeRoom(old *block) bool {
	switch {
	case h.dropsRetained():
		h.retained.dropOldest()
		return true
	case len(h.log.segments) == 1:
		return false
	}
	s := h.log.segments[0]
	if s.retainsAll() {
		h.retained.move(&h.log)
		return true
	}
	if s.retains() {
		h.retain(s, old)
	}
	h.log.dropOldest()
	return true
}

// retains reports whether any item of a segment of the log may be retained when the segment is dropped.
func (s *segment) retains() bool {
	return s.packed == nil || s.packed.index.Gaps > 0 || s.packed.index.Levels>>record.Warning != 0
}

// retainsAll reports whether all items of a segment are retained. Such a segment is moved without unpacking it: in a storm of errors,
// unpacking and packing again took a sixth of the CPU time.
func (s *segment) retainsAll() bool {
	return s.packed != nil && s.packed.index.Levels&(1<<record.Warning-1) == 0
}

// retain adds the gaps and the warnings and worse of a segment to the retained queue. b has the contents of the segment, or is nil if they
// are not unpacked. The caller holds the lock.
func (h *History) retain(s *segment, b *block) {
	if s.block != nil {
		b = s.block
	} else if b == nil { // an append can't wait for the keeper
		b = &block{}
		if s.packed.unpack(h.cache.decoder(), b, s.count, true) != nil {
			return // the segment is damaged, so its items are lost
		}
	}
	for i, it := range b.items {
		if it.gap || it.level >= record.Warning {
			from, to := b.payload(i)
			push(&h.retained, s.first+uint64(i), s.at, it, b.entry(i), b.json(i), b.payloads[from:to])
			h.retained.newest().see(s.latest)
		}
	}
}
