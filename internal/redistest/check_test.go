package redistest

import (
	"testing"
	"time"

	"github.com/SupermanScott/Elva/internal/gap"
)

// TestCheck has a row for each problem that Check must find, and rows without a problem.
func TestCheck(t *testing.T) {
	at := func(s int) time.Time { return time.Date(2026, 11, 22, 17, 0, s, 0, time.UTC) }
	publisher := &Publisher{Name: "p"}
	for n := range 5 { // p#0 at second 0, p#1 at second 10, ...
		publisher.list = append(publisher.list, Published{Publisher: "p", N: n, Before: at(10 * n), After: at(10*n + 1), Confirmed: n != 4})
	}
	for name, c := range map[string]struct {
		seen []string
		gaps []Gap
		want Result
	}{
		"all seen":                    {[]string{"p#0", "p#1", "p#2", "p#3", "p#4"}, nil, Result{Published: 5, Seen: 5}},
		"the unconfirmed one missing": {[]string{"p#0", "p#1", "p#2", "p#3"}, nil, Result{Published: 4, Seen: 4}},
		"lost without a gap":          {[]string{"p#0", "p#1", "p#3"}, nil, Result{Published: 4, Seen: 3, Lost: 1}},
		"lost in a gap":               {[]string{"p#0", "p#1", "p#3"}, []Gap{{Kind: gap.Redis, From: at(20), To: at(21)}}, Result{Published: 4, Seen: 3, InGaps: 1, Gaps: 1}},
		"lost after a gap":            {[]string{"p#0", "p#1", "p#3"}, []Gap{{Kind: gap.Redis, From: at(10), To: at(19)}}, Result{Published: 4, Seen: 3, Lost: 1, Gaps: 1}},
		"lost before a gap":           {[]string{"p#0", "p#1", "p#3"}, []Gap{{Kind: gap.Redis, From: at(22), To: at(29)}}, Result{Published: 4, Seen: 3, Lost: 1, Gaps: 1}},
		"lost after the last one":     {[]string{"p#0", "p#1", "p#3"}, []Gap{{Kind: gap.Redis, From: at(22), To: at(29), LastRecord: at(11)}}, Result{Published: 4, Seen: 3, InGaps: 1, Gaps: 1}},
		"a gap of the viewer's":       {[]string{"p#0", "p#1", "p#3"}, []Gap{{Kind: gap.Slow, From: at(0), To: at(50), Lost: 1}}, Result{Published: 4, Seen: 3, Lost: 1}},
		"doubled":                     {[]string{"p#0", "p#1", "p#1", "p#2", "p#3"}, nil, Result{Published: 4, Seen: 4, Duplicated: 1}},
		"out of order":                {[]string{"p#0", "p#2", "p#1", "p#3"}, nil, Result{Published: 4, Seen: 4, OutOfOrder: 1}},
		"unknown":                     {[]string{"p#0", "p#1", "p#2", "p#3", "q#0", "p#9", "text"}, nil, Result{Published: 4, Seen: 4, Unknown: 3}},
	} {
		t.Run(name, func(t *testing.T) {
			viewer := &Viewer{gaps: c.gaps}
			for _, message := range c.seen {
				viewer.seen = append(viewer.seen, Seen{Message: message})
			}
			got := Check([]*Publisher{publisher}, viewer)
			bad := c.want.Lost+c.want.Duplicated+c.want.OutOfOrder+c.want.Unknown > 0
			if got.Bad() != bad || len(got.Problems) > 0 != bad {
				t.Errorf("bad = %v, want %v; problems %v", got.Bad(), bad, got.Problems)
			}
			problems := got.Problems
			got.Problems = nil
			if got.String() != c.want.String() || got.Unknown != c.want.Unknown {
				t.Errorf("got %v, want %v; problems %v", got, &c.want, problems)
			}
		})
	}
}

// TestCheck_AfterRestart shows a viewer the history of another instance: all records of a channel, but only new ones of a
// stream.
func TestCheck_AfterRestart(t *testing.T) {
	for name, c := range map[string]struct {
		stream int64
		seen   []Seen
		want   Result
	}{
		"a channel's again":            {0, []Seen{{Message: "p#0"}, {Message: "p#0", Restarts: 1}, {Message: "p#1", Restarts: 1}}, Result{Published: 2, Seen: 2, Repeated: 1}},
		"a channel's twice":            {0, []Seen{{Message: "p#0"}, {Message: "p#1", Restarts: 1}, {Message: "p#1", Restarts: 1}}, Result{Published: 2, Seen: 2, Duplicated: 1}},
		"a channel's in another order": {0, []Seen{{Message: "p#0"}, {Message: "p#1", Restarts: 1}, {Message: "p#0", Restarts: 1}}, Result{Published: 2, Seen: 2, Repeated: 1, OutOfOrder: 1}},
		"none before the restart":      {0, []Seen{{Message: "p#1", Restarts: 1}}, Result{Published: 2, Seen: 1, Lost: 1}},
		"a channel's at the restart":   {0, []Seen{{Message: "p#0"}, {Message: "p#2", Restarts: 1}}, Result{Published: 3, Seen: 2, InGaps: 1}},
		"a channel's long after it":    {0, []Seen{{Message: "p#0"}, {Message: "p#0", Restarts: 1}, {Message: "p#2", Restarts: 1}}, Result{Published: 3, Seen: 2, Repeated: 1, Lost: 1}},
		"a stream's at the restart":    {9, []Seen{{Message: "p#0"}, {Message: "p#2", Restarts: 1}}, Result{Published: 3, Seen: 2, Lost: 1}},
		"a stream's again":             {9, []Seen{{Message: "p#0"}, {Message: "p#0", Restarts: 1}, {Message: "p#1", Restarts: 1}}, Result{Published: 2, Seen: 2, Duplicated: 1}},
		"a stream's after the restart": {9, []Seen{{Message: "p#0"}, {Message: "p#1", Restarts: 1}}, Result{Published: 2, Seen: 2}},
	} {
		t.Run(name, func(t *testing.T) {
			publisher := &Publisher{Name: "p", Stream: c.stream}
			for n := range c.want.Published {
				publisher.list = append(publisher.list, Published{Publisher: "p", N: n, Confirmed: true})
			}
			got := Check([]*Publisher{publisher}, &Viewer{seen: c.seen})
			if got.String() != c.want.String() {
				t.Errorf("got %v, want %v; problems %v", got, &c.want, got.Problems)
			}
		})
	}
}
