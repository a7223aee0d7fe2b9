package explore

import (
	"math"
	"slices"
	"time"

	"github.com/SupermanScott/Elva/internal/filter"
)

const (
	// rangeSlots is the number of parts into which the range is divided for the sample of values, as slots is for the base.
	rangeSlots = 10
	// slotCells is the number of records of a pattern that are sampled in each slot, one in each of its parts of equal length: a burst counts
	// no more than what is logged slowly.
	slotCells = 12
	// maxColumns bounds the fields of patterns that are compared, and maxCells their sampled values, which take 24 MiB at most.
	maxColumns = 5000
	maxCells   = 1_000_000
	// maxColumnBytes bounds the texts of all columns' values.
	maxColumnBytes = 4 << 20
	// maxColumnValues bounds the distinct values of a field in a pattern. A field with more of them has no frequent ones.
	maxColumnValues = 256
	// fewNumbers is the most distinct numbers that are compared as names are: a status, an attempt.
	fewNumbers = 12
	// minCells is the least number of sampled values in the range that a sentence needs, and minBaseCells that in the base.
	minCells     = 20
	minBaseCells = 40
	// A share has risen if it is at least minRise more than in the base.
	minRise = 0.15
	// outer is the share of the base's numbers that lie beyond the number with which the range is compared.
	outer = 0.2
	// A number whose medians rise, or fall, in more than the share trending of the pairs of slots is a counter or the like.
	trending = 0.8
	// noValue replaces values beyond maxColumnValues.
	noValue = math.MaxUint16
)

// column is a sample of the values that a field has in the records of a pattern.
type column struct {
	path   string
	values names
	texts  bool // there are values that are not numbers
	cells  []cell
}

// cell is a value in one record. A slot of the range is counted from slots on.
type cell struct {
	number        float64
	value, worker uint16 // noValue if unknown
	slot          uint8
}

func (c cell) inRange() bool { return c.slot >= slots }

// part returns which of the parts of the base and the range contains a time. slotCells parts make a slot.
func (c *Changes) part(at time.Time, inRange bool) int {
	if inRange {
		return slots*slotCells + c.in.part(at, rangeSlots*slotCells)
	}
	return c.base.part(at, slots*slotCells)
}

// part returns which of n parts of a span contains a time. The parts are of unequal length, so that what is logged by the clock, once a minute,
// is not always the record that is sampled.
func (s *span) part(at time.Time, n int) int {
	x := float64(at.Sub(s.from)) / float64(s.to.Sub(s.from)) * float64(n)
	i := min(max(int(x), 0), n-1)
	const golden = 2654435769 // 2^32 divided by the golden ratio (Knuth, 6.4): multiples of it are spread evenly
	if begin := float64(uint32(i)*golden) / (1 << 32); x-float64(i) < begin && i > 0 {
		return i - 1
	}
	return i
}

// sampleValues notes the values of a record, unless one of its part is noted already.
func (c *Changes) sampleValues(s *subject, at time.Time, inRange bool, worker uint16, encoded []byte) {
	part := c.part(at, inRange)
	if part+1 == s.part || c.cells >= maxCells {
		return
	}
	s.part = part + 1
	c.reader.Read(encoded)
	n := 0 // fields come in the same order in most records of a pattern
	for c.reader.Walk(filter.Fields); c.reader.Next(); n++ {
		path := c.reader.Path()
		col := s.column(n, path)
		if col == nil {
			if c.columns >= maxColumns || len(path) > maxShareText {
				continue
			}
			col = &column{path: string(path)}
			s.columns = append(s.columns, col)
			c.columns++
		}
		number, isNumber := c.reader.Number()
		col.texts = col.texts || !isNumber
		col.cells = append(col.cells, cell{number, c.value(col, c.reader.Key()), worker, uint8(part / slotCells)})
		c.cells++
	}
}

// column returns the column of a path, which is probably the nth.
func (s *subject) column(n int, path []byte) *column {
	if n < len(s.columns) && s.columns[n].path == string(path) {
		return s.columns[n]
	}
	for _, col := range s.columns {
		if col.path == string(path) {
			return col
		}
	}
	return nil
}

// value returns the number of a column's value.
func (c *Changes) value(col *column, key []byte) uint16 {
	if id, ok := col.values.ids[string(key)]; ok {
		return id
	}
	if len(col.values.list) >= maxColumnValues || len(key) > maxShareText || c.columnBytes+len(key) > maxColumnBytes {
		return noValue
	}
	c.columnBytes += len(key)
	id, _ := col.values.id(key)
	return id
}

// move is a change of the values of a column.
type move struct {
	value       string // for a share
	in, base    float64
	workers     []uint16 // those that have it, if others don't
	surprise    float64
	isOfNumbers bool
}

// moves returns what has changed in a column, the most surprising change only, and how many changes it looked for. length is that of the
// range, relative to the base.
func (col *column) moves(length float64) (found *move, tested int) {
	if col.texts || len(col.values.list) <= fewNumbers {
		if found, tested = col.risen(length); found != nil || col.texts {
			return found, tested
		}
	}
	// If the numbers of only some workers have moved, the change names those workers.
	workers := byWorker(col.cells)
	tested += 1 + len(workers)
	var which []uint16
	var cells []cell
	for worker, own := range workers {
		if moved(own) != nil {
			which, cells = append(which, worker), append(cells, own...)
		}
	}
	if len(which) == 0 || len(which) == len(workers) {
		return moved(col.cells), tested
	}
	if found = moved(cells); found != nil {
		found.workers = which
	}
	return found, tested
}

func byWorker(cells []cell) map[uint16][]cell {
	workers := make(map[uint16][]cell)
	for _, x := range cells {
		workers[x.worker] = append(workers[x.worker], x)
	}
	return workers
}

// moved compares the numbers of the range with those of the base. It returns nil if the median is less than twice that of the base, and of
// its last third, and more than half of it.
func moved(cells []cell) *move {
	in, base, last := numbersOf(cells, slots, slots+rangeSlots), numbersOf(cells, 0, slots), numbersOf(cells, slots-slots/3, slots)
	if len(in) < minCells || len(base) < minBaseCells || len(last) == 0 || base[0] < 0 || in[0] < 0 {
		return nil
	}
	m := &move{in: quantile(in, 0.5), base: quantile(base, 0.5), isOfNumbers: true}
	late := quantile(last, 0.5)
	more := m.in > m.base
	limit := quantile(base, outer)
	switch {
	case more && m.in >= minFactor*max(m.base, late):
		limit = quantile(base, 1-outer)
	case !more && m.in*minFactor <= min(m.base, late) && !isTrending(cells):
	default:
		return nil
	}
	m.surprise = surpriseOf(cells, func(x cell) bool { return more && x.number > limit || !more && x.number < limit })
	return m
}

// numbersOf returns the sorted numbers in the slots between from, included, and to, excluded.
func numbersOf(cells []cell, from, to uint8) (list []float64) {
	for _, x := range cells {
		if from <= x.slot && x.slot < to {
			list = append(list, x.number)
		}
	}
	slices.Sort(list)
	return list
}

// isTrending reports whether the numbers of the base rise or fall all the time: a counter that restarts at zero has not moved.
func isTrending(cells []cell) bool {
	var medians []float64
	for slot := range uint8(slots) {
		if list := numbersOf(cells, slot, slot+1); len(list) > 0 {
			medians = append(medians, quantile(list, 0.5))
		}
	}
	up, down := 0, 0
	for i, a := range medians {
		for _, b := range medians[i+1:] {
			if a < b {
				up++
			} else if a > b {
				down++
			}
		}
	}
	return float64(max(up, down)) > trending*float64(len(medians)*(len(medians)-1)/2)
}

// surpriseOf returns how surprising it is, in nats, that so many values of the range have a property, given those of the base.
func surpriseOf(cells []cell, has func(cell) bool) float64 {
	var s subject // counts the base
	var n, k [2]float64
	for _, x := range cells {
		i := 0
		if x.inRange() {
			i = 1
		}
		n[i]++
		if !has(x) {
			continue
		}
		if k[i]++; i == 0 {
			s.base++
			s.slots[x.slot]++
		}
	}
	const least = 1e-9
	p := min(max((k[0]+k[1])/(n[0]+n[1]), least), 1-least)
	return (n[0]*divergence(k[0]/n[0], p) + n[1]*divergence(k[1]/n[1], p)) / s.dispersion()
}

// risen returns the value whose share has risen most surprisingly.
func (col *column) risen(length float64) (found *move, tested int) {
	base, late, in := col.shares(0, slots), col.shares(slots-slots/3, slots), col.shares(slots, slots+rangeSlots)
	if base.n < minBaseCells || in.n < minCells {
		return nil, 0
	}
	newcomer := col.newcomerShare(length)
	for value, n := range in.of {
		now, before := float64(n)/float64(in.n), max(base.share(value), late.share(value))
		if now < minRise {
			continue
		}
		tested++
		isMuch := now >= minFactor*before || minFactor*(1-now) <= 1-before
		if now-before < minRise || !isMuch || base.of[value] == 0 && newcomer >= now/minFactor {
			continue
		}
		x := &move{value: col.values.list[value], in: now, base: base.share(value), surprise: surpriseOf(col.cells, func(x cell) bool { return x.value == value })}
		if found == nil || x.surprise > found.surprise {
			found, x.workers = x, col.workersOf(value)
		}
	}
	return found, tested
}

// shares are the numbers of cells with each value.
type shares struct {
	n  int
	of map[uint16]int
}

func (s shares) share(value uint16) float64 { return float64(s.of[value]) / float64(max(s.n, 1)) }

func (col *column) shares(from, to uint8) shares {
	s := shares{of: make(map[uint16]int)}
	for _, x := range col.cells {
		if from <= x.slot && x.slot < to {
			if s.n++; x.value != noValue {
				s.of[x.value]++
			}
		}
	}
	return s
}

// newcomerShare returns the share of the range that the most frequent newcomer of the base would have if all of its records were in a time
// as long as the range. A newcomer is a value that was first seen after the first sixth of the base. A field that has newcomers, such as a
// product in fashion, has new values all the time.
func (col *column) newcomerShare(length float64) float64 {
	const early = slots / 6
	first, count := make(map[uint16]uint8), make(map[uint16]int)
	n := 0
	for _, x := range col.cells {
		if x.inRange() {
			continue
		}
		n++
		if slot, ok := first[x.value]; !ok || x.slot < slot {
			first[x.value] = x.slot
		}
		count[x.value]++
	}
	most := 0
	for value, slot := range first {
		if slot >= early {
			most = max(most, count[value])
		}
	}
	return float64(most) / max(float64(n)*min(length, 1), 1)
}

// workersOf returns the workers that have a value in the range, if others don't.
func (col *column) workersOf(value uint16) (list []uint16) {
	has := make(map[uint16]bool)
	for _, x := range col.cells {
		if x.inRange() {
			has[x.worker] = has[x.worker] || x.value == value
		}
	}
	for worker, ok := range has {
		if ok {
			list = append(list, worker)
		}
	}
	if len(list) == len(has) {
		return nil
	}
	return list
}
