package health

import (
	"cmp"
	"math"
	"math/bits"
	"slices"

	"github.com/SupermanScott/Elva/internal/record"
)

const (
	// maxWorkers bounds the registry of workers, which take 6 kB each. More workers than that have generated host names.
	maxWorkers = 2000
	// maxServices bounds the registry of services, which take 10 kB each.
	maxServices = 200
	// evictedShare is the share of a full registry that is dropped at once, so that a flood of new names doesn't cause a
	// search for each.
	evictedShare = 1.0 / 10
	// activeWorth and generatedWorth are added to the binary logarithm of a worker's life: an active worker is worth a
	// thousand times its life, one with a generated name a thirtieth.
	activeWorth    = 10
	generatedWorth = -5
	// keepEnded is the time that an ended worker is kept if it has a generated name or lived only shortly.
	keepEnded = day
	// keepEndedLong is the time that other ended workers are kept. A weekly job must be recognized.
	keepEndedLong = 15 * day
)

// registry is all workers and services. A full registry drops the least important ones.
type registry struct {
	workers        map[workerKey]*worker
	services       map[serviceKey]*service
	ids            bitset // IDs that are in use
	droppedRecords uint64 // records of workers that were dropped
}

// bitset is a set of worker IDs.
type bitset [(maxWorkers + 63) / 64]uint64

func (b *bitset) add(i int)      { b[i/64] |= 1 << (i % 64) }
func (b *bitset) remove(i int)   { b[i/64] &^= 1 << (i % 64) }
func (b *bitset) has(i int) bool { return b[i/64]&(1<<(i%64)) != 0 }

func (b *bitset) count() (n int) {
	for _, word := range b {
		n += bits.OnesCount64(word)
	}
	return n
}

// free returns an ID that is not in the set; ok is false if there is none.
func (b *bitset) free() (id int, ok bool) {
	for i, word := range b {
		if id := i*64 + bits.TrailingZeros64(^word); word != math.MaxUint64 && id < maxWorkers {
			return id, true
		}
	}
	return 0, false
}

// workerFor returns the worker that logged a record. It adds an unknown worker, for which it may drop others.
func (h *Health) workerFor(now float64, channel string, r *record.Record) *worker {
	name, isField := r.Service()
	key := workerKey{host: r.Host, service: name, channel: channel}
	w := h.registry.workers[key]
	if w == nil {
		// Long names that have the same clipped form belong to one worker.
		key = workerKey{clip(r.Host), clip(name), clip(channel)}
		if w = h.registry.workers[key]; w == nil {
			w = h.addWorker(now, key, isField)
		}
	}
	return w
}

func (h *Health) addWorker(now float64, key workerKey, isField bool) *worker {
	if len(h.registry.workers) >= maxWorkers {
		h.evictWorkers(now)
	}
	s := h.serviceFor(now, serviceKey{maskService(key.service), key.channel}, isField)
	id, _ := h.registry.ids.free() // there is always one, since a full registry drops workers
	h.registry.ids.add(id)
	w := &worker{id: id, key: key, name: key.name(), service: s, channelCounts: h.counters.channel(key.channel), generated: looksGenerated(key.host) || s.key.name != key.service && looksGenerated(key.service)}
	// A worker that may be as old as its service is no newcomer.
	w.newcomer = len(s.workers) > 0 && now-s.activity.first > max(minRunPause, 3*s.activity.mean)
	if watched := now - h.observedFrom - h.watch.unobserved; watched > minRunPause && now > h.observedFrom {
		w.activity.runs.add(now, watched, true)
		if len(s.workers) == 0 {
			s.activity.runs.add(now, watched, true)
		}
	}
	s.workers = append(s.workers, w)
	h.registry.workers[key] = w
	return w
}

func (h *Health) serviceFor(now float64, key serviceKey, isField bool) *service {
	if s := h.registry.services[key]; s != nil {
		return s
	}
	if len(h.registry.services) >= maxServices {
		h.evictServices(now)
	}
	s := &service{key: key, field: isField}
	h.registry.services[key] = s
	return s
}

// evictWorkers drops the workers that lived shortly and ended long ago, and rather those with generated names.
func (h *Health) evictWorkers(now float64) {
	list := make([]*worker, 0, len(h.registry.workers))
	for _, w := range h.registry.workers {
		list = append(list, w)
	}
	worth := func(w *worker) float64 {
		value := math.Log2(w.life()+1) - math.Log2(max(now-w.activity.last, 0)+1)
		if w.state == active || w.state == quiet {
			value += activeWorth
		}
		if w.generated {
			value += generatedWorth
		}
		return value
	}
	slices.SortFunc(list, func(a, b *worker) int { return cmp.Or(cmp.Compare(worth(a), worth(b)), cmp.Compare(a.id, b.id)) })
	for _, w := range list[:int(evictedShare*maxWorkers)] {
		h.dropWorker(w)
	}
}

// evictServices drops the services that lived shortly and ended long ago.
func (h *Health) evictServices(now float64) {
	list := make([]*service, 0, len(h.registry.services))
	for _, s := range h.registry.services {
		list = append(list, s)
	}
	worth := func(s *service) float64 {
		return math.Log2(s.activity.last-s.activity.first+1) - math.Log2(max(now-s.activity.last, 0)+1)
	}
	slices.SortFunc(list, func(a, b *service) int {
		return cmp.Or(cmp.Compare(worth(a), worth(b)), cmp.Compare(a.key.name, b.key.name), cmp.Compare(a.key.channel, b.key.channel))
	})
	for _, s := range list[:int(evictedShare*maxServices)] {
		for _, w := range slices.Clone(s.workers) {
			h.dropWorker(w)
		}
		delete(h.registry.services, s.key)
		h.groups.dropService(s)
	}
}

// dropWorker removes a worker and everything that refers to it. Its service remains.
func (h *Health) dropWorker(w *worker) {
	delete(h.registry.workers, w.key)
	h.registry.ids.remove(w.id)
	h.registry.droppedRecords += w.records
	s := w.service
	s.workers = slices.DeleteFunc(s.workers, func(other *worker) bool { return other == w })
	if s.critical.worker == w {
		s.critical.worker = nil
	}
	h.groups.dropWorker(w.id)
}

// expire drops the workers that ended long ago, and the services that have no workers left.
func (h *Health) expire(now float64) {
	for _, w := range h.registry.workers {
		kept := keepEndedLong
		if w.generated || w.life() < jobLife {
			kept = keepEnded
		}
		if w.state != active && w.state != quiet && now-w.activity.last > kept {
			h.dropWorker(w)
		}
	}
	for _, s := range h.registry.services {
		if len(s.workers) == 0 && now-s.activity.last > keepEndedLong {
			delete(h.registry.services, s.key)
			h.groups.dropService(s)
		}
	}
}
