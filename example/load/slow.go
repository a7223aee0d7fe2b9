//go:build linux

package main

import (
	"context"
	"time"
)

const (
	slowViewers = 15
	stuck       = 5
	slowRate    = 3000
)

// slow measures what viewers that stop reading do to the others.
func slow(ctx context.Context, p *plan) error {
	p.report.title("Slow: %d viewers at %d records/s, of which %d stop reading", slowViewers, slowRate, stuck)
	length := 3 * p.seconds
	var res results
	for range min(p.rounds, 3) { // each takes long, and the figures are steady
		for _, server := range p.compared("limit", "naive", "go-sse", "elva") {
			stop := make(chan struct{})
			t, err := p.begin(ctx, setup{Server: server}, audience{viewers: slowViewers, latency: true, stops: stuck, stop: stop})
			if err != nil {
				return err
			}
			before, err := t.child.usage()
			if err != nil {
				return err
			}
			close(stop)
			if err := t.publish.steadily(ctx, slowRate, length); err != nil {
				return err
			}
			healthy := &viewers{list: t.viewers.list[stuck:], moved: t.viewers.moved}
			if err := healthy.settle(ctx, t.publish.sent); err != nil {
				return err
			}
			after, err := t.child.usage()
			if err != nil {
				return err
			}
			all := float64(t.publish.sent * (slowViewers - stuck))
			lost := float64(healthy.total(missing))
			if err := t.end(); err != nil {
				return err
			}
			times := healthy.times()
			res.add(server, sample{
				"missing": 100 * lost / all, "p50": times.quantile(0.5), "p99": times.quantile(0.99),
				"before": float64(before.Resident) / 1e6, "after": float64(after.Resident) / 1e6, "more": float64(after.Resident-min(before.Resident, after.Resident)) / 1e6,
			})
		}
	}
	p.report.table("server", &res, []column{
		{figure: "missing", title: "% missing for the other viewers", format: "%.1f", worst: true}, {figure: "p50", title: "their p50 ms", format: "%.1f"},
		{figure: "p99", title: "p99 ms", format: "%.1f"}, {figure: "before", title: "resident MB before", format: "%.1f"}, {figure: "after", title: "after", format: "%.1f"},
	})
	p.report.line()
	p.report.none(&res, "records missing for the others, all rounds' worst, in %", "missing", "elva")
	p.report.value(&res, "p99 of the others", "p99", "elva", atMost, float64((interval + 5*time.Millisecond).Milliseconds()), " ms")
	// Twice the history's bound of 32 MiB (the collector lets the heap double) and 16 MB.
	p.report.value(&res, "growth of resident memory", "more", "elva", atMost, 2*33.6+16, " MB")
	return nil
}
