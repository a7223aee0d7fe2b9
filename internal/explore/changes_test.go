package explore_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/SupermanScott/Elva/internal/explore"
	"github.com/SupermanScott/Elva/internal/group"
	"github.com/SupermanScott/Elva/internal/record"
)

// changesOf returns the changes that are found in the last ten minutes of a world.
func changesOf(w *world) []explore.Change {
	end := w.begin.Add(worldMinutes * time.Minute)
	from := end.Add(-rangeMinutes * time.Minute)
	c := explore.NewChanges(nil, from, end, w.begin, from)
	lines := w.lines()
	for i := len(lines) - 1; i >= 0; i-- {
		c.Add(lines[i].level, lines[i].encoded)
	}
	return c.List().Changes
}

// namedAt returns the position of the first sentence that names the cause, counted from 1, or 0 if none does.
func namedAt(changes []explore.Change, names []string) int {
	for i, c := range changes {
		for _, name := range names {
			all := true
			for _, word := range strings.Fields(name) {
				all = all && strings.Contains(c.Text, word)
			}
			if all {
				return i + 1
			}
		}
	}
	return 0
}

func TestChanges_IncidentsAreNamed(t *testing.T) { testIncidents(t, incidents, 100, 26) }

func TestChanges_IncidentsOfValuesAreNamed(t *testing.T) { testIncidents(t, valueIncidents, 300, 9) }

// testIncidents simulates incidents. So many of them must be named in the first three sentences.
func testIncidents(t *testing.T, incidents []incident, seed, want int) {
	named := 0
	for i, in := range incidents {
		w := newWorld(uint64(seed + i))
		in.begin(w)
		changes := changesOf(w)
		at := namedAt(changes, in.names)
		if at > 0 && at <= 3 {
			named++
		}
		t.Logf("%s: sentence %d", in.name, at)
		for _, c := range changes {
			t.Logf("    %-16s %s", c.Kind, c.Text)
		}
	}
	t.Logf("%d of %d incidents are named in the first three sentences", named, len(incidents))
	if named < want {
		t.Errorf("%d of %d incidents are named in the first three sentences, want %d", named, len(incidents), want)
	}
}

func TestChanges_QuietHours(t *testing.T) { testQuietHours(t, quietHours, 200, 30, 3) }

func TestChanges_QuietHoursOfValues(t *testing.T) { testQuietHours(t, valueQuietHours, 400, 10, 0) }

// testQuietHours simulates hours in which nothing is wrong. At most so many of them may say anything.
func testQuietHours(t *testing.T, quietHours []quietHour, seed, hours, most int) {
	spoken := 0
	for i := range hours {
		q := quietHours[i%len(quietHours)]
		w := newWorld(uint64(seed + i))
		q.begin(w)
		changes := changesOf(w)
		if len(changes) > 0 {
			spoken++
			t.Logf("%s (%d):", q.name, i)
		}
		for _, c := range changes {
			t.Logf("    %-16s %s", c.Kind, c.Text)
		}
	}
	t.Logf("%d of %d quiet hours say anything", spoken, hours)
	if spoken > most {
		t.Errorf("%d of %d quiet hours say anything, want at most %d", spoken, hours, most)
	}
}

// TestChanges_Restarts has a worker that restarts at regular intervals.
func TestChanges_Restarts(t *testing.T) {
	for _, c := range []struct {
		name        string
		every       [2]int // seconds that a process lives in the base and in the range; 0 for one process
		want        string
		processes   int // at once
		wantNothing bool
	}{
		{"a crash loop", [2]int{0, 60}, "pay-1/payments: restarted 10 times in 10 min", 1, false},
		{"a deploy", [2]int{0, 500}, "", 1, true},
		{"processes that always take turns", [2]int{50, 50}, "", 1, true},
		{"a pool of processes", [2]int{0, 0}, "", 8, true},
	} {
		begin := time.Date(2026, 11, 29, 15, 0, 0, 0, time.UTC)
		from, to := begin.Add(40*time.Minute), begin.Add(50*time.Minute)
		var patterns group.Patterns
		var lines []line
		for i := range 3000 { // one a second
			at := begin.Add(time.Duration(i) * time.Second)
			every, epoch := c.every[0], 0
			if !at.Before(from) {
				every, epoch = c.every[1], 10_000
			}
			pid := 100
			if every > 0 {
				pid += epoch + i/every
			}
			if c.processes > 1 {
				pid += i * 7 % c.processes
			}
			r := record.Decode(fmt.Sprintf(`{"level":"info","hostname":"pay-1","logger":"payments","pid":%d,"msg":"charged order %d"}`, pid, i))
			r.Time = at
			lines = append(lines, line{at, r.Level, encode(i+1, at, &r, &patterns)})
		}
		x := explore.NewChanges(nil, from, to, begin, from)
		for i := len(lines) - 1; i >= 0; i-- {
			x.Add(lines[i].level, lines[i].encoded)
		}
		changes := x.List().Changes
		if c.wantNothing && len(changes) > 0 || !c.wantNothing && (len(changes) != 1 || changes[0].Kind != "restarted" || changes[0].Text != c.want) {
			t.Errorf("%s: %+v, want %q", c.name, changes, c.want)
		}
	}
}

// TestChanges_ValuesByTheClock has a field whose values take turns, so that the records at equal intervals all have the same one.
func TestChanges_ValuesByTheClock(t *testing.T) {
	to := time.Date(2026, 11, 29, 16, 0, 0, 0, time.UTC)
	from := to.Add(-10 * time.Minute)
	c := explore.NewChanges(nil, from, to, from.Add(-47*time.Minute), from)
	var patterns group.Patterns
	for i := range 70 * 60 * 10 { // ten a second, the newest first
		at := to.Add(-time.Duration(i+1) * 100 * time.Millisecond)
		r := record.Decode(fmt.Sprintf(`{"level":"info","hostname":"web-1","logger":"web","msg":"turn taken","turn":"t%d","n":%d}`, i%50, i%50*20))
		c.Add(r.Level, encode(i+1, at, &r, &patterns))
	}
	if list := c.List().Changes; len(list) > 0 {
		t.Errorf("%+v", list)
	}
}
