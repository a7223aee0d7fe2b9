//go:build unix

package soak_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/SupermanScott/Elva/internal/gap"
	"github.com/SupermanScott/Elva/internal/redistest"
)

// crossing is a viewer of a Redis Stream that comes back to another instance each time, as through a load
// balancer. Numbers mean nothing to it, only what it was shown.
type crossing struct {
	number int
	urls   []string
	rng    *rand.Rand
	calm   atomic.Bool
	shown  atomic.Int64
	done   chan struct{}

	// Of the reading goroutine until done.
	id       string
	seen     []bits // by publisher
	last     []int  // number, by publisher
	gaps     []redistest.Gap
	reported uint64
	streams  int
	faults   faults
}

func newCrossing(urls []string, publishers, number int, seed uint64) *crossing {
	return &crossing{number: number, urls: urls, rng: rand.New(rand.NewPCG(seed, 1000+uint64(number))), done: make(chan struct{}),
		seen: make([]bits, publishers), last: make([]int, publishers)}
}

func (v *crossing) run(ctx context.Context) {
	defer close(v.done)
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	for ctx.Err() == nil {
		life, cancel := context.WithTimeout(ctx, time.Duration(500+v.rng.IntN(6000))*time.Millisecond)
		v.stream(life, client)
		cancel()
		pause := time.Duration(v.rng.IntN(300)) * time.Millisecond
		if v.rng.IntN(20) == 0 && !v.calm.Load() {
			pause *= 100 // away for longer, so that it may miss some
		}
		for end := time.Now().Add(pause); time.Now().Before(end) && ctx.Err() == nil && !v.calm.Load(); {
			time.Sleep(20 * time.Millisecond)
		}
	}
}

func (v *crossing) stream(ctx context.Context, client *http.Client) {
	v.streams++
	response, err := ask(ctx, client, v.urls[v.streams%len(v.urls)], v.id)
	if err != nil {
		return
	}
	defer response.Body.Close()
	_ = redistest.ReadEvents(bufio.NewReaderSize(response.Body, 32<<10), v.event)
}

func (v *crossing) event(name, id, data string) {
	switch {
	case name == "gap":
		var g redistest.Gap
		v.faults.check(json.Unmarshal([]byte(data), &g))
		switch {
		case g.Kind == gap.Restart:
			v.faults.add("a gap of a restart: %s", g.Reason)
		case g.Lost > 0:
			v.reported += g.Lost
		default:
			if g.To.IsZero() { // another instance does not know since when
				g.To = time.Now()
			}
			v.gaps = append(v.gaps, g)
		}
	case name == "" && data != "":
		var batch []struct{ Message string }
		v.faults.check(json.Unmarshal([]byte(data), &batch))
		for _, r := range batch {
			p, n, ok := number(r.Message)
			if !ok || p >= len(v.seen) {
				v.faults.add("strange: %.80q", r.Message)
				continue
			}
			if !v.seen[p].add(n) {
				v.faults.add("doubled: %s after %q", r.Message, v.id)
			} else if n < v.last[p] {
				v.faults.add("out of order: %s after %d", r.Message, v.last[p])
			}
			v.last[p] = n
			v.shown.Add(1)
		}
	}
	if id != "" {
		v.id = id
	}
}

// judgeCrossing compares what was added to the stream with what each viewer was shown and reported.
func judgeCrossing(t *testing.T, publishers []*redistest.Publisher, viewers []*crossing) string {
	t.Helper()
	published, shown, inGaps, missing, reported, streams := 0, 0, 0, 0, uint64(0), 0
	for i, v := range viewers {
		for _, f := range v.faults {
			t.Errorf("viewer %d of the stream: %s", v.number, f)
		}
		lacks := uint64(0)
		for p, publisher := range publishers {
			for _, r := range publisher.Records() {
				seen := v.seen[p].has(r.N)
				if i == 0 && (seen || r.Confirmed) {
					published++
				}
				switch {
				case seen:
					shown++
				case !r.Confirmed:
				case inGap(r, v.gaps):
					inGaps++
				default:
					lacks++
				}
			}
		}
		// What was reported just before a cut is reported again.
		if lacks > v.reported {
			t.Errorf("viewer %d of the stream misses %d records and had reported %d", v.number, lacks, v.reported)
		}
		missing += int(lacks)
		reported += v.reported
		streams += v.streams
	}
	return fmt.Sprintf("stream: added %d; %d viewers over %d streams were shown %d, %d lie inside gaps, %d are missing and %d were reported as missing",
		published, len(viewers), streams, shown, inGaps, missing, reported)
}
