package wire

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/SupermanScott/Elva/internal/filter"
	"github.com/SupermanScott/Elva/internal/history"
	"github.com/SupermanScott/Elva/internal/record"
)

// partialEvery is the interval at which a slow histogram writes its finished buckets.
const partialEvery = 50 * time.Millisecond

// steps are the bucket lengths, in seconds, that people read easily. Longer ones are multiples of a day. It is read only.
var steps = [...]int64{10, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, day}

const day = 86400

// histogram counts records by level in buckets of time.
type histogram struct {
	out      *Response
	search   *Search
	from, to time.Time // the range of the filter; zero for no bound
	// start, end and step describe the range that is requested, in Unix seconds. The filter may select records outside this range. They
	// get buckets at their own times, unless there are too many.
	start, end, step int64
	buckets          map[int64]*history.Levels
	times            filter.Indexer
	records          uint64
	written          time.Time
}

// ServeHistogram answers with the counts of the records that s selects, as NDJSON: first a line with the range, then the buckets that have
// records, the newest first, then a line with the sum and the number of the newest record at the start of the count.
func ServeHistogram(out *Response, r *http.Request, h *history.History, s *Search, request *Request) {
	if s == nil {
		s = &Search{gone: r.Context().Done()}
	}
	c := histogram{out: out, search: s, buckets: make(map[int64]*history.Levels)}
	err := c.setRange(h.Stats().Oldest, time.Now(), request)
	if err == nil {
		err = admit(h)
	}
	if err != nil {
		out.Refuse(err)
		return
	}
	out.Header().Set("Content-Type", "application/x-ndjson")
	out.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return
	}
	defer out.Finish()
	if c.line(map[string]any{"from": unixText(c.start), "to": unixText(c.end), "step": c.step}) != nil || canFlush(out.w) && out.Flush() != nil {
		return
	}
	c.written = time.Now()
	newest := h.Stats().Last
	b := h.Backward(s.filter, 0, newest+1)
	err = s.back(b, false, c.countIndex, c.countItem, func() error { return c.partial(b) })
	last := map[string]any{"complete": err == nil, "seq": newest}
	if err != nil {
		if latest, ok := b.Latest(); ok {
			last["reached"] = latest.UTC()
		}
		last["reason"] = err.Error()
	}
	last["records"] = c.records
	if c.write(minTime) == nil {
		_ = c.line(last) // an error means that the client is gone
	}
}

// minTime and maxTime are the first and the last second that JSON can represent, in Unix time.
const minTime, maxTime = -62_135_596_800, 253_402_300_799

// setRange sets the range and the step. oldest is the arrival of the oldest record.
func (c *histogram) setRange(oldest, now time.Time, request *Request) error {
	c.from, c.to = c.search.filter.Range()
	start, end := c.from, c.to
	if end.IsZero() {
		end = now.Add(time.Nanosecond) // the end itself is not included
	}
	if start.IsZero() {
		if start = oldest; start.IsZero() || start.After(end) {
			start = end
		}
	}
	first := min(max(start.Unix(), minTime), maxTime)
	last := max(min(max(end.Add(time.Second-1).Unix(), minTime), maxTime), first)
	if c.step = request.Step; c.step == 0 {
		c.step = stepFor(first, last, int64(request.Buckets))
	}
	c.start, c.end = history.Align(first, c.step), max(history.Align(last+c.step-1, c.step), history.Align(first, c.step)+c.step)
	if (c.end-c.start)/c.step > maxBuckets {
		return refuse("step: %d s make more than %d buckets from %s to %s", c.step, maxBuckets, unixText(c.start), unixText(c.end))
	}
	return nil
}

// stepFor returns the shortest easily read step with which that many buckets cover a range.
func stepFor(first, last, buckets int64) int64 {
	fits := func(step int64) bool {
		return (history.Align(last+step-1, step)-history.Align(first, step))/step <= buckets
	}
	for _, step := range steps {
		if fits(step) {
			return step
		}
	}
	step := max((last-first)/buckets/day, 1) * day
	for !fits(step) && step < maxTime-minTime { // even a single bucket may have to begin before the range and end after it
		step += max(step/day/8, 1) * day
	}
	return step
}

func unixText(seconds int64) string {
	return time.Unix(min(max(seconds, minTime), maxTime), 0).UTC().Format(time.RFC3339)
}

// countIndex counts a segment by its index alone. It returns false if the index is not detailed enough.
func (c *histogram) countIndex(x *history.Index) bool {
	levels, exact := c.search.filter.Levels()
	if !exact || x.Slots == nil ||
		x.From.Before(c.from) || !c.to.IsZero() && !x.To.Before(c.to) {
		return false
	}
	for _, slot := range x.Slots {
		for level, n := range slot.Counts {
			if n > 0 && levels.Has(record.Level(level)) {
				c.add(slot.Start, record.Level(level), n)
			}
		}
	}
	return true
}

func (c *histogram) countItem(item *history.Item) bool {
	at, ok := c.times.TimeOf(item.JSON)
	seconds := at.Unix()
	if !ok { // the filter has no range, since no range selects such a record
		seconds = c.end - 1
	}
	c.add(seconds, item.Level, 1)
	return true
}

func (c *histogram) add(seconds int64, level record.Level, n uint32) {
	start := history.Align(seconds, c.step)
	counts := c.buckets[start]
	if counts == nil && len(c.buckets) >= maxBuckets { // records with arbitrary times
		start = min(max(start, c.start), c.end-c.step)
		counts = c.buckets[start]
	}
	if counts == nil {
		counts = new(history.Levels)
		c.buckets[start] = counts
	}
	counts[level] += n
	c.records += uint64(n)
}

// partial writes the buckets that b can no longer change, at most once every partialEvery.
func (c *histogram) partial(b *history.Backward) error {
	if time.Since(c.written) < partialEvery || len(c.buckets) >= maxBuckets {
		return nil
	}
	c.written = time.Now()
	latest, ok := b.Latest()
	if !ok {
		return nil
	}
	if err := c.write(latest.Unix() + 1); err != nil {
		return err
	}
	if !canFlush(c.out.w) {
		return nil
	}
	return c.out.Flush()
}

// write writes the buckets that begin at a time or later, the newest first, and deletes them.
func (c *histogram) write(from int64) error {
	var starts []int64
	for start := range c.buckets {
		if start >= from {
			starts = append(starts, start)
		}
	}
	slices.Sort(starts)
	for _, start := range slices.Backward(starts) {
		counts := map[string]uint32{}
		for level, n := range c.buckets[start] {
			if n > 0 {
				counts[levelName(record.Level(level))] = n
			}
		}
		delete(c.buckets, start)
		if err := c.line(map[string]any{"time": unixText(start), "counts": counts}); err != nil {
			return err
		}
	}
	return nil
}

func levelName(level record.Level) string {
	if level == record.Unknown {
		return "none"
	}
	return level.String()
}

// line writes a line of JSON.
func (c *histogram) line(value any) error {
	text, err := json.Marshal(value)
	if err != nil { // strings, numbers and times between the years 0 and 9999: there is no such error
		panic(err)
	}
	_, err = c.out.Write(append(text, '\n'))
	return err
}
