package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
)

const (
	// maxDemoRate is what one core publishes with room to spare.
	maxDemoRate = 50_000

	// demoTick is the shortest sleep between two publishings; at high rates each carries many records.
	demoTick = 5 * time.Millisecond

	// demoBatch bounds one pipeline.
	demoBatch = 500

	// demoSeed makes every run tell the same story.
	demoSeed = 2012
)

// A demo is a Redis inside this process and a shop whose workers log to it.
type demo struct {
	server *miniredis.Miniredis
	rate   float64
	cancel context.CancelFunc
	done   sync.WaitGroup
}

// startDemo starts Redis and the workers. They log rate records a second between them, and begin as soon as
// somebody listens, so that the shop's first records are received. The caller calls Close.
func startDemo(rate float64) (*demo, error) {
	server, err := miniredis.Run()
	if err != nil {
		return nil, fmt.Errorf("example: start the demo's Redis: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	d := &demo{server: server, rate: rate, cancel: cancel}
	d.done.Go(func() { d.work(ctx) })
	return d, nil
}

// Close ends the workers and their Redis.
func (d *demo) Close() {
	d.cancel()
	d.done.Wait()
	d.server.Close()
}

// client returns a new client of the demo's Redis. The caller closes it.
func (d *demo) client() *redis.Client {
	return redis.NewClient(&redis.Options{Addr: d.server.Addr()})
}

// channels are what the workers publish to. They are named one by one: the demo's Redis delivers a record that
// several subscriptions match to a random one of them.
func (d *demo) channels() []string {
	return []string{webChannel, paymentChannel, mailChannel, stockChannel}
}

// work publishes the shop's records at the demo's rate, with the irregular gaps that real traffic has.
func (d *demo) work(ctx context.Context) {
	client := d.client()
	defer client.Close()
	d.awaitSubscriber(ctx, client)

	start := time.Now()
	shop := newShop(demoSeed, start)
	d.publish(ctx, client, shop.opening(start))
	if d.rate == 0 {
		return
	}
	gaps := rand.New(rand.NewPCG(demoSeed, 1))
	for next := start; ; {
		now := time.Now()
		if now.Sub(next) > time.Second { // the machine slept: don't make up for it in one flood
			next = now
		}
		var due []entry
		for !next.After(now) && len(due) < demoBatch {
			due = append(due, shop.next(next))
			next = next.Add(time.Duration(gaps.ExpFloat64() / d.rate * float64(time.Second)))
		}
		d.publish(ctx, client, due)
		select {
		case <-ctx.Done():
			return
		case <-time.After(max(time.Until(next), demoTick)):
		}
	}
}

// awaitSubscriber returns when every channel has a subscriber.
func (d *demo) awaitSubscriber(ctx context.Context, client *redis.Client) {
	for ctx.Err() == nil {
		counts, _ := client.PubSubNumSub(ctx, d.channels()...).Result()
		listening := 0
		for _, n := range counts {
			if n > 0 {
				listening++
			}
		}
		if listening == len(d.channels()) {
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(demoTick):
		}
	}
}

// publish sends entries in one round trip. An error means that the demo is closing: its Redis is this process.
func (d *demo) publish(ctx context.Context, client *redis.Client, entries []entry) {
	pipe := client.Pipeline()
	for _, e := range entries {
		pipe.Publish(ctx, e.channel, e.payload)
	}
	pipe.Exec(ctx)
}
