//go:build linux

package main

import (
	"context"
	"time"
)

// idle measures what viewers cost to whom nothing is sent any more.
func idle(ctx context.Context, p *plan) error {
	counts := []int{1000, 10_000}
	if p.quick {
		counts = []int{100}
	}
	for _, viewers := range counts {
		p.report.title("Idle: %d viewers, each served %d records before", viewers, served(viewers))
		var res results
		for range min(p.rounds, 3) { // each takes long, and the figures are steady
			for _, server := range p.compared("limit", "naive", "go-sse", "elva") {
				s, err := p.idle(ctx, server, viewers)
				if err != nil && server != "elva" { // some take minutes to serve so many
					p.report.note("%s: %v", server, err)
					continue
				}
				if err != nil {
					return err
				}
				res.add(server, s)
			}
		}
		p.report.table("server", &res, []column{
			{figure: "kB", title: "kB resident a viewer", format: "%.1f"}, {figure: "kB collected", title: "after a garbage collection", format: "%.1f"},
			{figure: "stacks", title: "of it stacks", format: "%.1f"}, {figure: "heap", title: "heap", format: "%.1f"},
			{figure: "cores", title: "idle: % of a core", format: "%.2f"}, {figure: "missing", title: "missing", format: "%.0f", worst: true},
		})
		p.report.line()
		if viewers == 10_000 {
			p.report.value(&res, "resident memory a viewer", "kB", "elva", atMost, 26, " kB")
			p.report.ratio(&res, "resident memory a viewer", "kB", "elva", "naive", atMost, 26.0/32) // as on the machine where that was set
		}
		p.report.none(&res, "records missing, all rounds' worst", "missing", "elva")
	}
	return nil
}

func (p *plan) idle(ctx context.Context, server string, viewers int) (s sample, err error) {
	t, err := p.begin(ctx, setup{Server: server}, audience{})
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = t.end() // it is the first error that tells
		}
	}()
	// The records are Elva's history's, whether there are viewers or not.
	if err := t.publish.steadily(ctx, 100, time.Second); err != nil {
		return nil, err
	}
	empty, err := t.child.usage()
	if err != nil {
		return nil, err
	}
	if t.viewers, err = open(ctx, t.child.addr, audience{viewers: viewers, buffer: 8 << 10, request: liveOnly(server)}); err != nil {
		return nil, err
	}
	if err := t.viewers.waitReady(ctx, t.publish, false); err != nil {
		return nil, err
	}
	for _, w := range t.viewers.list {
		w.last.Store(t.publish.sent) // it does not get the earlier ones
	}
	if err := t.publish.steadily(ctx, served(viewers)/2, 2*time.Second); err != nil {
		return nil, err
	}
	if err := t.viewers.settle(ctx, t.publish.sent); err != nil {
		return nil, err
	}
	full, err := t.child.usage()
	if err != nil {
		return nil, err
	}
	quiet := 2 * p.seconds
	used, err := t.during(ctx, func() error { time.Sleep(quiet); return nil })
	if err != nil {
		return nil, err
	}
	if _, err := t.child.ask("free"); err != nil {
		return nil, err
	}
	collected, err := t.child.usage()
	if err != nil {
		return nil, err
	}
	lost := t.viewers.total(missing)
	if err := t.end(); err != nil {
		return nil, err
	}
	kB := func(u usage) float64 {
		return (float64(u.Resident) - float64(empty.Resident)) / 1000 / float64(viewers)
	}
	per := func(bytes uint64) float64 { return float64(bytes) / 1000 / float64(viewers) }
	return sample{"kB": kB(full), "kB collected": kB(collected), "stacks": per(collected.Stacks), "heap": per(collected.Heap), "cores": 100 * used.cores(), "missing": float64(lost)}, nil
}

// served returns how many records each viewer is served before it idles. A write a record and viewer, as
// most servers do it, would take minutes for more.
func served(viewers int) int { return min(200, 200_000/viewers) }

// liveOnly returns the request target of a stream that begins with what comes.
func liveOnly(server string) func(int) string { return path(server) }
