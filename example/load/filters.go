//go:build linux

package main

import (
	"context"
	"fmt"
)

// filters measures viewers that each take one record in a hundred. What they cost must grow with what is
// delivered, not with viewers × records.
func filters(ctx context.Context, p *plan) error {
	points := []struct {
		name    string
		viewers int
		filter  func(i int) string
	}{
		{"100 viewers without a filter", 100, nil},
		{"100 viewers, 1 % each", 100, byLogger},
		{"1,000 viewers, 1 % each", 1000, byLogger},
		{"10,000 viewers, 1 % each", 10_000, byLogger},
		{"10,000 viewers, nothing", 10_000, nothing},
	}
	if p.quick {
		points = points[:3]
	}
	p.report.title("Filters: viewers at %d records/s, %d filters", calmRate, loggers)
	var res results
	rounds := min(p.rounds, 3)
	for range rounds {
		for _, point := range points {
			a := audience{viewers: point.viewers, buffer: 8 << 10}
			if point.filter != nil {
				a.stride, a.request = loggers, point.filter
			}
			if point.viewers <= 100 {
				a.buffer = 64 << 10
			}
			s, err := p.filtered(ctx, a, point.filter != nil && point.filter(0) == nothing(0))
			if err != nil {
				return fmt.Errorf("%s: %w", point.name, err)
			}
			res.add(point.name, s)
		}
	}
	p.report.table("viewers", &res, []column{
		{figure: "deliveries/s", title: "deliveries/s", format: "%.0f"}, {figure: "cores", title: "% of a core", format: "%.1f"},
		{figure: "cpu", title: "CPU µs/delivery", format: "%.2f"}, {figure: "writes", title: "writes/delivery", format: "%.2f"},
		{figure: "missing", title: "missing", format: "%.0f", worst: true}, {figure: "doubled", title: "doubled", format: "%.0f", worst: true},
	})
	p.report.line()
	few, ok1 := res.median(points[2].name, "cpu")
	if many, ok2 := res.median("10,000 viewers, 1 % each", "cpu"); ok1 && ok2 {
		p.report.judge("CPU a delivery of 10,000 viewers, to that of 1,000", many/few, atMost, 1.25, "")
	}
	for _, point := range points {
		p.report.none(&res, "records missing, "+point.name, "missing", point.name)
	}
	return nil
}

func byLogger(i int) string { return "/?events&logger=" + logger(i) }

func nothing(int) string { return "/?events&logger=nobody" }

// filtered measures one audience. Viewers who get nothing are taken for served when they have their header.
func (p *plan) filtered(ctx context.Context, a audience, none bool) (sample, error) {
	if !none {
		return p.steady(ctx, setup{Server: "elva"}, a, calmRate)
	}
	t, err := p.begin(ctx, setup{Server: "elva"}, audience{})
	if err != nil {
		return nil, err
	}
	if t.viewers, err = open(ctx, t.child.addr, a); err != nil {
		return nil, err
	}
	if err := t.viewers.waitOpen(ctx); err != nil {
		return nil, err
	}
	before, err := t.child.usage()
	if err != nil {
		return nil, err
	}
	if err := t.publish.steadily(ctx, calmRate, p.seconds); err != nil {
		return nil, err
	}
	after, err := t.child.usage()
	if err != nil {
		return nil, err
	}
	used := after.since(before)
	s := sample{"deliveries/s": float64(t.viewers.total(records)), "cores": 100 * used.cores()}
	return s, t.end()
}
