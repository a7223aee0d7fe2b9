package health

import (
	"bytes"
	"github.com/SupermanScott/Elva/internal/status"
	"strings"
	"time"
	"unsafe"

	"github.com/SupermanScott/Elva/internal/record"
)

const (
	// maxWorkers bounds the roster. A thousand rows are more than anybody reads; a host name made anew
	// for every job is what gets there.
	maxWorkers = 1000
	// maxName bounds each part of a worker's name, for log text is hostile.
	maxName = 200
	// forgetAfter is when a worker that says nothing leaves the roster.
	forgetAfter = 24 * time.Hour
	// replacedWithin is how long before a worker's last word its successor may have begun: a rolling
	// deploy starts the new one first.
	replacedWithin = 10 * time.Minute
	// skewShare smooths the clock difference over some tens of records.
	skewShare = 1.0 / 16
)

// worker is whoever logs with one host, one service and one channel.
type worker struct {
	id      int
	key     workerKey
	rhythm  rhythm
	window  window
	records uint64
	skew    float64 // seconds that the record's time is ahead of the arrival
	skewed  bool    // skew has a value
}

type workerKey struct{ host, service, channel string }

// roster is all workers.
type roster struct {
	workers map[workerKey]*worker
	free    []int     // ids that nobody has
	others  uint64    // records of workers that found no place
	full    time.Time // until when there is no place, so that a flood of new names costs no search each
}

// observe counts a record for its worker, which is returned; nil if the roster is full. learn is as in
// rhythm.
func (o *roster) observe(at time.Time, channel string, r *record.Record, since time.Time) *worker {
	key := workerKey{host: r.Host, service: service(r), channel: channel}
	w := o.workers[key]
	if w == nil {
		if w = o.add(at, key); w == nil {
			o.others++
			return nil
		}
	}
	w.rhythm.heard(seconds(at), w.rhythm.last >= seconds(since))
	t := w.window.advance(at.Unix())
	count(t, r.Level)
	w.records++
	if !r.Time.IsZero() {
		skew := r.Time.Sub(at).Seconds()
		if !w.skewed {
			w.skew, w.skewed = skew, true
		}
		w.skew += (skew - w.skew) * skewShare
	}
	return w
}

func count(t *status.Tally, level record.Level) {
	t.Records++
	switch {
	case level >= record.Error:
		t.Errors++
	case level == record.Warning:
		t.Warnings++
	}
}

// add puts a worker on the roster, in the place of one that is long forgotten if it is full.
func (o *roster) add(at time.Time, key workerKey) *worker {
	if o.workers == nil {
		o.workers = make(map[workerKey]*worker)
		for id := range maxWorkers {
			o.free = append(o.free, maxWorkers-1-id)
		}
	}
	if len(o.free) == 0 && at.After(o.full) {
		o.forget(at)
	}
	if len(o.free) == 0 {
		o.full = at.Add(time.Minute)
		return nil
	}
	// Two long names that are equal as far as they are kept are one worker.
	key = workerKey{clip(key.host), clip(key.service), clip(key.channel)}
	if w := o.workers[key]; w != nil {
		return w
	}
	last := len(o.free) - 1
	w := &worker{id: o.free[last], key: key}
	o.free = o.free[:last]
	o.workers[key] = w
	return w
}

// forget drops the workers that have said nothing for long.
func (o *roster) forget(now time.Time) {
	for key, w := range o.workers {
		if now.Sub(fromSeconds(w.rhythm.last)) > forgetAfter {
			delete(o.workers, key)
			o.free = append(o.free, w.id)
		}
	}
}

// service is the field of that name (or service.name), else the first segment of the logger.
func service(r *record.Record) string {
	if len(r.Fields) > 0 {
		if s := field(r.Fields, `"service":"`); s != "" {
			return s
		}
		if s := field(r.Fields, `"service.name":"`); s != "" {
			return s
		}
	}
	name, _, _ := strings.Cut(r.Logger, ".")
	return name
}

// field returns a text member's value if it is simple, without decoding the object: this is asked for
// every record. A text that looks like the member, inside another text, has a backslash before its
// quotes.
func field(object []byte, member string) string {
	i := bytes.Index(object[:min(len(object), 4<<10)], []byte(member))
	if i < 0 {
		return ""
	}
	value := object[i+len(member):]
	end := bytes.IndexByte(value[:min(len(value), maxName)], '"')
	if end < 0 || bytes.IndexByte(value[:end], '\\') >= 0 {
		return ""
	}
	if end == 0 {
		return ""
	}
	return unsafe.String(&value[0], end) // for a look-up; what is kept is cloned
}

// clip bounds a name and takes it out of the payload, which it would otherwise keep alive.
func clip(name string) string {
	if len(name) > maxName {
		name = strings.ToValidUTF8(name[:maxName], "")
	}
	return strings.Clone(name)
}

func seconds(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixMicro()) / 1e6
}

func fromSeconds(s float64) time.Time { return time.UnixMicro(int64(s * 1e6)).UTC() }
