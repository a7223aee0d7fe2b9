package explore

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/SupermanScott/Elva/internal/filter"
	"github.com/SupermanScott/Elva/internal/record"
)

const (
	// maxOperations bounds the threads that are kept. Each takes about 300 bytes.
	maxOperations = 20_000
	// maxOperationsListed bounds the operations in an answer. Nobody reads more.
	maxOperationsListed = 200
	// minThreads is the number of threads of one kind from which on their normal duration and pauses are known.
	minThreads = 5
	// quietAtLeast and quietAtMost bound how long a thread must be quiet to count as finished: a record can take a second to pass through
	// Redis, and nobody waits longer than five minutes. quietUnknown applies to kinds with fewer than minThreads threads.
	quietAtLeast = 2 * time.Second
	quietUnknown = 30 * time.Second
	quietAtMost  = 5 * time.Minute
	// A thread counts as finished once it has been quiet for quietFactor times the 95th percentile of the longest pauses of
	// its kind.
	quietFactor = 3
	// A pattern ends threads if at least the share endShare of its records are the last of their threads.
	endShare = 0.8
	// A thread is slow if it takes slowFactor times the normal duration, and slowLeast more.
	slowFactor = 3
	slowLeast  = 100 * time.Millisecond
	// maxPatternsOfThreads bounds the patterns that are checked for ending threads.
	maxPatternsOfThreads = 10_000
)

// Operations groups records with the same ID into pieces of work, called threads, and determines the state of each.
//
// The ID is the first of a record's IDs that names a piece of work: a trace, a request, a job or a transaction, or else
// another ID that two records share. Threads whose first records have the same pattern are of one kind. A thread is finished
// when
//
//   - its newest record has a pattern that ends threads: a share of at least [endShare] of that pattern's records are the
//     last of their threads, or
//   - it has been quiet for [quietFactor] times the 95th percentile of the longest pauses of its kind, or for [quietUnknown]
//     if there are fewer than [minThreads].
//
// Until then it is running. A finished thread with an error has failed. A thread is slow if it takes [slowFactor] times the median duration
// of the finished threads of its kind.
//
// What is normal for a kind is learned from many threads, see [Norms], or if its kind is not known there, from those that were added.
type Operations struct {
	now     time.Time
	norms   *Norms
	reader  *filter.Reader
	workers names
	threads map[string]*thread
	ends    map[uint32]*ending
	skipped int // records of threads beyond maxOperations
}

type thread struct {
	id, kind, name string
	records        int
	levels         Levels
	workers        tally
	pattern        uint32 // of the first record
	lastPattern    uint32
	title          []byte
	first, last    time.Time     // the records' own times
	seen           time.Time     // the arrival of the newest record
	before         time.Time     // the arrival of the record that was added last
	pause          time.Duration // the longest one between two records

	running bool
	slow    bool
	normal  time.Duration
}

// ending counts the records of a pattern, and those that are the last of a finished thread.
type ending struct{ records, last int }

// Norms is what is normal for operations: how long those of each kind take and pause, and which patterns end them. The zero value knows
// nothing.
type Norms struct {
	kinds map[uint32]norm // by the pattern of the first record
	ends  map[uint32]bool
}

// norm is what is normal for a kind: the median duration, and how long a thread must be quiet to count as finished.
type norm struct{ normal, quiet time.Duration }

// NewOperations returns the operations of the records that f selects, in their state at the time now. norms, which may be nil, were learned
// from more records, of any filter.
func NewOperations(f *filter.Filter, now time.Time, norms *Norms) *Operations {
	if norms == nil {
		norms = new(Norms)
	}
	return &Operations{
		now: now, norms: norms, reader: filter.NewReader(f, filter.IDs, filter.Worker, filter.Message),
		threads: make(map[string]*thread), ends: make(map[uint32]*ending),
	}
}

// isWork reports whether IDs of a kind identify a piece of work. A session comprises many pieces of work, and a span is a part of one.
func isWork(kind []byte) bool {
	switch string(kind) {
	case "trace", "request", "job", "transaction":
		return true
	}
	return false
}

// Add adds a selected record. Records must come newest first. Add does not retain encoded.
func (o *Operations) Add(level record.Level, encoded []byte) {
	o.reader.Read(encoded)
	t := o.thread()
	if t == nil {
		return
	}
	pattern, _ := PatternOf(encoded)
	at, _ := o.reader.Time()
	arrived, _ := o.reader.At()
	t.records++
	t.levels[level]++
	if id, ok := o.workers.id(o.reader.Text(filter.Worker)); ok {
		o.workers.count(t.workers, id)
	}
	if e := o.ending(pattern); e != nil {
		e.records++
	}
	if t.records == 1 || !at.After(t.first) {
		t.first, t.pattern = at, pattern
		t.title = append(t.title[:0], o.title()...)
	}
	if t.records == 1 || at.After(t.last) {
		t.last, t.lastPattern = at, pattern
	}
	if t.records == 1 {
		t.seen = arrived
	} else {
		t.pause = max(t.pause, t.before.Sub(arrived))
	}
	t.before = arrived
}

// title returns the beginning of the current record's message.
func (o *Operations) title() []byte {
	text := o.reader.Text(filter.Message)
	return text[:min(len(text), maxText)]
}

// IsFull reports whether there are as many threads as are kept.
func (o *Operations) IsFull() bool { return len(o.threads) >= maxOperations }

func (o *Operations) ending(pattern uint32) *ending {
	e := o.ends[pattern]
	if e == nil && len(o.ends) < maxPatternsOfThreads {
		e = new(ending)
		o.ends[pattern] = e
	}
	return e
}

// thread returns the thread of the current record, or nil if it has none or there are too many threads.
func (o *Operations) thread() *thread {
	var kind, name, value [128]byte // package record allows no longer ones
	var kindLen, nameLen, valueLen int
	other := false
	for o.reader.Walk(filter.IDs); o.reader.Next(); {
		switch string(o.reader.Path()) {
		case ".kind":
			kindLen = copy(kind[:], o.reader.Leaf())
		case ".name":
			nameLen = copy(name[:], o.reader.Leaf())
		case ".value":
			if other = string(kind[:kindLen]) == "other"; !isWork(kind[:kindLen]) && !other {
				continue
			}
			valueLen = copy(value[:], o.reader.Leaf())
		}
		if valueLen > 0 {
			break
		}
	}
	if valueLen == 0 {
		return nil
	}
	t := o.threads[string(value[:valueLen])]
	if t != nil {
		return t
	}
	if len(o.threads) >= maxOperations {
		o.skipped++
		return nil
	}
	t = &thread{id: string(value[:valueLen]), kind: string(kind[:kindLen]), name: string(name[:nameLen]), workers: make(tally, 1)}
	o.threads[t.id] = t
	return t
}

// OperationList is the answer to ?operations.
type OperationList struct {
	At time.Time `json:"at"`
	Cut
	Counts     OperationCounts `json:"counts"`
	Operations []Operation     `json:"operations"`
}

// OperationCounts are the numbers of threads by state. Slow counts the slow threads of any state.
type OperationCounts struct {
	Running int `json:"running"`
	Failed  int `json:"failed"`
	Slow    int `json:"slow"`
	Done    int `json:"done"`
}

// Operation is one thread. Duration and Normal are in milliseconds. Normal is 0 if unknown.
type Operation struct {
	ID       string    `json:"id"`
	Kind     string    `json:"kind"`
	Name     string    `json:"name"`
	Title    string    `json:"title"`
	Pattern  string    `json:"pattern"`
	First    time.Time `json:"first"`
	Last     time.Time `json:"last"`
	Duration int64     `json:"duration"`
	Normal   int64     `json:"normal,omitempty"`
	Records  int       `json:"records"`
	Worst    string    `json:"worst"`
	Workers  []string  `json:"workers"`
	State    string    `json:"state"`
	Slow     bool      `json:"slow,omitempty"`
}

// List returns the operations: first the running ones, then the failed, the slow and the other ones, each newest first.
func (o *Operations) List() *OperationList {
	o.setStates()
	list := &OperationList{At: o.now.UTC(), Cut: Cut{Complete: o.skipped == 0}, Operations: []Operation{}}
	if o.skipped > 0 {
		list.Reason = "there are too many operations: the oldest are left out"
	}
	all := slices.Collect(maps.Values(o.threads))
	for _, t := range all {
		switch t.state() {
		case "running":
			list.Counts.Running++
		case "failed":
			list.Counts.Failed++
		default:
			list.Counts.Done++
		}
		if t.slow {
			list.Counts.Slow++
		}
	}
	slices.SortFunc(all, func(a, b *thread) int {
		return cmp.Or(cmp.Compare(a.rank(), b.rank()), b.last.Compare(a.last), cmp.Compare(a.id, b.id))
	})
	for _, t := range all[:min(len(all), maxOperationsListed)] {
		list.Operations = append(list.Operations, o.list(t))
	}
	return list
}

func (o *Operations) list(t *thread) Operation {
	return Operation{
		ID: t.id, Kind: t.kind, Name: t.name, Title: clip(firstLine(string(t.title))), Pattern: patternText(t.pattern), First: t.first.UTC(), Last: t.last.UTC(),
		Duration: milliseconds(o.duration(t)), Normal: milliseconds(t.normal), Records: t.records, Worst: LevelName(t.levels.worst()),
		Workers: o.workers.top(t.workers, maxListed), State: t.state(), Slow: t.slow,
	}
}

// duration returns how long a thread took, or has taken so far if it is running.
func (o *Operations) duration(t *thread) time.Duration {
	if t.running && o.now.After(t.last) {
		return o.now.Sub(t.first)
	}
	return t.last.Sub(t.first)
}

func (t *thread) state() string {
	switch {
	case t.running:
		return "running"
	case t.levels.worst() >= record.Error:
		return "failed"
	}
	return "done"
}

// rank returns where a thread is in the list of operations: running, failed, slow, done.
func (t *thread) rank() int {
	switch state := t.state(); {
	case state == "running":
		return 0
	case state == "failed":
		return 1
	case t.slow:
		return 2
	}
	return 3
}

// Norms returns what is normal for the operations that were added.
func (o *Operations) Norms() *Norms {
	n := &Norms{kinds: o.setStates(), ends: make(map[uint32]bool)}
	for pattern := range o.ends {
		if o.isEnd(pattern) {
			n.ends[pattern] = true
		}
	}
	return n
}

// setStates determines which threads are running and which are slow. It returns what is normal for each kind that has enough threads.
func (o *Operations) setStates() map[uint32]norm {
	maps.DeleteFunc(o.threads, func(_ string, t *thread) bool { return t.kind == "other" && t.records < 2 })
	alike := make(map[uint32][]*thread) // by their first pattern
	for _, t := range o.threads {
		alike[t.pattern] = append(alike[t.pattern], t)
	}
	quiet := make(map[uint32]time.Duration, len(alike))
	for pattern, threads := range alike {
		kind, known := o.norms.kinds[pattern]
		if !known {
			kind.quiet = quietOf(threads)
		}
		quiet[pattern] = kind.quiet
		for _, t := range threads {
			if t.running = o.now.Sub(t.seen) <= kind.quiet; !t.running {
				if e := o.ends[t.lastPattern]; e != nil {
					e.last++
				}
			}
		}
	}
	kinds := make(map[uint32]norm, len(alike))
	for pattern, threads := range alike {
		var finished []time.Duration
		for _, t := range threads {
			if t.running = t.running && !o.isEnd(t.lastPattern); !t.running {
				finished = append(finished, o.duration(t))
			}
		}
		kind, known := o.norms.kinds[pattern]
		if !known && len(finished) >= minThreads {
			slices.Sort(finished)
			kind, known = norm{quantile(finished, 0.5), quiet[pattern]}, true
		}
		if !known {
			continue
		}
		kinds[pattern] = kind
		for _, t := range threads {
			t.normal = kind.normal
			d := o.duration(t)
			t.slow = d > slowFactor*t.normal && d > t.normal+slowLeast
		}
	}
	return kinds
}

// isEnd reports whether a pattern ends threads.
func (o *Operations) isEnd(pattern uint32) bool {
	if o.norms.ends[pattern] {
		return true
	}
	e := o.ends[pattern]
	return e != nil && e.last >= minThreads && float64(e.last) >= endShare*float64(e.records)
}

// quietOf returns how long a thread must be quiet to count as finished, given all threads of its kind.
func quietOf(threads []*thread) time.Duration {
	if len(threads) < minThreads {
		return quietUnknown
	}
	pauses := make([]time.Duration, len(threads))
	for i, t := range threads {
		pauses[i] = t.pause
	}
	slices.Sort(pauses)
	return min(max(quietFactor*quantile(pauses, 0.95), quietAtLeast), quietAtMost)
}
