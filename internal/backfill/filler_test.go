package backfill_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/SupermanScott/Elva/internal/backfill"
	"github.com/SupermanScott/Elva/internal/entry"
	"github.com/SupermanScott/Elva/internal/gap"
	"github.com/SupermanScott/Elva/internal/ingest"
)

// redisModel is a model of a channel with one subscriber and a list.
type redisModel struct {
	rng    *rand.Rand
	filler *backfill.Filler

	mu        sync.Mutex
	list      []string
	keep      int // length to which LTRIM trims
	up        bool
	downAt    time.Time
	published map[string][]time.Time
	failing   bool
	reads     int
}

func (r *redisModel) push(payload string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, payload)
	r.list = r.list[max(0, len(r.list)-r.keep):]
}

func (r *redisModel) publish(payload string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.published[payload] = append(r.published[payload], time.Now())
	if r.up {
		r.filler.Record(published(payload))
	}
}

func (r *redisModel) read(_ context.Context, skip, n int) ([]string, error) {
	time.Sleep(time.Millisecond)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reads++
	if r.failing {
		return nil, errors.New("NOPERM")
	}
	end := max(0, len(r.list)-skip)
	return slices.Clone(r.list[max(0, end-n):end]), nil
}

func (r *redisModel) down() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.up {
		r.up, r.downAt = false, time.Now()
	}
}

func (r *redisModel) settle() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.up {
		return
	}
	r.up = true
	if !r.downAt.IsZero() {
		r.filler.Gap(ingest.Gap{Gap: gap.Gap{Kind: gap.Redis, From: r.downAt, To: time.Now(), Reason: "EOF"}, At: time.Now()})
	}
	r.filler.Settled(time.Now())
}

// shownItems is a sink that notes what a Filler delivers.
type shownItems struct {
	mu     sync.Mutex
	order  []string
	count  map[string]int
	gaps   []gap.Gap
	filled int
	older  []string // from the list at the start, the oldest first
	ended  int
}

func (s *shownItems) BeginOlder() {}

func (s *shownItems) Older(records []ingest.Record, _ map[int]entry.Entry) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	var payloads []string
	for _, r := range records {
		payloads = append(payloads, r.Payload)
		s.count[r.Payload]++
		s.filled++
	}
	s.older = append(payloads, s.older...)
	return true
}

func (s *shownItems) EndOlder() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended++
}

// published returns a record of the subscription.
func published(payload string) ingest.Record {
	return ingest.Record{At: time.Now(), Channel: "channel", Payload: payload}
}

func (s *shownItems) Record(r ingest.Record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.order = append(s.order, r.Payload)
	s.count[r.Payload]++
	if r.Recovered {
		s.filled++
	}
}

func (s *shownItems) Gap(g ingest.Gap) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gaps = append(s.gaps, g.Gap)
}

// TestFiller_RandomInterruptions checks that each payload is delivered once or lies in a reported gap. Several producers push
// to a list and publish a while later. The subscription is interrupted at random, and sometimes the list can't be read.
func TestFiller_RandomInterruptions(t *testing.T) {
	seeds := 200
	if testing.Short() {
		seeds = 40
	}
	totals := make(map[string]int)
	for seed := range seeds {
		synctest.Test(t, func(t *testing.T) { simulate(t, uint64(seed), totals) })
		if t.Failed() {
			break
		}
	}
	t.Logf("%v", totals)
	for _, what := range []string{"filled", "gaps reported", "gaps closed"} {
		if totals[what] < seeds/4 && !t.Failed() {
			t.Errorf("%s: %d, too few for a meaningful test", what, totals[what])
		}
	}
}

func simulate(t *testing.T, seed uint64, totals map[string]int) {
	rng := rand.New(rand.NewPCG(seed, 2))
	r := &redisModel{rng: rng, keep: 20 + rng.IntN(2000), published: make(map[string][]time.Time)}
	out := &shownItems{count: make(map[string]int)}
	r.filler = backfill.New(out, backfill.Options{
		Key: "list", Channel: "channel", Records: 50 + rng.IntN(3000), Bytes: 1 << 20, Read: r.read, Past: out,
		OnRead: func(error) {}, OnRecovered: func() {},
	})
	repeats := rng.IntN(3) == 0
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { r.filler.Run(ctx) })
	producing, stop := context.WithCancel(ctx)
	var producers sync.WaitGroup
	for p := range 1 + rng.IntN(4) {
		own := rand.New(rand.NewPCG(seed, uint64(10+p)))
		pause := time.Duration(1+own.IntN(100)) * time.Millisecond
		producers.Go(func() {
			for n := 0; producing.Err() == nil; n++ {
				payload := fmt.Sprintf("p%d#%d", p, n)
				if repeats && own.IntN(10) == 0 {
					payload = fmt.Sprint("again ", own.IntN(2))
				}
				r.push(payload)
				if own.IntN(3) == 0 { // lets another producer push in between
					time.Sleep(time.Duration(own.IntN(3000)) * time.Microsecond)
				}
				if own.IntN(300) == 0 {
					time.Sleep(time.Duration(own.IntN(200)) * time.Millisecond)
				}
				r.publish(payload)
				time.Sleep(time.Duration(own.Float64() * 2 * float64(pause)))
			}
		})
	}
	sleep := func(most time.Duration) { time.Sleep(time.Duration(rng.Float64() * float64(most))) }
	sleep(2 * time.Second)
	started := time.Now()
	r.settle()
	holes := 0
	for range rng.IntN(6) {
		sleep([]time.Duration{100 * time.Millisecond, 700 * time.Millisecond, 5 * time.Second}[rng.IntN(3)])
		r.down()
		holes++
		sleep([]time.Duration{10 * time.Millisecond, time.Second, 4 * time.Second}[rng.IntN(3)])
		r.mu.Lock()
		r.failing = rng.IntN(6) == 0
		r.mu.Unlock()
		r.settle()
	}
	time.Sleep(2 * time.Second)
	stop()
	producers.Wait()
	time.Sleep(2 * time.Second)
	cancel()
	running.Wait()

	var problems []string
	for payload, times := range r.published {
		shown := out.count[payload]
		if shown > len(times) {
			problems = append(problems, fmt.Sprintf("%s is shown %d times, and was published %d times", payload, shown, len(times)))
		}
		due := 0
		for _, at := range times {
			reported := at.Before(started)
			for _, g := range out.gaps {
				reported = reported || !at.Before(g.From) && !at.After(g.To)
			}
			if !reported {
				due++
			}
		}
		if shown < due {
			problems = append(problems, fmt.Sprintf("%s is shown %d times, and was published %d times outside of reported gaps, at %v", payload, shown, due, times[0].Sub(started)))
		}
	}
	last := make(map[string]int)
	for _, payload := range out.order {
		var p, n int
		if _, err := fmt.Sscanf(payload, "p%d#%d", &p, &n); err != nil {
			continue
		}
		name := fmt.Sprint(p)
		if before, ok := last[name]; ok && n < before && len(out.gaps) == 0 { // payloads of a gap that is not filled may come later
			problems = append(problems, fmt.Sprintf("%s is shown after #%d", payload, before))
		}
		last[name] = n
	}
	slices.Sort(problems)
	if len(problems) > 0 {
		for _, g := range out.gaps {
			problems = append(problems, fmt.Sprintf("gap %v to %v: %s", g.From.Sub(started), g.To.Sub(started), g.Reason))
		}
		t.Errorf("seed %d, repeats %v, list of %d:\n%s", seed, repeats, r.keep, strings.Join(problems, "\n"))
	}
	totals["published"] += len(r.published)
	totals["filled"] += out.filled
	totals["gaps reported"] += len(out.gaps)
	totals["gaps closed"] += holes - len(out.gaps)
}

// TestFiller_FullBuffer receives more records than the buffer holds while the list is read. The gap must be reported and all
// records delivered.
func TestFiller_FullBuffer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &shownItems{count: make(map[string]int)}
		read := make(chan struct{})
		filler := backfill.New(out, backfill.Options{
			Key: "list", Channel: "channel", Records: 100, Bytes: 1 << 20,
			Past: out, Read: func(context.Context, int, int) ([]string, error) { <-read; return []string{"lost"}, nil },
			OnRead: func(error) {}, OnRecovered: func() {},
		})
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go filler.Run(ctx)
		filler.Gap(ingest.Gap{Gap: gap.Gap{Kind: gap.Redis, From: time.Now(), To: time.Now(), Reason: "EOF"}, At: time.Now()})
		filler.Settled(time.Now())
		for i := range 30_000 {
			filler.Record(published(fmt.Sprint(i)))
		}
		if len(out.order) != 30_000 || len(out.gaps) != 1 || !strings.Contains(out.gaps[0].Reason, "not read in time") {
			t.Errorf("%d records of 30,000 delivered, gaps %+v", len(out.order), out.gaps)
		}
		close(read)
		time.Sleep(5 * time.Second)
		if len(out.order) != 30_000 || len(out.gaps) != 1 {
			t.Errorf("later, %d records, gaps %+v", len(out.order), out.gaps)
		}
		for i, payload := range out.order {
			if payload != fmt.Sprint(i) {
				t.Fatalf("record %d is %s", i, payload)
			}
		}
	})
}

// TestFiller_RepeatedPayloads receives a payload again soon after it was recovered. It is shown as a new record, though it may be the
// recovered one, whose producer was slow to publish it.
func TestFiller_RepeatedPayloads(t *testing.T) {
	for _, c := range []struct {
		name  string
		steps string // push, publish or both; lose the subscription, settle it again; wait a second
		want  string
	}{
		{"first in a gap, and again soon after", "both:a lose both:x settle wait both:x wait", "[a x x] 0"},
		{"twice in a gap, and again soon after", "both:a lose both:x both:x settle wait both:x wait", "[a x x x] 0"},
		{"delayed over the end of a gap", "both:a lose push:x settle wait publish:x wait", "[a x x] 0"},
		{"delayed, and then another one", "both:a lose push:x settle wait publish:x push:x publish:x wait", "[a x x x] 0"},
		{"delayed until another one was published", "both:a lose push:x settle wait push:x publish:x publish:x wait", "[a x x x] 0"},
		{"over another gap", "both:a lose both:x settle wait both:x lose both:b settle wait wait", "[a x x b] 1"},
		{"delayed over the beginning of a gap", "both:x both:a push:x both:b lose publish:x both:c settle wait", "[x a b c] 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				out := &shownItems{count: make(map[string]int)}
				r := &redisModel{keep: 1000, published: make(map[string][]time.Time)}
				r.filler = backfill.New(out, backfill.Options{Key: "list", Channel: "channel", Records: 500, Bytes: 1 << 20, Read: r.read, Past: out,
					OnRead: func(error) {}, OnRecovered: func() {}})
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				go r.filler.Run(ctx)
				r.settle()
				time.Sleep(time.Second)
				for _, step := range strings.Fields(c.steps) {
					time.Sleep(time.Millisecond)
					switch what, text, _ := strings.Cut(step, ":"); what {
					case "both":
						r.push(text)
						r.publish(text)
					case "push":
						r.push(text)
					case "publish":
						r.publish(text)
					case "lose":
						r.down()
					case "settle":
						r.settle()
					case "wait":
						time.Sleep(time.Second)
					}
				}
				out.mu.Lock()
				defer out.mu.Unlock()
				if got := fmt.Sprint(out.order, len(out.gaps)); got != c.want {
					t.Errorf("%s, want %s", got, c.want)
				}
			})
		})
	}
}
