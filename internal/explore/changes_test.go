package explore_test

import (
	"strings"
	"testing"
	"time"

	"github.com/SupermanScott/Elva/internal/explore"
)

// changesOf returns what a world's last ten minutes are said to have changed.
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

// namedAt returns which of the sentences names the cause, from 1; 0 for none.
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

func TestChanges_IncidentsAreNamed(t *testing.T) {
	named := 0
	for i, in := range incidents {
		w := newWorld(uint64(100 + i))
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
	if named < 26 {
		t.Errorf("%d of %d incidents are named in the first three sentences, want 26", named, len(incidents))
	}
}

func TestChanges_QuietHours(t *testing.T) {
	spoken := 0
	const hours = 30
	for i := range hours {
		q := quietHours[i%len(quietHours)]
		w := newWorld(uint64(200 + i))
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
	if spoken > 3 {
		t.Errorf("%d of %d quiet hours say anything, want at most 3", spoken, hours)
	}
}
