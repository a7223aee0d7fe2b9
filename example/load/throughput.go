//go:build linux

package main

import (
	"context"
	"time"
)

const (
	throughputViewers = 20
	window            = 800
	// calmRate is the rate of a normal day.
	calmRate = 1000
)

// ingest measures what records cost while nobody looks.
func ingest(ctx context.Context, p *plan) error {
	p.report.title("Ingest: no viewer")
	flat := 400_000
	if p.quick {
		flat = 5_000
	}
	var res results
	for range p.rounds {
		for _, server := range p.compared("count", "naive", "elva") {
			t, err := p.begin(ctx, setup{Server: server}, audience{})
			if err != nil {
				return err
			}
			s := sample{}
			before, err := t.child.usage()
			if err != nil {
				return err
			}
			for range flat / batch {
				if err := t.publish.publish(batch); err != nil {
					return err
				}
			}
			if err := t.waitReceived(ctx, before.Received+t.publish.sent); err != nil {
				return err
			}
			after, err := t.child.usage()
			if err != nil {
				return err
			}
			used, n := after.since(before), float64(t.publish.sent)
			s["records/s"], s["cpu"], s["allocs"] = n/used.At.Seconds(), float64(used.CPU.Nanoseconds())/1e3/n, float64(used.Allocs)/n
			time.Sleep(200 * time.Millisecond) // what is still to be collected is not the calm's
			used, err = t.during(ctx, func() error { return t.publish.steadily(ctx, calmRate, p.seconds) })
			if err != nil {
				return err
			}
			s["cores"] = 100 * used.cores()
			if err := t.end(); err != nil {
				return err
			}
			res.add(server, s)
		}
	}
	p.report.table("server", &res, []column{
		{figure: "records/s", title: "records/s", format: "%.0f"}, {figure: "cpu", title: "CPU µs/record", format: "%.2f"},
		{figure: "allocs", title: "allocations/record", format: "%.1f"}, {figure: "cores", title: "% of a core at 1,000/s", format: "%.2f"},
	})
	p.report.line()
	p.report.ratio(&res, "records/s", "records/s", "elva", "count", atLeast, 0.35)
	// These two were set on a machine whose bare receive loop takes 0.85 µs and 3.5 %. Another one is as much faster
	// or slower, so they are judged as ratios too.
	p.report.value(&res, "CPU a record", "cpu", "elva", atMost, 4, " µs")
	p.report.ratio(&res, "CPU a record", "cpu", "elva", "count", atMost, 4/0.85)
	p.report.value(&res, "CPU at 1,000 records/s", "cores", "elva", atMost, 3, " % of a core")
	p.report.ratio(&res, "CPU at 1,000 records/s", "cores", "elva", "count", atMost, 3/3.5)
	own(p, &res, "count")
	return nil
}

// own judges the allocations that are Elva's own: go-redis needs nine a message before anybody has seen it.
func own(p *plan, res *results, base string) {
	elva, ok1 := res.median("elva", "allocs")
	if count, ok2 := res.median(base, "allocs"); ok1 && ok2 {
		p.report.judge("allocations a record, beyond those of the receive loop", elva-count, atMost, 6, "")
	}
}

// throughput measures how much goes through when everybody reads as fast as they can.
func throughput(ctx context.Context, p *plan) error {
	p.report.title("Throughput: %d viewers, flat out, window of %d records", throughputViewers, window)
	var res results
	for range p.rounds {
		for _, server := range p.compared("limit", "naive", "go-sse", "elva") {
			t, err := p.begin(ctx, setup{Server: server}, audience{viewers: throughputViewers})
			if err != nil {
				return err
			}
			if err := t.publish.flatOut(ctx, t.viewers, window, p.seconds/6); err != nil { // until it runs warm
				return err
			}
			was, wasBytes, from, began := t.viewers.total(records), t.viewers.total(wire), t.publish.sent, time.Now()
			var rate float64
			used, err := t.during(ctx, func() error {
				err := t.publish.flatOut(ctx, t.viewers, window, p.seconds)
				rate = float64(t.viewers.total(records)-was) / time.Since(began).Seconds() // before the rest is waited for
				return err
			})
			if err != nil {
				return err
			}
			// What was under way at the beginning makes a window's difference, which is nothing.
			n, published := float64(t.viewers.total(records)-was), float64(t.publish.sent-from)
			s := sample{
				"deliveries/s": rate, "records/s": rate / throughputViewers, "missing": float64(t.viewers.total(missing)), "doubled": float64(t.viewers.total(doubled)),
				"cpu": float64(used.CPU.Nanoseconds()) / 1e3 / n, "cpu/record": float64(used.CPU.Nanoseconds()) / 1e3 / published,
				"bytes": float64(t.viewers.total(wire)-wasBytes) / n, "writes": float64(used.Writes) / n, "allocs": float64(used.Allocs) / published,
			}
			if err := t.end(); err != nil {
				return err
			}
			res.add(server, s)
		}
	}
	p.report.table("server", &res, []column{
		{figure: "deliveries/s", title: "deliveries/s", format: "%.0f"}, {figure: "records/s", title: "records/s", format: "%.0f"},
		{figure: "cpu", title: "CPU µs/delivery", format: "%.3f"}, {figure: "cpu/record", title: "CPU µs/record", format: "%.2f"},
		{figure: "bytes", title: "B/delivery", format: "%.0f"}, {figure: "writes", title: "writes/delivery", format: "%.4f"},
		{figure: "allocs", title: "allocations/record", format: "%.1f"},
		{figure: "missing", title: "missing", format: "%.0f", worst: true}, {figure: "doubled", title: "doubled", format: "%.0f", worst: true},
	})
	p.report.line()
	p.report.ratio(&res, "deliveries/s", "deliveries/s", "elva", "limit", atLeast, 0.45)
	p.report.ratio(&res, "deliveries/s", "deliveries/s", "elva", "naive", atLeast, 7)
	p.report.ratio(&res, "deliveries/s", "deliveries/s", "elva", "go-sse", atLeast, 15)
	p.report.ratio(&res, "CPU a delivery", "cpu", "elva", "limit", atMost, 3)
	own(p, &res, "limit")
	p.report.none(&res, "records missing, all rounds' worst", "missing", "elva")
	p.report.none(&res, "records doubled, all rounds' worst", "doubled", "elva")
	return nil
}
