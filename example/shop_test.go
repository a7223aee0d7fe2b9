package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/SupermanScott/Elva/internal/explore"
	"github.com/SupermanScott/Elva/internal/group"
	elvarecord "github.com/SupermanScott/Elva/internal/record"
)

// day is what the shop logs in the time of one story, at the demo's usual rate.
func day() []entry {
	opened := time.Date(2026, 11, 22, 17, 4, 28, 0, time.UTC)
	shop := newShop(demoSeed, opened)
	entries := shop.opening(opened)
	for at := opened; at.Before(opened.Add(storyLength)); at = at.Add(time.Second / 6) {
		entries = append(entries, shop.next(at))
	}
	return entries
}

func TestShop_EveryLevelOnEveryChannel(t *testing.T) {
	levels, channels, traces, opened := map[elvarecord.Level]int{}, map[string]int{}, 0, 0
	for _, e := range day() {
		r := elvarecord.Decode(e.payload)
		levels[r.Level]++
		channels[e.channel]++
		if r.Trace != "" {
			traces++
		}
		if r.Level == elvarecord.Critical && strings.HasPrefix(r.Message, "circuit to ") {
			opened++
		}
		if r.Level == elvarecord.Unknown || r.Message == "" {
			t.Errorf("no level or message in %s", e.payload)
		}
	}
	for _, level := range []elvarecord.Level{elvarecord.Debug, elvarecord.Info, elvarecord.Warning, elvarecord.Error} {
		if levels[level] < 5 {
			t.Errorf("%d records of level %v", levels[level], level)
		}
	}
	if opened != 1 || levels[elvarecord.Critical] > 3 {
		t.Errorf("the circuit opened %d times, want once in a story; %d critical records", opened, levels[elvarecord.Critical])
	}
	for _, channel := range (&demo{}).channels() {
		if channels[channel] < 10 {
			t.Errorf("%d records on %s", channels[channel], channel)
		}
	}
	if traces < 5 {
		t.Errorf("%d traces", traces)
	}
}

func TestShop_IsDeterministic(t *testing.T) {
	if one, two := day(), day(); !slices.Equal(one, two) {
		t.Error("two runs with one seed and the same times differ")
	}
}

func TestShop_FillsItsMessages(t *testing.T) {
	for _, e := range day() {
		if e.channel != webChannel && e.channel != paymentChannel {
			continue
		}
		r := elvarecord.Decode(e.payload)
		if r.Logger == "" || r.Host == "" || r.Source == "" || r.Time.IsZero() || strings.Contains(r.Message, "%") {
			t.Errorf("not decoded whole: %+v from %s", r, e.payload)
		}
	}
}

// TestShop_Orders looks at the first two minutes.
func TestShop_Orders(t *testing.T) {
	opened := time.Date(2026, 11, 22, 17, 4, 28, 0, time.UTC)
	shop := newShop(demoSeed, opened)
	threads, ended, began := map[string]map[string]bool{}, map[string]time.Time{}, map[string]time.Time{}
	hosts, errors, mails := map[string]bool{}, map[string]bool{}, 0
	for at := opened; at.Before(opened.Add(2 * time.Minute)); at = at.Add(time.Second / 6) {
		e := shop.next(at)
		r := elvarecord.Decode(e.payload)
		if e.channel == webChannel {
			hosts[r.Host] = true
		}
		if r.Stack.Type != "" {
			errors[r.Stack.Type] = true
		}
		if moment := at.Sub(opened); e.channel == mailChannel && moment >= mailerSilent && moment < mailerBack {
			mails++
		}
		for _, id := range r.IDs {
			if threads[id.Value] == nil {
				threads[id.Value], began[id.Value] = map[string]bool{}, at
			}
			threads[id.Value][e.channel], ended[id.Value] = true, at
		}
	}
	whole, slow, jobs := 0, 0, 0
	for id, channels := range threads {
		switch len(channels) {
		case 4:
			whole++
		case 1:
			jobs++
		}
		if ended[id].Sub(began[id]) > 3*time.Second {
			slow++
		}
	}
	if whole < 8 || slow < 2 || jobs < 8 {
		t.Errorf("%d requests through all four workers, %d slow ones, %d jobs", whole, slow, jobs)
	}
	if len(hosts) != 2*webWorkers {
		t.Errorf("hosts %v, want those of two releases", hosts)
	}
	if len(errors) < 4 || !errors["AttributeError"] && !errors["decimal.InvalidOperation"] && !errors["shop.cart.CartExpired"] {
		t.Errorf("types of errors: %v", errors)
	}
	if mails > 0 {
		t.Errorf("%d records of a mailer that has stopped", mails)
	}
}

// encoded is a record of the shop as the history has it.
type encoded struct {
	at    time.Time
	level elvarecord.Level
	text  []byte
}

// story is what the shop logs in a time, as the history encodes it.
func story(opened time.Time, length time.Duration, seed uint64) (records []encoded) {
	var patterns group.Patterns
	shop := newShop(demoSeed, opened)
	gaps := rand.New(rand.NewPCG(seed, 1))
	add := func(at time.Time, e entry) {
		r := elvarecord.Decode(e.payload)
		text := fmt.Appendf(nil, `{"seq":%d,"at":"%s","channel":%q,"worker":`, len(records)+1, at.Format("2006-01-02T15:04:05.000000Z"), e.channel)
		start := len(text)
		if text = r.AppendWorker(text); len(text) == start {
			text = fmt.Appendf(text, "%q", e.channel)
		}
		text = append(r.AppendMembers(text), `,"pattern":"`...)
		records = append(records, encoded{at, r.Level, append(group.AppendPattern(text, patterns.Hash(&r)), `"}`...)})
	}
	for _, e := range shop.opening(opened) {
		add(opened, e)
	}
	for at := opened; at.Before(opened.Add(length)); at = at.Add(time.Duration(gaps.ExpFloat64() / 6 * float64(time.Second))) {
		add(at, shop.next(at))
	}
	return records
}

// look adds the records before a time to an answer, the newest first, as a search does.
func look(records []encoded, now time.Time, answer interface {
	Add(level elvarecord.Level, text []byte)
}) {
	for _, r := range slices.Backward(records) {
		if r.at.Before(now) {
			answer.Add(r.level, r.text)
		}
	}
}

// TestShop_SomethingInEveryView asks what the page's views ask, each at a time within the first two minutes. The records come at other times
// in each of the runs, as they do on another machine.
func TestShop_SomethingInEveryView(t *testing.T) {
	opened := time.Date(2026, 11, 22, 17, 4, 28, 0, time.UTC)
	for seed := range uint64(5) {
		records := story(opened, storyLength, seed)
		after := func(d time.Duration) time.Time { return opened.Add(d) }

		kinds := map[string]bool{}
		for d := time.Minute; d < 2*time.Minute; d += 5 * time.Second {
			list := whatChanged(records, opened, after(d))
			if len(list) == 0 && d >= 90*time.Second {
				t.Errorf("run %d: nothing has changed after %v", seed, d)
			}
			for _, c := range list {
				kinds[c.Kind] = true
			}
		}
		if !kinds["quiet"] || !kinds["new-error"] {
			t.Errorf("run %d: kinds of changes: %v", seed, kinds)
		}

		learned := explore.NewOperations(nil, after(2*time.Minute), nil)
		look(records, after(2*time.Minute), learned)
		operations := explore.NewOperations(nil, after(2*time.Minute), learned.Norms())
		look(records, after(2*time.Minute), operations)
		known := 0
		for _, o := range operations.List().Operations {
			if o.Normal > 0 {
				known++
			}
		}
		if n := operations.List().Counts; n.Failed < 1 || n.Done < 10 || n.Slow < 1 || known < 10 {
			t.Errorf("run %d: operations %+v, of %d the normal duration", seed, n, known)
		}

		patterns := explore.NewPatterns(nil, opened, after(2*time.Minute))
		look(records, after(2*time.Minute), patterns)
		if list := patterns.List(100); len(list.Patterns) < 20 || 10*list.Patterns[0].Count < list.Records {
			t.Errorf("run %d: %d patterns, the first with %d of %d records: nothing to denoise", seed, len(list.Patterns), list.Patterns[0].Count, list.Records)
		}

		facets := explore.NewFacets(nil, nil)
		look(records, after(2*time.Minute), facets)
		fields := map[string]bool{}
		for _, f := range facets.List(10).Facets {
			fields[f.Field] = f.Number != nil
		}
		if _, has := fields["sku"]; !has || !fields["took"] {
			t.Errorf("run %d: fields, and whether they are numbers: %v", seed, fields)
		}
	}
}

// whatChanged asks for the default range at a time since the shop opened: the last third, compared with the time before.
func whatChanged(records []encoded, opened, now time.Time) []explore.Change {
	from := now.Add(-now.Sub(opened) / 3)
	changes := explore.NewChanges(nil, from, now, opened, from)
	look(records, now, changes)
	return changes.List().Changes
}
