//go:build linux

package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"
)

// series is how Elva's CPU grows with one thing while the others stay.
type series struct {
	name, axis string
	points     []point
}

type point struct {
	x     float64
	cores float64 // % of a core
	note  string  // what one unit of x costs
}

// growth measures the three series and writes them to growth.md and growth.svg.
func growth(ctx context.Context, p *plan) error {
	p.report.title("Growth: Elva's CPU against viewers, rate and history")
	viewerSteps, rateSteps, historySteps := []int{1, 10, 30, 100, 300, 1000}, []int{100, 300, 1000, 3000, 10_000, 30_000}, []int{1000, 10_000, 100_000, 300_000}
	if p.quick {
		viewerSteps, rateSteps, historySteps = []int{1, 20}, []int{100, 1000}, []int{1000, 5000}
	}
	rounds := min(p.rounds, 3)
	var res results
	for range rounds {
		for _, n := range viewerSteps {
			if err := p.grow(ctx, &res, fmt.Sprint("viewers ", n), setup{}, n, calmRate, 0); err != nil {
				return err
			}
		}
		for _, rate := range rateSteps {
			if err := p.grow(ctx, &res, fmt.Sprint("rate ", rate), setup{}, throughputViewers, rate, 0); err != nil {
				return err
			}
		}
		for _, n := range historySteps {
			if err := p.grow(ctx, &res, fmt.Sprint("history ", n), setup{History: n}, throughputViewers, calmRate, n); err != nil {
				return err
			}
		}
	}
	all := []series{
		{name: "viewers", axis: fmt.Sprintf("viewers, at %d records/s", calmRate)},
		{name: "rate", axis: fmt.Sprintf("records/s, to %d viewers", throughputViewers)},
		{name: "history", axis: fmt.Sprintf("records in the history, %d viewers at %d records/s", throughputViewers, calmRate)},
	}
	for i, steps := range [][]int{viewerSteps, rateSteps, historySteps} {
		s := &all[i]
		for _, x := range steps {
			name := fmt.Sprint(s.name, " ", x)
			cores, _ := res.median(name, "cores")
			delivery, _ := res.median(name, "cpu")
			s.points = append(s.points, point{float64(x), cores, fmt.Sprintf("%.2f", delivery)})
			p.report.none(&res, name+": records missing", "missing", name)
		}
	}
	text := growthTables(all)
	fmt.Fprintf(p.report.out, "\n%s", text)
	if p.quick {
		return nil
	}
	for _, s := range all {
		// Where the cost grows faster and faster, what is between lies below a line from the first point to the last. Above it
		// lies what grows less and less, as when records share a wake-up or a write.
		below, above := s.bend()
		p.report.judge("bend upwards of CPU against "+s.name+" (the most that a point lies below the line from the first to the last)", below, atMost, 5, " % of a core")
		p.report.note("CPU against %s grows less than straight by at most %.1f %% of a core", s.name, above)
	}
	load, _ := os.ReadFile("/proc/loadavg")
	text = fmt.Sprintf(growthHeader, rounds, p.seconds, runtime.NumCPU(), load) + text + "![CPU against viewers, rate and history](growth.svg)\n"
	if err := os.WriteFile("growth.md", []byte(text), 0o644); err != nil {
		return err
	}
	return os.WriteFile("growth.svg", plot(all), 0o644)
}

const growthHeader = "# How Elva's cost grows\n\nWritten by `go run . -mode growth`: CPU of Elva's process in %% of one core, medians of %d rounds of %v,\n" +
	"on %d cores, with a load average of %.14s at the end.\n\n"

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

// bend returns how far the points lie below and above the line from the first to the last, at most.
func (s series) bend() (below, above float64) {
	first, last := s.points[0], s.points[len(s.points)-1]
	for _, p := range s.points {
		line := first.cores + (last.cores-first.cores)*(p.x-first.x)/(last.x-first.x)
		below, above = max(below, line-p.cores), max(above, p.cores-line)
	}
	return below, above
}

func growthTables(all []series) string {
	var b bytes.Buffer
	for _, s := range all {
		rows := [][]string{{s.axis, "% of a core", "CPU µs/delivery"}}
		for _, p := range s.points {
			rows = append(rows, []string{number("%.0f", p.x), number("%.1f", p.cores), p.note})
		}
		printTable(&b, rows)
		b.WriteByte('\n')
	}
	return b.String()
}

// plot draws one panel a series, with straight axes, so that a straight growth is a straight line.
func plot(all []series) []byte {
	const width, height, left, bottom = 360, 240, 50, 50
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="11" fill="#333">`+"\n", len(all)*(width+left)+20, height+bottom+30)
	fmt.Fprintf(&b, `<rect width="100%%" height="100%%" fill="#fff"/>`+"\n")
	for i, s := range all {
		x0, y0 := float64(i*(width+left)+left), float64(height+20)
		last := s.points[len(s.points)-1].x
		most := 0.0
		for _, p := range s.points {
			most = max(most, p.cores)
		}
		most = ceiling(most)
		fmt.Fprintf(&b, `<path d="M%.0f 20V%.0fH%.0f" fill="none" stroke="#888"/>`+"\n", x0, y0, x0+width-20)
		for tick := 0; tick <= 4; tick++ {
			part := float64(tick) / 4
			y, x := y0-part*height, x0+part*(width-20)
			fmt.Fprintf(&b, `<text x="%.0f" y="%.0f" text-anchor="end">%.3g</text><path d="M%.0f %.0fH%.0f" stroke="#eee"/>`+"\n", x0-6, y+4, most*part, x0, y, x0+width-20)
			fmt.Fprintf(&b, `<text x="%.0f" y="%.0f" text-anchor="middle">%s</text>`+"\n", x, y0+16, number("%.0f", last*part))
		}
		fmt.Fprintf(&b, `<text x="%.0f" y="%.0f" text-anchor="middle">%s</text>`+"\n", x0+width/2, y0+36, s.axis)
		fmt.Fprintf(&b, `<text x="%.0f" y="12">%% of a core</text>`+"\n", x0)
		line := ""
		for _, p := range s.points {
			x, y := x0+p.x/last*(width-20), y0-p.cores/most*height
			line += fmt.Sprintf(" %.1f,%.1f", x, y)
			fmt.Fprintf(&b, `<circle cx="%.1f" cy="%.1f" r="3" fill="#2563eb"/>`+"\n", x, y)
		}
		fmt.Fprintf(&b, `<polyline points="%s" fill="none" stroke="#2563eb"/>`+"\n", strings.TrimSpace(line))
	}
	b.WriteString("</svg>\n")
	return []byte(b.String())
}

// ceiling returns the least of 1, 2, 5 times a power of ten that is not below x.
func ceiling(x float64) float64 {
	for unit := 0.1; ; unit *= 10 {
		for _, n := range []float64{1, 2, 5} {
			if n*unit >= x {
				return n * unit
			}
		}
	}
}
