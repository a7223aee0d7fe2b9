package backfill_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/SupermanScott/Elva/internal/backfill"
)

// startWith returns a model whose list has n payloads, and what its Filler delivers.
func startWith(ctx context.Context, n, keep int, payload func(int) string) (*redisModel, *shownItems) {
	r := &redisModel{keep: keep, published: make(map[string][]time.Time)}
	for i := range n {
		r.push(payload(i))
	}
	out := &shownItems{count: make(map[string]int)}
	r.filler = backfill.New(out, backfill.Options{
		Key: "list", Channel: "channel", Records: 100_000, Bytes: 32 << 20, Read: r.read, Past: out,
		OnRead: func(error) {}, OnRecovered: func() {},
	})
	go r.filler.Run(ctx)
	r.settle()
	return r, out
}

func numbered(i int) string { return fmt.Sprint("r#", i) }

// TestFiller_OlderWhileTrimmed starts with long lists, while a producer pushes, publishes and trims, and the subscription is interrupted. What
// is delivered must be without a hole or a repetition, up to where the list was trimmed.
func TestFiller_OlderWhileTrimmed(t *testing.T) {
	for seed := range uint64(8) {
		synctest.Test(t, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 3))
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			before := 500 + rng.IntN(20_000)
			r, out := startWith(ctx, before, before+rng.IntN(3)*1000, numbered)
			n, burst := before, 1+rng.IntN(30)
			var producing sync.WaitGroup
			producing.Go(func() {
				for range 300 {
					for range burst {
						r.push(numbered(n))
						r.publish(numbered(n))
						n++
					}
					time.Sleep(2 * time.Millisecond)
				}
			})
			time.Sleep(time.Duration(rng.IntN(1000)) * time.Millisecond)
			if rng.IntN(2) == 0 {
				r.down()
				time.Sleep(50 * time.Millisecond)
				r.settle()
			}
			producing.Wait()
			time.Sleep(5 * time.Second)
			out.mu.Lock()
			defer out.mu.Unlock()
			all := append(slices.Clone(out.older), out.order...)
			oldest := n - len(all)
			for i, payload := range all {
				if payload != numbered(oldest+i) && len(out.gaps) == 0 {
					t.Fatalf("seed %d: record %d of %d is %s, want %s", seed, i, len(all), payload, numbered(oldest+i))
				}
			}
			for payload, times := range out.count {
				if times > 1 {
					t.Fatalf("seed %d: %s was delivered %d times", seed, payload, times)
				}
			}
			if trimmed := n - before; oldest > trimmed || out.ended != 1 {
				t.Errorf("seed %d: of %d records, the oldest is #%d, ended %d times", seed, n, oldest, out.ended)
			}
		})
	}
}

// TestFiller_OlderEqualPayloads starts with a list of equal payloads, in which a run of payloads is no unique anchor. Reading ends, rather than
// to show some twice.
func TestFiller_OlderEqualPayloads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, out := startWith(t.Context(), 5000, 6000, func(int) string { return "ping" })
		time.Sleep(5 * time.Second)
		out.mu.Lock()
		defer out.mu.Unlock()
		if len(out.order) != 1024 || len(out.older) > 0 || out.ended != 1 {
			t.Errorf("%d records, %d older, ended %d times", len(out.order), len(out.older), out.ended)
		}
	})
}

// TestFiller_OlderPushedMeanwhile pushes more between two pages than a page has.
func TestFiller_OlderPushedMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		r, out := startWith(ctx, 3000, 100_000, numbered)
		time.Sleep(400 * time.Millisecond) // the first read is done, the fill is not
		for i := range 30_000 {
			r.push(numbered(3000 + i))
		}
		time.Sleep(5 * time.Second)
		out.mu.Lock()
		defer out.mu.Unlock()
		if len(out.order) != 1024 || len(out.older) != 3000-1024 || out.ended != 1 {
			t.Errorf("%d records, %d older, ended %d times", len(out.order), len(out.older), out.ended)
		}
	})
}

// TestFiller_OlderUnreadable can't read the list for a while. It is read on.
func TestFiller_OlderUnreadable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		r, out := startWith(ctx, 20_000, 100_000, func(i int) string { return numbered(i) + strings.Repeat(" ", 200) })
		fail := func(failing bool) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.failing = failing
		}
		time.Sleep(400 * time.Millisecond)
		fail(true)
		time.Sleep(5 * time.Second)
		r.mu.Lock()
		reads := r.reads
		r.mu.Unlock()
		if reads > 8 {
			t.Errorf("%d reads in 5 s", reads)
		}
		fail(false)
		time.Sleep(5 * time.Second)
		out.mu.Lock()
		defer out.mu.Unlock()
		if len(out.order)+len(out.older) != 20_000 || out.ended != 1 {
			t.Errorf("%d records, %d older, ended %d times", len(out.order), len(out.older), out.ended)
		}
	})
}
