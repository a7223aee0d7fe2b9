package wire_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/SupermanScott/Elva/internal/filter"
	"github.com/SupermanScott/Elva/internal/history"
	"github.com/SupermanScott/Elva/internal/position"
	"github.com/SupermanScott/Elva/internal/record"
	"github.com/SupermanScott/Elva/internal/redistest"
	"github.com/SupermanScott/Elva/internal/wire"
)

// world is what is in some streams, and the instances that read them.
type world struct {
	rng       *rand.Rand
	streams   int
	length    int // of each stream, in the end
	instances []*instance
	counted   bool // Redis tells how many entries were added
	loses     bool // instances come too late for some entries
}

// instance is one handler's history, and how far it has read.
type instance struct {
	ids   *wire.IDs
	h     *history.History
	begun []bool // a stream may be refused at first
	read  []int
}

// at is the place of a stream's n-th entry, counted from 1; 0 is the place before all.
func (w *world) at(stream, n int) position.Position {
	if n == 0 {
		return position.Position{}
	}
	p := position.Position{Entry: position.Entry{MS: 1_700_000_000_000 + uint64(n/3), Seq: uint64(stream + 10*(n%3))}}
	if w.counted {
		p.Index = uint64(n)
	}
	return p
}

func level(stream, n int) record.Level {
	return []record.Level{record.Debug, record.Info, record.Warning, record.Error, record.Debug, record.Debug, record.Info}[(n*n+stream)%7]
}

func (w *world) add(name string) {
	i := &instance{h: history.New(8+w.rng.IntN(120), 1<<20, time.Millisecond), read: make([]int, w.streams), begun: make([]bool, w.streams)}
	i.h.Streams(w.streams)
	i.ids = &wire.IDs{Epoch: name, Fingerprint: "f", Streams: w.streams, History: i.h}
	for s := range w.streams {
		if w.rng.IntN(5) > 0 {
			w.begin(i, s)
		}
	}
	w.instances = append(w.instances, i)
}

func (w *world) begin(i *instance, s int) {
	i.begun[s] = true
	if w.rng.IntN(2) == 0 {
		i.read[s] = w.rng.IntN(w.length / 2)
	}
	i.h.Begin(time.Now(), s, w.at(s, i.read[s]))
}

// feed lets an instance read up to n entries of a stream, and sometimes come too late for as many.
func (w *world) feed(i *instance, s, n int) {
	if !i.begun[s] {
		w.begin(i, s)
	}
	n = min(n, w.length-i.read[s])
	if n <= 0 {
		return
	}
	if w.loses && i.read[s] > 0 && w.rng.IntN(6) == 0 {
		p := w.at(s, i.read[s])
		g := history.Gap{Kind: "stream"}
		if w.counted {
			p.Index += uint64(n)
			g.Lost = uint64(n)
		}
		i.read[s] += n
		i.h.AppendLoss(time.Now(), s, p, g)
		return
	}
	for range n {
		i.read[s]++
		text := fmt.Sprintf("%d#%d", s, i.read[s])
		i.h.AppendEntry(time.Now(), s, w.at(s, i.read[s]), "key", text, &record.Record{Level: level(s, i.read[s]), Message: text})
	}
}

// visitor is a viewer that goes from instance to instance.
type visitor struct {
	t       *testing.T
	id      string
	shown   map[string]bool
	told    uint64 // entries that are missing
	vague   bool   // it was told that an unknown number is missing
	inexact bool   // it was cut off while it was told what it lacks
	story   []string
}

// visit opens a stream at an instance, lets it write until enough says so, and shows the viewer what arrived up
// to a cut at any byte, or all if whole.
func (v *visitor) visit(w *world, i *instance, f *filter.Filter, shared, whole bool, during func()) {
	seq, own, at := i.ids.Parse(v.id)
	var out strings.Builder
	reader, missing := i.h.Resume(at)
	if own {
		reader, missing = i.h.Return(seq, at)
	}
	if missing != nil {
		fmt.Fprintf(&out, "event: gap\ndata: {\"kind\":\"evicted\",\"lost\":%d}\n\n", missing.Entries)
	}
	behind := reader.Pos()+1 < i.h.Stats().First || reader.Pos() < i.h.Stats().First
	v.story = append(v.story, fmt.Sprintf("id %s: instance %s has read %v, own %v", v.id, i.ids.Epoch, i.read, own))
	var view *history.View
	if f != nil && shared {
		view = i.h.View(f.Key(), f.Match)
		defer view.Release()
	}
	reader.Follow(view)
	s := wire.NewSSE(&out, i.ids, reader.Pos(), wire.Had{Streams: at})
	for round := 0; round < 12 || whole; round++ {
		time.Sleep(5 * time.Millisecond) // the wake-up
		synctest.Wait()
		run := reader.Read()
		var err error
		switch {
		case run.Lost > 0: // too slow while connected
			lost := run.Lost
			if run.Uncounted {
				lost = 0
			}
			fmt.Fprintf(&out, "event: gap\ndata: {\"kind\":\"slow\",\"lost\":%d}\n\n", lost)
		case run.Len() == 0 && whole:
			round = 12
			whole = false
		case run.Len() == 0:
			if w.rng.IntN(2) == 0 {
				err = s.Heartbeat(wire.StatusEvent([]byte("{}")), reader.Pos())
			}
			during()
		case run.Gap:
			err = s.Gap(run.Item(0), &run)
		case run.Selected:
			err = s.Records(&run, nil)
		default:
			err = s.Records(&run, wire.NewSearch(f, nil))
		}
		if err != nil {
			v.t.Fatal(err)
		}
	}
	wire := out.String()
	if round := w.rng.IntN(3); round > 0 && during != nil {
		wire = wire[:w.rng.IntN(len(wire)+1)]
		v.inexact = v.inexact || behind
	}
	v.take(wire)
}

func (v *visitor) take(wire string) {
	told, vague := uint64(0), false // not yet known to be behind the viewer
	_ = redistest.ReadEvents(bufio.NewReader(strings.NewReader(wire)), func(name, id, data string) {
		if id != "" {
			v.id = id
		}
		v.story = append(v.story, fmt.Sprintf("  %s %s %.120s", name, id, data))
		switch name {
		case "gap":
			var g history.Gap
			if err := json.Unmarshal([]byte(data), &g); err != nil {
				v.t.Fatal(err)
			}
			told += g.Lost
			vague = vague || g.Lost == 0
		case "":
			var batch []struct{ Message string }
			if data != "" {
				if err := json.Unmarshal([]byte(data), &batch); err != nil {
					v.t.Fatal(err, data)
				}
			}
			for _, r := range batch {
				if v.shown[r.Message] {
					v.t.Errorf("%s is shown again", r.Message)
				}
				v.shown[r.Message] = true
			}
		}
		if id != "" {
			v.told, v.vague, told, vague = v.told+told, v.vague || vague, 0, false
		}
	})
	if told > 0 || vague {
		v.told, v.vague, v.inexact = v.told+told, v.vague || vague, true // it may be told again
	}
}

// TestAViewerThatGoesFromInstanceToInstanceIsShownAllOnceOrTold lets a viewer come with any place in some streams,
// be cut off at any byte and come back to any instance. Each instance reads at its own pace, from its own beginning
// on, keeps little, and has missed some itself.
func TestAViewerThatGoesFromInstanceToInstanceIsShownAllOnceOrTold(t *testing.T) {
	seeds := 400
	if testing.Short() {
		seeds = 150
	}
	exact := 0
	for seed := range seeds {
		synctest.Test(t, func(t *testing.T) { roam(t, uint64(seed), &exact) })
		if t.Failed() {
			break
		}
	}
	if exact < seeds/20 {
		t.Errorf("only %d of %d were counted exactly", exact, seeds)
	}
	t.Logf("%d of %d counted exactly", exact, seeds)
}

func roam(t *testing.T, seed uint64, exact *int) {
	rng := rand.New(rand.NewPCG(seed, 1))
	w := &world{rng: rng, streams: 1 + rng.IntN(3), length: 20 + rng.IntN(200), counted: rng.IntN(4) > 0, loses: rng.IntN(2) == 0}
	for n := range 1 + rng.IntN(3) {
		w.add(fmt.Sprint("I", n))
		defer func() { w.instances[n].h.Close() }()
	}
	var f *filter.Filter
	if rng.IntN(3) == 0 {
		f, _ = filter.Parse(url.Values{"level": {[]string{"info", "warning"}[rng.IntN(2)]}})
	}
	v := &visitor{t: t, shown: make(map[string]bool)}
	from := make([]int, w.streams)
	var begin position.Vector
	for s := range from {
		from[s] = rng.IntN(w.length / 2)
		if rng.IntN(4) == 0 {
			from[s] = 0
		}
		begin = append(begin, w.at(s, from[s]))
	}
	v.id = string(begin.Append([]byte("elsewhere-7@"), "f"))
	feed := func() {
		for range rng.IntN(6) {
			w.feed(w.instances[rng.IntN(len(w.instances))], rng.IntN(w.streams), 1+rng.IntN(12))
		}
	}
	for range rng.IntN(8) {
		feed()
		v.visit(w, w.instances[rng.IntN(len(w.instances))], f, rng.IntN(2) == 0, false, feed)
	}
	for _, i := range w.instances {
		for s := range w.streams {
			for i.read[s] < w.length {
				w.feed(i, s, 1+rng.IntN(12))
			}
		}
	}
	v.visit(w, w.instances[rng.IntN(len(w.instances))], f, false, true, nil)

	missing, matching := uint64(0), uint64(0)
	for s := range w.streams {
		for n := from[s] + 1; n <= w.length; n++ {
			selected := f == nil || f.Match(level(s, n), nil)
			if shown := v.shown[fmt.Sprintf("%d#%d", s, n)]; !shown {
				missing++
				if selected {
					matching++
				}
			} else if !selected {
				t.Errorf("%d#%d is shown, and was not asked for", s, n)
			}
		}
		for n := 1; n <= from[s]; n++ {
			if v.shown[fmt.Sprintf("%d#%d", s, n)] {
				t.Errorf("%d#%d is shown, and the viewer had it", s, n)
			}
		}
	}
	switch {
	case v.vague:
	case matching > v.told:
		t.Errorf("%d are missing, %d were told", matching, v.told)
	case f == nil && !v.inexact && (!w.loses || len(w.instances) == 1): // else one may show what another has told as lost
		*exact++
		if missing != v.told {
			t.Errorf("%d are missing, %d were told", missing, v.told)
		}
	}
	if matching > 0 && v.told == 0 && !v.vague {
		t.Errorf("%d are missing in silence", matching)
	}
	if t.Failed() {
		t.Logf("seed %d: %d streams of %d from %v, filter %v, counted %v\n%s", seed, w.streams, w.length, from, f != nil, w.counted, strings.Join(v.story, "\n"))
	}
}
