//go:build unix

package soak_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/SupermanScott/Elva/internal/gap"
	"github.com/SupermanScott/Elva/internal/redistest"
)

// viewer follows the stream in its own way and keeps, in little memory, what it was shown.
type viewer struct {
	number int
	url    string
	kind   string
	rng    *rand.Rand
	calm   atomic.Bool // the end: no more slowness
	pos    atomic.Uint64
	done   chan struct{}

	// Of the reading goroutine until done.
	id       string
	seen     []bits // by publisher
	count    int
	gaps     []redistest.Gap // of kind redis
	reported uint64          // records reported as lost, in all streams
	streams  int
	faults   faults

	// Of the current stream. What is reported as lost may be reported again in the next one.
	began, items, missed uint64
}

// bits is a set of small numbers.
type bits []uint64

func (b *bits) add(n int) (fresh bool) {
	for n/64 >= len(*b) {
		*b = append(*b, 0)
	}
	fresh = (*b)[n/64]&(1<<(n%64)) == 0
	(*b)[n/64] |= 1 << (n % 64)
	return fresh
}

func (b bits) has(n int) bool { return n/64 < len(b) && b[n/64]&(1<<(n%64)) != 0 }

func newViewer(url string, number int, seed uint64) *viewer {
	v := &viewer{number: number, url: url, kind: "steady", rng: rand.New(rand.NewPCG(seed, uint64(number)+1)), done: make(chan struct{}), seen: make([]bits, channelPublishers)}
	switch number % 10 { // the first is steady
	case 3, 4:
		v.kind = "slow"
	case 5:
		v.kind = "stuck"
	case 6, 7:
		v.kind = "reconnecting"
	case 8:
		v.kind = "often away"
	}
	return v
}

func (v *viewer) position() uint64 { return v.pos.Load() }

func (v *viewer) run(ctx context.Context) {
	defer close(v.done)
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	for ctx.Err() == nil {
		life := ctx
		cancel := func() {}
		if (v.kind == "reconnecting" || v.kind == "often away") && !v.calm.Load() {
			life, cancel = context.WithTimeout(ctx, time.Duration(v.rng.IntN(5000))*time.Millisecond)
		}
		v.stream(life, client)
		cancel()
		pause := 100 * time.Millisecond
		if v.kind == "often away" && !v.calm.Load() {
			pause = time.Duration(v.rng.IntN(30)) * time.Second
		}
		for end := time.Now().Add(pause); time.Now().Before(end) && ctx.Err() == nil; time.Sleep(20 * time.Millisecond) {
			if v.calm.Load() {
				break
			}
		}
	}
}

func (v *viewer) stream(ctx context.Context, client *http.Client) {
	response, err := ask(ctx, client, v.url, v.id)
	if err != nil {
		return
	}
	defer response.Body.Close()
	v.streams++
	v.began, v.items, v.missed = v.pos.Load(), 0, 0
	_ = redistest.ReadEvents(bufio.NewReaderSize(response.Body, 32<<10), func(name, id, data string) {
		v.event(name, id, data)
		if v.calm.Load() {
			return
		}
		switch v.kind {
		case "slow":
			time.Sleep(time.Duration(v.rng.IntN(400)) * time.Millisecond)
		case "stuck": // sometimes for longer than a write may take
			if v.rng.IntN(50) == 0 {
				for end := time.Now().Add(time.Duration(v.rng.IntN(40)) * time.Second); time.Now().Before(end) && !v.calm.Load(); {
					time.Sleep(50 * time.Millisecond)
				}
			}
		}
	})
}

func (v *viewer) event(name, id, data string) {
	switch {
	case name == "gap":
		var g redistest.Gap
		v.faults.check(json.Unmarshal([]byte(data), &g))
		if g.Kind == gap.Redis {
			v.gaps = append(v.gaps, g)
			v.item(g.Seq)
			break
		}
		if g.Kind != gap.Slow && g.Kind != gap.Evicted {
			v.faults.add("a gap of kind %s: %s", g.Kind, g.Reason)
		}
		v.missed += g.Lost
		v.reported += g.Lost
	case name == "" && data != "":
		var batch []struct {
			Seq     uint64
			Message string
		}
		v.faults.check(json.Unmarshal([]byte(data), &batch))
		for _, r := range batch {
			publisher, n, ok := number(r.Message)
			if !ok || publisher >= len(v.seen) {
				v.faults.add("strange: %.80q", r.Message)
				continue
			}
			if !v.seen[publisher].add(n) {
				v.faults.add("doubled: %s", r.Message)
			}
			v.count++
			v.item(r.Seq)
		}
	}
	if _, seq, ok := strings.Cut(id, "-"); ok {
		v.id = id
		n, err := strconv.ParseUint(seq, 10, 64)
		v.faults.check(err)
		v.pos.Store(n)
	}
}

// item checks that no number was passed over in silence.
func (v *viewer) item(seq uint64) {
	v.items++
	if seq <= v.began || seq-v.began < v.items {
		v.faults.add("number %d after %d items from %d on", seq, v.items, v.began)
		return
	}
	if skipped := seq - v.began - v.items; skipped > v.missed {
		v.faults.add("%d numbers before %d were passed over, %d reported", skipped, seq, v.missed)
	}
}

// faults is what went wrong for a viewer, the first few.
type faults []string

func (f *faults) check(err error) {
	if err != nil {
		f.add("%v", err)
	}
}

func (f *faults) add(format string, args ...any) {
	if len(*f) < 10 {
		*f = append(*f, fmt.Sprintf(format, args...))
	}
}

// ask opens a stream behind an id.
func ask(ctx context.Context, client *http.Client, url, id string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	if err != nil {
		panic(err)
	}
	if id != "" {
		request.Header.Set("Last-Event-ID", id)
	}
	return client.Do(request)
}

func number(message string) (publisher, n int, ok bool) {
	p, number, _ := strings.Cut(message, "#")
	publisher, err := strconv.Atoi(p)
	n, err2 := strconv.Atoi(number)
	return publisher, n, err == nil && err2 == nil && publisher >= 0 && n >= 0
}

// judge compares what was published with what each viewer was shown and reported, and returns the totals.
// Even a steady viewer misses some of a burst that is larger than the history, so what Elva had is what
// any of them was shown. What none was shown, on a busy machine, and lies in no gap, is lost unless each
// had it reported as missing: then it counts as missing for all of them.
func judge(t *testing.T, publishers []*redistest.Publisher, viewers []*viewer, last uint64) string {
	t.Helper()
	var published, had, inGaps, unshown, shown, streams int
	var first redistest.Published // of those that nobody was shown
	var reported uint64
	gaps := viewers[0].gaps              // the history keeps gaps longest
	missing := make([]int, len(viewers)) // not shown, though Elva had them
	for p, publisher := range publishers {
		for _, r := range publisher.Records() {
			var without []int
			for i, v := range viewers {
				if !v.seen[p].has(r.N) {
					without = append(without, i)
				}
			}
			switch {
			case len(without) < len(viewers):
				published++
				had++
				for _, i := range without {
					missing[i]++
				}
			case r.Confirmed:
				published++
				if inGap(r, gaps) {
					inGaps++
					continue
				}
				if unshown++; unshown == 1 {
					first = r
				}
			}
		}
	}
	for i, v := range viewers {
		for _, f := range v.faults {
			t.Errorf("viewer %d (%s): %s", v.number, v.kind, f)
		}
		if uint64(missing[i]+unshown) > v.reported {
			t.Errorf("viewer %d (%s) misses %d records that others were shown and %d that nobody was, the first published at %v, and had reported %d",
				v.number, v.kind, missing[i], unshown, first.Before, v.reported)
		}
		// At the end all that was reported in the last stream has been passed.
		if v.began+v.items+v.missed != last {
			t.Errorf("viewer %d (%s): %d and %d items and %d reported in its last stream make no %d", v.number, v.kind, v.began, v.items, v.missed, last)
		}
		reported, shown, streams = reported+v.reported, shown+v.count, streams+v.streams
	}
	return fmt.Sprintf("published %d, shown to someone %d, inside %d gaps %d, shown to nobody and reported %d; viewer 0 (steady) misses %d and had reported %d; all viewers: shown %d over %d streams, %d reported that they missed",
		published, had, len(gaps), inGaps, unshown, missing[0], viewers[0].reported, shown, streams, reported)
}

func inGap(r redistest.Published, gaps []redistest.Gap) bool {
	for _, g := range gaps {
		from := g.From
		if !g.LastRecord.IsZero() && g.LastRecord.Before(from) {
			from = g.LastRecord
		}
		if !r.After.Before(from) && !r.Before.After(g.To) {
			return true
		}
	}
	return false
}
