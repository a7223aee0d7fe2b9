package main

import (
	"slices"
	"strings"
	"testing"
	"time"

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

// TestShopHasSomethingForEveryView looks at the first two minutes.
func TestShopHasSomethingForEveryView(t *testing.T) {
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
