//go:build linux

package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
)

// sample is the figures of one measurement by name.
type sample map[string]float64

// results are the samples of each server, or of each point of a series.
type results struct {
	order   []string
	samples map[string][]sample
}

func (r *results) add(name string, s sample) {
	if r.samples == nil {
		r.samples = make(map[string][]sample)
	}
	if _, ok := r.samples[name]; !ok {
		r.order = append(r.order, name)
	}
	r.samples[name] = append(r.samples[name], s)
}

// median returns a figure's median over the rounds, and whether there is one.
func (r *results) median(name, figure string) (float64, bool) {
	var list []float64
	for _, s := range r.samples[name] {
		if value, ok := s[figure]; ok {
			list = append(list, value)
		}
	}
	if len(list) == 0 {
		return 0, false
	}
	slices.Sort(list)
	return (list[len(list)/2] + list[(len(list)-1)/2]) / 2, true
}

// worst returns a figure's greatest value over the rounds.
func (r *results) worst(name, figure string) (most float64) {
	for _, s := range r.samples[name] {
		most = max(most, s[figure])
	}
	return most
}

// report prints tables and judges targets.
type report struct {
	out    io.Writer
	quick  bool
	missed int
	judged int
}

func newReport(out io.Writer, quick bool) *report { return &report{out: out, quick: quick} }

func (r *report) machine(redis string) {
	version, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	fmt.Fprintf(r.out, "%d cores, Linux %s, %s, %.60s\n", runtime.NumCPU(), strings.TrimSpace(string(version)), runtime.Version(), redis)
}

// title begins a mode's part, with the load average of now.
func (r *report) title(format string, args ...any) {
	load, _ := os.ReadFile("/proc/loadavg")
	fmt.Fprintf(r.out, "\n## %s\n\nLoad average at the start: %.14s\n\n", fmt.Sprintf(format, args...), load)
}

// column is a figure's place in a table.
type column struct {
	figure, title, format string
	worst                 bool // show the worst round, not the median
}

// table prints the medians, as Markdown.
func (r *report) table(first string, res *results, columns []column) {
	rows := [][]string{{first}}
	for _, c := range columns {
		rows[0] = append(rows[0], c.title)
	}
	for _, name := range res.order {
		row := []string{name}
		for _, c := range columns {
			value, ok := res.median(name, c.figure)
			switch {
			case !ok:
				row = append(row, "-")
				continue
			case c.worst:
				value = res.worst(name, c.figure)
			}
			row = append(row, number(c.format, value))
		}
		rows = append(rows, row)
	}
	printTable(r.out, rows)
}

func printTable(out io.Writer, rows [][]string) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], len([]rune(cell)))
		}
	}
	for n, row := range rows {
		for i, cell := range row {
			space := strings.Repeat(" ", widths[i]-len([]rune(cell)))
			if i > 0 {
				cell = space + cell // figures to the right
			} else {
				cell += space
			}
			fmt.Fprint(out, "| ", cell, " ")
		}
		fmt.Fprintln(out, "|")
		if n == 0 {
			for i, width := range widths {
				if i == 0 {
					fmt.Fprint(out, "|", strings.Repeat("-", width+2))
				} else {
					fmt.Fprint(out, "|", strings.Repeat("-", width+1), ":")
				}
			}
			fmt.Fprintln(out, "|")
		}
	}
}

// number formats a value, with commas between the thousands if it is a large whole one.
func number(format string, value float64) string {
	text := fmt.Sprintf(format, value)
	if strings.ContainsAny(text, ".-") || len(text) < 5 {
		return text
	}
	var b strings.Builder
	for i, c := range text {
		if i > 0 && (len(text)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(c)
	}
	return b.String()
}

// Targets are judged with these words; what is counted (lost, doubled) is judged in a quick run too.
const atLeast, atMost = "at least", "at most"

// judge prints whether a value meets its target.
func (r *report) judge(what string, value float64, relation string, target float64, unit string) {
	if r.quick {
		return
	}
	r.count(what, value, relation, target, unit)
}

func (r *report) count(what string, value float64, relation string, target float64, unit string) {
	r.judged++
	word := "pass"
	if relation == atLeast && !(value >= target) || relation == atMost && !(value <= target) {
		word = "FAIL"
		r.missed++
	}
	fmt.Fprintf(r.out, "%s  %s: %.3g%s, target %s %.3g%s\n", word, what, value, unit, relation, target, unit)
}

// ratio judges one server's figure against another's.
func (r *report) ratio(res *results, what, figure, server, base, relation string, target float64) {
	a, ok1 := res.median(server, figure)
	b, ok2 := res.median(base, figure)
	if ok1 && ok2 && b > 0 {
		r.judge(what, a/b, relation, target, " x "+base)
	}
}

// value judges one server's figure.
func (r *report) value(res *results, what, figure, server, relation string, target float64, unit string) {
	if value, ok := res.median(server, figure); ok {
		r.judge(what, value, relation, target, unit)
	}
}

// none judges that nothing was counted in any round, in quick runs too.
func (r *report) none(res *results, what, figure, server string) {
	if _, ok := res.median(server, figure); ok {
		r.count(what, res.worst(server, figure), atMost, 0, "")
	}
}

// note prints a remark below the figures.
func (r *report) note(format string, args ...any) {
	fmt.Fprintf(r.out, "(%s)\n\n", fmt.Sprintf(format, args...))
}

func (r *report) line() { fmt.Fprintln(r.out) }

// total prints how many targets were met and returns how many were missed.
func (r *report) total() int {
	fmt.Fprintf(r.out, "\n%d of %d targets met\n", r.judged-r.missed, r.judged)
	return r.missed
}
