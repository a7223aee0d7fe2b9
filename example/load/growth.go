//go:build linux

package main

import (
	"context"
	"fmt"
)

// series is how Elva's CPU grows with one thing while the others stay.
type series struct {
	axis  string
	steps []int
	grow  func(x int) (s setup, viewers, rate, before int)
}

// growth measures the three series.
func growth(ctx context.Context, p *plan) error {
	all := []series{
		{fmt.Sprintf("viewers, at %d records/s", calmRate), []int{1, 10, 30, 100, 300, 1000},
			func(x int) (setup, int, int, int) { return setup{}, x, calmRate, 0 }},
		{fmt.Sprintf("records/s, to %d viewers", throughputViewers), []int{100, 300, 1000, 3000, 10_000, 30_000},
			func(x int) (setup, int, int, int) { return setup{}, throughputViewers, x, 0 }},
		{fmt.Sprintf("records in the history, %d viewers at %d records/s", throughputViewers, calmRate), []int{1000, 10_000, 100_000, 300_000},
			func(x int) (setup, int, int, int) { return setup{History: x}, throughputViewers, calmRate, x }},
	}
	for _, s := range all {
		p.report.title("Growth: Elva's CPU against %s", s.axis)
		if p.quick {
			s.steps = s.steps[:2]
		}
		var res results
		for range min(p.rounds, 3) {
			for _, x := range s.steps {
				setup, viewers, rate, before := s.grow(x)
				if err := p.grow(ctx, &res, fmt.Sprint(x), setup, viewers, rate, before); err != nil {
					return err
				}
			}
		}
		p.report.table(s.axis, &res, []column{{figure: "cores", title: "% of a core", format: "%.1f"}, {figure: "cpu", title: "CPU µs/delivery", format: "%.2f"}})
		p.report.line()
		for _, x := range s.steps {
			p.report.none(&res, fmt.Sprintf("records missing at %d", x), "missing", fmt.Sprint(x))
		}
		p.report.judge("bend upwards (the most that a point lies below the line from the first to the last)", s.bend(&res), atMost, 5, " % of a core")
	}
	return nil
}

// grow measures one point, with so many records in the history before.
func (p *plan) grow(ctx context.Context, res *results, name string, s setup, viewers, rate, before int) error {
	s.Server = "elva"
	t, err := p.begin(ctx, s, audience{})
	if err != nil {
		return err
	}
	for range before / batch {
		if err := t.publish.publish(batch); err != nil {
			return err
		}
	}
	if err := t.waitReceived(ctx, uint64(before/batch*batch)); err != nil {
		return err
	}
	a := audience{viewers: viewers, buffer: 64 << 10, request: path("elva"), stride: 1}
	if t.viewers, err = open(ctx, t.child.addr, a); err != nil {
		return err
	}
	if err := t.viewers.settle(ctx, t.publish.sent); err != nil {
		return err
	}
	if err := t.viewers.waitReady(ctx, t.publish, false); err != nil {
		return err
	}
	// The history's old end is gone when it is full; that was measured before.
	was, lost := t.viewers.total(records), t.viewers.total(missing)
	used, err := t.during(ctx, func() error { return t.publish.steadily(ctx, rate, p.seconds) })
	if err != nil {
		return err
	}
	n := float64(t.viewers.total(records) - was)
	res.add(name, sample{"cores": 100 * used.cores(), "cpu": float64(used.CPU.Microseconds()) / n, "missing": float64(t.viewers.total(missing) - lost)})
	return t.end()
}

// bend returns how far the points lie below the line from the first to the last, at most. Where the cost grows faster and faster, what is
// between lies below that line.
func (s series) bend(res *results) (below float64) {
	cores := func(x int) float64 { y, _ := res.median(fmt.Sprint(x), "cores"); return y }
	first, last := s.steps[0], s.steps[len(s.steps)-1]
	for _, x := range s.steps {
		line := cores(first) + (cores(last)-cores(first))*float64(x-first)/float64(last-first)
		below = max(below, line-cores(x))
	}
	return below
}
