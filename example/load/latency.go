//go:build linux

package main

import (
	"context"
	"time"
)

const (
	latencyViewers = 50
	// interval is Elva's pace in a flow.
	interval = 100 * time.Millisecond
)

// latency measures a steady flow, and records that come alone.
func latency(ctx context.Context, p *plan) error {
	for _, rate := range []int{calmRate, 5 * calmRate} {
		if p.quick && rate > calmRate {
			continue
		}
		p.report.title("Latency: %d viewers at %d records/s", latencyViewers, rate)
		var res results
		for range p.rounds {
			for _, server := range p.compared("limit", "naive", "go-sse", "elva") {
				s, err := p.steady(ctx, setup{Server: server}, audience{viewers: latencyViewers, latency: true}, rate)
				if err != nil {
					return err
				}
				res.add(server, s)
			}
		}
		p.report.table("server", &res, steadyColumns())
		p.report.line()
		p.report.ratio(&res, "CPU", "cores", "elva", "naive", atMost, 0.35)
		p.report.value(&res, "p99 in a steady flow", "p99", "elva", atMost, float64(interval.Milliseconds()+5), " ms")
		p.report.none(&res, "records missing, all rounds' worst", "missing", "elva")
		p.report.none(&res, "records doubled, all rounds' worst", "doubled", "elva")
	}
	return pauses(ctx, p)
}

// pauses measures how long a record takes that comes alone, after a pause longer than the pace.
func pauses(ctx context.Context, p *plan) error {
	p.report.title("Latency of a record after a pause: %d viewers, one record each 130 ms", latencyViewers)
	var res results
	for range p.rounds {
		for _, server := range p.compared("limit", "naive", "elva") {
			t, err := p.begin(ctx, setup{Server: server}, audience{viewers: latencyViewers, latency: true})
			if err != nil {
				return err
			}
			time.Sleep(interval * 3 / 2)
			for end := time.Now().Add(2 * p.seconds); time.Now().Before(end) && ctx.Err() == nil; time.Sleep(interval * 13 / 10) {
				if err := t.publish.publish(1); err != nil {
					return err
				}
			}
			if err := t.viewers.settle(ctx, t.publish.sent); err != nil {
				return err
			}
			if err := t.end(); err != nil {
				return err
			}
			times := t.viewers.times()
			res.add(server, sample{"p50": times.quantile(0.5), "p99": times.quantile(0.99), "max": times.quantile(1), "missing": float64(t.viewers.total(missing))})
		}
	}
	p.report.table("server", &res, []column{
		{figure: "p50", title: "p50 ms", format: "%.2f"}, {figure: "p99", title: "p99 ms", format: "%.2f"},
		{figure: "max", title: "max ms", format: "%.2f"}, {figure: "missing", title: "missing", format: "%.0f", worst: true},
	})
	p.report.line()
	p.report.value(&res, "p99 after a pause", "p99", "elva", atMost, 2, " ms")
	p.report.ratio(&res, "p99 after a pause", "p99", "elva", "limit", atMost, 1.25) // what of it is the machine's
	return nil
}

// steady measures one server at a steady rate.
func (p *plan) steady(ctx context.Context, server setup, a audience, rate int) (sample, error) {
	t, err := p.begin(ctx, server, a)
	if err != nil {
		return nil, err
	}
	wasBytes := t.viewers.total(wire)
	used, err := t.during(ctx, func() error { return t.publish.steadily(ctx, rate, p.seconds) })
	if err != nil {
		return nil, err
	}
	n, bytes := float64(t.viewers.total(records)), float64(t.viewers.total(wire)-wasBytes)
	if err := t.end(); err != nil {
		return nil, err
	}
	cpu := float64(used.CPU.Nanoseconds()) / 1e3
	s := sample{
		"cores": 100 * used.cores(), "cpu": cpu / n, "cpu/record": cpu / float64(t.publish.sent), "bytes": bytes / n, "writes": float64(used.Writes) / n,
		"allocs": float64(used.Allocs) / float64(t.publish.sent), "missing": float64(t.viewers.total(missing)), "doubled": float64(t.viewers.total(doubled)),
		"deliveries/s": n / used.At.Seconds(), "resident": float64(used.Resident) / 1e6,
	}
	if a.latency {
		times := t.viewers.times()
		s["p50"], s["p99"], s["max"] = times.quantile(0.5), times.quantile(0.99), times.quantile(1)
	}
	return s, nil
}

func steadyColumns() []column {
	return []column{
		{figure: "cores", title: "% of a core", format: "%.1f"}, {figure: "cpu", title: "CPU µs/delivery", format: "%.2f"},
		{figure: "cpu/record", title: "CPU µs/record", format: "%.1f"}, {figure: "bytes", title: "B/delivery", format: "%.0f"},
		{figure: "writes", title: "writes/delivery", format: "%.3f"}, {figure: "allocs", title: "allocations/record", format: "%.1f"},
		{figure: "p50", title: "p50 ms", format: "%.1f"}, {figure: "p99", title: "p99 ms", format: "%.1f"}, {figure: "max", title: "max ms", format: "%.1f"},
		{figure: "missing", title: "missing", format: "%.0f", worst: true}, {figure: "doubled", title: "doubled", format: "%.0f", worst: true},
	}
}
