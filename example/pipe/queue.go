package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	elva "github.com/SupermanScott/Elva"
)

const (
	// maxWaiting and maxBytes bound what waits for Redis. They are half of what a Writer holds, so that only this queue drops.
	maxWaiting, maxBytes = 10_000, 2 << 20

	// look is how often a full queue looks for room.
	look = 5 * time.Millisecond
)

// A queue hands records to a Writer, and waits for it no longer than it may.
type queue struct {
	out    *elva.Writer
	wait   time.Duration
	stderr io.Writer

	sizes    []int // of the records that wait in out, or did so when they were counted last
	bytes    int   // of them together
	hasty    bool  // a record timed out: the next ones do not wait until Redis has accepted one
	down     bool  // Redis rejects records, and stderr says so
	dropped  int   // records
	reported int   // of them, on the channel
}

// publish publishes a record, or drops it.
func (q *queue) publish(record []byte) {
	if !q.hasRoom(len(record)) {
		if q.dropped++; q.dropped == 1 {
			fmt.Fprintln(q.stderr, "pipe: Redis does not keep up: records are dropped from here on")
		}
		return
	}
	if n := q.dropped - q.reported; n > 0 {
		text, err := json.Marshal(map[string]any{"time": time.Now().UTC(), "level": "WARN", "logger": "pipe", "dropped": n, "msg": fmt.Sprintf("%d records dropped: Redis did not take them in time", n)})
		if err == nil {
			q.reported = q.dropped
			q.write(text)
		}
	}
	q.write(record)
}

// write gives a record to the Writer.
func (q *queue) write(record []byte) {
	if record[0] == '{' && !json.Valid(record) {
		record = append([]byte(" "), record...) // or the Writer would take it for the beginning of an object, and wait for the rest
	}
	q.out.Write(append(record, '\n'))
	q.sizes = append(q.sizes, len(record))
	q.bytes += len(record)
}

// hasRoom waits for room for a record of that size, and reports whether there is.
func (q *queue) hasRoom(size int) bool {
	deadline := time.Now().Add(q.wait)
	for len(q.sizes) >= maxWaiting || q.bytes+size > maxBytes {
		before := len(q.sizes)
		for waiting := int(q.out.Stats().Waiting); len(q.sizes) > waiting; q.sizes = q.sizes[1:] {
			q.bytes -= q.sizes[0]
		}
		if len(q.sizes) < before {
			q.hasty = false
			continue
		}
		if q.hasty || time.Now().After(deadline) {
			q.hasty = true
			return false
		}
		time.Sleep(look)
	}
	return true
}

// reportState writes to stderr when Redis stops or starts to take records.
func (q *queue) reportState() {
	stats := q.out.Stats()
	if down := stats.Err != nil; down != q.down {
		q.down = down
		if down {
			fmt.Fprintf(q.stderr, "pipe: %v; records wait\n", stats.Err)
		} else {
			fmt.Fprintf(q.stderr, "pipe: Redis takes records again, %d dropped\n", q.dropped)
		}
	}
}

// end publishes what waits, and returns what was not published.
func (q *queue) end() error {
	deadline := time.Now().Add(q.wait)
	for q.out.Sync() != nil && time.Now().Before(deadline) { // each Sync waits for three seconds
	}
	err := q.out.Close()
	if q.dropped > 0 {
		err = errors.Join(err, fmt.Errorf("%d records dropped, %d of them reported on the channel", q.dropped, q.reported))
	}
	return err
}
