package health

import (
	"cmp"
	"math"
	"math/bits"
	"slices"

	"github.com/SupermanScott/Elva/internal/record"
)

const (
	// maxWorkers bounds the registry of workers: 5 kB each. More than that are host names that are made for each job.
	maxWorkers = 2000
	// maxServices bounds the registry of services: 8 kB each.
	maxServices = 200
	// evicted is the part of a full registry that is dropped at once, so that a flood of new names does not cost a
	// search each.
	evicted = 1.0 / 10
	// activeWorth and generatedWorth are what a worker is worth beside the logarithm of its life: an active one a
	// thousand times its life, one of many a thirtieth.
	activeWorth    = 10
	generatedWorth = -5
	// endedKept is for how many seconds a worker that ended is kept if it was one of many, and endedKeptLong if it
	// was not: a weekly job has to be known when it runs again.
	endedKept     = day
	endedKeptLong = 15 * day
)

// registry is all workers and services. A full one drops those of least worth.
type registry struct {
	workers  map[workerKey]*worker
	services map[serviceKey]*service
	ids      bitset // that workers have
	others   uint64 // records of workers that were dropped
	last     *worker
}

// bitset is a set of workers' ids.
type bitset [(maxWorkers + 63) / 64]uint64

func (b *bitset) add(i int)      { b[i/64] |= 1 << (i % 64) }
func (b *bitset) remove(i int)   { b[i/64] &^= 1 << (i % 64) }
func (b *bitset) has(i int) bool { return b[i/64]&(1<<(i%64)) != 0 }

// free returns an id that is not in the set; ok is false when all are.
func (b *bitset) free() (id int, ok bool) {
	for i, word := range b {
		if id := i*64 + bits.TrailingZeros64(^word); word != math.MaxUint64 && id < maxWorkers {
			return id, true
		}
	}
	return 0, false
}

// worker returns the worker that logged a record. A new one is added, if need be in the place of others.
func (h *Health) worker(now float64, channel string, r *record.Record) *worker {
	name, isField := r.Service()
	key := workerKey{host: r.Host, service: name, channel: channel}
	if w := h.registry.last; w != nil && w.key == key {
		return w
	}
	w := h.registry.workers[key]
	if w == nil {
		// Two long names that are equal as far as they are kept are one worker.
		key = workerKey{clip(r.Host), clip(name), clip(channel)}
		if w = h.registry.workers[key]; w == nil {
			w = h.addWorker(now, key, isField)
		}
	}
	h.registry.last = w
	return w
}

func (h *Health) addWorker(now float64, key workerKey, isField bool) *worker {
	if len(h.registry.workers) >= maxWorkers {
		h.evictWorkers(now)
	}
	s := h.service(now, serviceKey{maskService(key.service), key.channel}, isField)
	id, _ := h.registry.ids.free() // there is one: workers were dropped
	h.registry.ids.add(id)
	w := &worker{id: id, key: key, name: key.name(), service: s, channel: h.counters.channel(key.channel), generated: generated(key.host) || s.key.name != key.service && generated(key.service)}
	// What may have been there before the service was seen is no newcomer.
	w.newcomer = len(s.workers) > 0 && now-s.activity.first > max(runQuiet, 3*s.activity.mean)
	if watched := now - h.started - h.watch.lost; watched > runQuiet && now > h.started {
		w.activity.runs.add(now, watched, true)
		if len(s.workers) == 0 {
			s.activity.runs.add(now, watched, true)
		}
	}
	s.workers = append(s.workers, w)
	h.registry.workers[key] = w
	return w
}

func (h *Health) service(now float64, key serviceKey, isField bool) *service {
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

// evictWorkers drops those of least worth: what lived shortly and is gone for long, rather one of many.
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
	for _, w := range list[:int(evicted*maxWorkers)] {
		h.dropWorker(w)
	}
}

// evictServices drops those whose workers have been gone for longest.
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
	for _, s := range list[:int(evicted*maxServices)] {
		for _, w := range slices.Clone(s.workers) {
			h.dropWorker(w)
		}
		delete(h.registry.services, s.key)
		h.groups.dropService(s)
	}
}

// dropWorker takes a worker out of everything that refers to it. Its service stays.
func (h *Health) dropWorker(w *worker) {
	delete(h.registry.workers, w.key)
	h.registry.ids.remove(w.id)
	h.registry.others += w.records
	if h.registry.last == w {
		h.registry.last = nil
	}
	s := w.service
	s.workers = slices.DeleteFunc(s.workers, func(other *worker) bool { return other == w })
	if s.critical.worker == w {
		s.critical.worker = nil
	}
	h.groups.dropWorker(w.id)
}

// expire drops the workers that ended long ago, and the services that have none.
func (h *Health) expire(now float64) {
	for _, w := range h.registry.workers {
		kept := endedKeptLong
		if w.generated || w.life() < jobLife {
			kept = endedKept
		}
		if w.state != active && w.state != quiet && now-w.activity.last > kept {
			h.dropWorker(w)
		}
	}
	for _, s := range h.registry.services {
		if len(s.workers) == 0 && now-s.activity.last > endedKeptLong {
			delete(h.registry.services, s.key)
			h.groups.dropService(s)
		}
	}
}
