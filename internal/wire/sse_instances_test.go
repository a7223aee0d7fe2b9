// These tests check a guarantee for streams that are only appended to and trimmed, over restarts and any number of instances:
// a viewer gets each entry once and in order, or a gap where entries are missing, whichever instances it reads from.
//
// With an event ID of another instance, a gap need not say how many entries are missing.
package wire_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/SupermanScott/Elva/internal/entry"
	"github.com/SupermanScott/Elva/internal/filter"
	"github.com/SupermanScott/Elva/internal/gap"
	"github.com/SupermanScott/Elva/internal/history"
	"github.com/SupermanScott/Elva/internal/record"
	"github.com/SupermanScott/Elva/internal/redistest"
	"github.com/SupermanScott/Elva/internal/resume"
	"github.com/SupermanScott/Elva/internal/wire"
)

// world holds some streams and the instances that read them.
type world struct {
	rng       *rand.Rand
	keys      []string
	length    int // of each stream, in the end
	instances []*instance
	loses     bool // some entries are trimmed before an instance reads them
}

// instance is the history of one handler and its positions in the streams.
type instance struct {
	events  *wire.Encoders
	resumer *resume.Resumer
	h       *history.History
	begun   []bool // a stream may be denied at first
	read    []int
}

// at is a stream's n-th entry, counted from 1; 0 is before all.
func at(stream, n int) entry.Entry {
	if n == 0 {
		return entry.Entry{}
	}
	return entry.Entry{ID: entry.ID{MS: 1_700_000_000_000 + uint64(n/3), Seq: uint64(stream + 10*(n%3))}, Index: uint64(n)}
}

func level(stream, n int) record.Level {
	return []record.Level{record.Debug, record.Info, record.Warning, record.Error, record.Debug, record.Debug, record.Info}[(n*n+stream)%7]
}

func (w *world) add(name string) {
	i := &instance{h: history.New(8+w.rng.IntN(120), 1<<20, time.Millisecond), read: make([]int, len(w.keys)), begun: make([]bool, len(w.keys))}
	ids := resume.NewIDFormat(name, w.keys)
	i.events = &wire.Encoders{IDs: ids, History: i.h}
	i.resumer = resume.New(ids, i.h, false)
	for s := range w.keys {
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
	i.resumer.Begin(s+1, at(s, i.read[s]))
}

// feed lets an instance read up to n entries of a stream. Sometimes that many were trimmed before.
func (w *world) feed(i *instance, s, n int) {
	if !i.begun[s] {
		w.begin(i, s)
	}
	n = min(n, w.length-i.read[s])
	if n <= 0 {
		return
	}
	if w.loses && i.read[s] > 0 && w.rng.IntN(6) == 0 {
		i.read[s] += n
		i.h.AppendGap(time.Now(), history.Source{Stream: s + 1, Entry: at(s, i.read[s])}, gap.Gap{Kind: gap.Trimmed, Lost: uint64(n)})
		return
	}
	for range n {
		i.read[s]++
		text := fmt.Sprintf("%d#%d", s, i.read[s])
		from := history.Source{Channel: w.keys[s], Stream: s + 1, Entry: at(s, i.read[s])}
		i.h.Append(time.Now(), from, text, &record.Record{Level: level(s, i.read[s]), Message: text})
	}
}

// visitor is a viewer that moves from instance to instance.
type visitor struct {
	t     *testing.T
	id    string
	event int            // the number of events so far
	shown map[string]int // the event of each record, by message
	gaps  []int          // the events that were gaps
	story []string

	retained map[string]bool // the messages of records that were shown as retained
}

// visit opens a stream at an instance and lets it write for some rounds or to the end. The viewer gets everything, or the
// part up to a random byte.
func (v *visitor) visit(w *world, i *instance, f *filter.Filter, shared, all bool, during func()) {
	var out strings.Builder
	check := func(err error) {
		if err != nil {
			v.t.Fatal(err)
		}
	}
	v.story = append(v.story, fmt.Sprintf("id %s: instance %s has read %v, holds %+v", v.id, i.events.IDs.Epoch, i.read, i.h.Stats()))
	begin := i.resumer.Start(v.id, nil)
	s := i.events.NewSSE(&out, begin)
	for _, g := range begin.Gaps {
		check(s.Report(g))
	}
	var view *history.View
	if f != nil && shared {
		view = i.h.View(f.Key(), f.Match)
		defer view.Release()
	}
	cursor := begin.Cursor.Follow(nil)
	for round := 0; round < 12 || all; round++ {
		time.Sleep(5 * time.Millisecond) // the notification
		synctest.Wait()
		if s.CaughtUp() {
			cursor.Follow(view)
		}
		run := cursor.Read()
		for n := range run.Len() {
			if run.Retained {
				v.retained[string(run.Item(n).JSON)] = true
			}
		}
		switch {
		case run.Lost > 0:
			check(s.Report(gap.Gap{Kind: gap.Evicted, Lost: run.Lost}))
		case run.Len() == 0 && all:
			all, round = false, 12
		case run.Len() == 0:
			if w.rng.IntN(2) == 0 {
				for stream := range w.keys { // the answer of Redis is older
					i.resumer.Newest(stream+1, at(stream, w.length).ID, time.Now())
				}
				next, err := s.Heartbeat(wire.StatusEvent([]byte("{}")), cursor)
				check(err)
				if next != cursor {
					v.t.Error("a stream counts as created again")
				}
			}
			during()
		case run.Gap:
			check(s.Gap(&run, nil))
		case run.Selected:
			check(s.Records(&run, nil))
		default:
			check(s.Records(&run, wire.NewSearch(i.h, f, nil)))
		}
	}
	text := out.String()
	if during != nil && w.rng.IntN(3) > 0 {
		text = text[:w.rng.IntN(len(text)+1)]
	}
	v.take(text)
}

func (v *visitor) take(text string) {
	_ = redistest.ReadEvents(bufio.NewReader(strings.NewReader(text)), func(name, id, data string) {
		if id != "" {
			v.id = id
		}
		v.event++
		v.story = append(v.story, fmt.Sprintf("  %d: %s %s %.120s", v.event, name, id, data))
		if name == "gap" {
			v.gaps = append(v.gaps, v.event)
		}
		var batch []json.RawMessage
		if name == "" && data != "" {
			if err := json.Unmarshal([]byte(data), &batch); err != nil {
				v.t.Fatal(err, data)
			}
		}
		for _, text := range batch {
			var r struct{ Message string }
			if err := json.Unmarshal(text, &r); err != nil {
				v.t.Fatal(err)
			}
			if v.shown[r.Message] > 0 {
				v.t.Errorf("%s is shown again", r.Message)
			}
			v.shown[r.Message] = v.event
			v.retained[r.Message] = v.retained[string(text)]
		}
	})
}

// judge fails unless the viewer got all entries of a stream that f selects after its first one, once and in order. For a
// missing entry there must be a gap after the entry before it. Around retained records, the gap may be before or after them.
func (v *visitor) judge(f *filter.Filter, stream, from, length int) {
	last := 0 // the event with the previous entry
	for n := 1; n <= length; n++ {
		name := fmt.Sprintf("%d#%d", stream, n)
		event := v.shown[name]
		selected := f == nil || f.Match(level(stream, n), nil)
		switch {
		case event > 0 && n <= from:
			v.t.Errorf("%s is shown, and the viewer had it", name)
		case event > 0 && !selected:
			v.t.Errorf("%s is shown, and was not asked for", name)
		case event > 0 && event < last:
			v.t.Errorf("%s is shown in event %d, and the one before it in event %d", name, event, last)
		case event > 0 && !v.retained[name]:
			last = event
		case event > 0:
		case selected && n > from && !slices.ContainsFunc(v.gaps, func(gap int) bool { return gap > last }):
			v.t.Errorf("%s is missing, and no gap follows event %d", name, last)
		}
	}
}

func TestResume_ViewerThatGoesFromInstanceToInstance(t *testing.T) {
	const seeds = 400
	whole := 0
	for seed := range seeds {
		synctest.Test(t, func(t *testing.T) { roam(t, uint64(seed), &whole) })
		if t.Failed() {
			break
		}
	}
	if whole < seeds/20 {
		t.Errorf("only %d of %d viewers were shown everything without a gap", whole, seeds)
	}
	t.Logf("%d of %d viewers were shown everything without a gap", whole, seeds)
}

// roam has a viewer that starts with any entries of some streams, is cut off at any byte, and returns to any instance. Each
// instance reads at its own pace from its own start, keeps few records, and has missed some entries itself.
func roam(t *testing.T, seed uint64, whole *int) {
	rng := rand.New(rand.NewPCG(seed, 1))
	w := &world{rng: rng, keys: []string{"a", "b", "c"}[:1+rng.IntN(3)], length: 20 + rng.IntN(200), loses: rng.IntN(2) == 0}
	for n := range 1 + rng.IntN(3) {
		w.add(fmt.Sprint("I", n))
		defer func() { w.instances[n].h.Close() }()
	}
	var f *filter.Filter
	if rng.IntN(3) == 0 {
		f, _ = filter.Parse("level="+[]string{"info", "warning"}[rng.IntN(2)], time.Now())
	}
	v := &visitor{t: t, shown: make(map[string]int), retained: make(map[string]bool)}
	from := make([]int, len(w.keys))
	var begin []entry.Entry
	for s := range from {
		from[s] = rng.IntN(w.length / 2)
		if rng.IntN(4) == 0 {
			from[s] = 0
		}
		begin = append(begin, at(s, from[s]))
	}
	v.id = string(resume.NewIDFormat("elsewhere", w.keys).Append(nil, 7, begin))
	feed := func() {
		for range rng.IntN(6) {
			w.feed(w.instances[rng.IntN(len(w.instances))], rng.IntN(len(w.keys)), 1+rng.IntN(12))
		}
	}
	for range rng.IntN(8) {
		feed()
		v.visit(w, w.instances[rng.IntN(len(w.instances))], f, rng.IntN(2) == 0, false, feed)
	}
	for _, i := range w.instances {
		for s := range w.keys {
			for i.read[s] < w.length {
				w.feed(i, s, 1+rng.IntN(12))
			}
		}
	}
	v.visit(w, w.instances[rng.IntN(len(w.instances))], f, false, true, nil)
	for s := range w.keys {
		v.judge(f, s, from[s], w.length)
	}
	if len(v.gaps) == 0 && !t.Failed() {
		*whole++
	}
	if t.Failed() {
		t.Logf("seed %d: %d streams of %d from %v, filter %v\n%s", seed, len(w.keys), w.length, from, f != nil, strings.Join(v.story, "\n"))
	}
}
