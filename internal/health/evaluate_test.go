package health_test

import (
	"flag"
	"fmt"
	"hash/fnv"
	"io"
	"maps"
	"math"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/SupermanScott/Elva/internal/record"
)

var (
	long         = flag.Bool("fleets.long", false, "run every simulated fleet in full, with every seed (minutes)")
	compareRules = flag.Bool("fleets.rules", false, "compare Elva with simple rules; the short form does so unless -short is set")
	seeds        = flag.Int("fleets.seeds", 3, "how many seeds the long form runs")
	firstSeed    = flag.Uint64("fleets.first", 1, "the first seed")
	scenes       = flag.String("fleets.scenes", "", "a regular expression that selects scenes by family and name")
	trace        = flag.Bool("fleets.trace", false, "print each change of the state and its text")
)

// measure is how a detector performed in a scene.
type measure struct {
	scene                  *scene
	seed                   uint64
	days                   float64
	down, degraded         [2]float64 // minutes of false alarms: of all days, and of those after the first
	falseQuiet             float64    // minutes in which workers were wrongly reported as quiet
	workers                int
	fault                  *fault
	detected               bool
	delay, recovery        time.Duration
	held                   float64
	sentence               bool
	text                   string // of the detection, or of a somewhat later finding
	falseAlarms            []falseAlarm
	checks, heldHits       int
	pattern                *regexp.Regexp
	lastReported, returned time.Duration // when the fault was last reported after its end; when its worker logged again
	outages                []span
}

// falseAlarm is a false alarm from its beginning to its end.
type falseAlarm struct {
	at, to time.Duration
	text   string // when it began
}

// sinceTime matches the times in a text.
var sinceTime = regexp.MustCompile(`since (?:(\d+) (\w+) )?(\d\d):(\d\d)(?::(\d\d))?`)

// namesTime reports whether text names a time between two others.
func namesTime(text string, from, to time.Duration) bool {
	for _, m := range sinceTime.FindAllStringSubmatch(text, -1) {
		clock := m[3] + ":" + m[4] + ":00"
		if m[5] != "" {
			clock = m[3] + ":" + m[4] + ":" + m[5]
		}
		t, err := time.Parse("15:04:05", clock)
		if err != nil {
			continue
		}
		sinceMidnight := time.Duration(t.Hour())*hours + time.Duration(t.Minute())*minutes + time.Duration(t.Second())*time.Second
		for at := sinceMidnight - 6*hours; at <= to; at += day {
			if at >= from && at <= to {
				return true
			}
		}
	}
	return false
}

func (m *measure) add(at time.Duration, o finding) {
	f := m.fault
	if f == nil || at < f.from {
		if !within(m.outages, at) { // during an outage of Redis, down is correct
			m.addFalseAlarm(at, o)
		}
		return
	}
	hit := o.level > 0 && m.pattern.MatchString(o.text)
	end := f.to
	if f.oneOff {
		end += 2 * minutes
	}
	switch {
	case at < end && hit && !m.detected:
		m.detected, m.delay, m.text = true, at-f.from, o.text
		m.checkSentence(at)
	case at >= end && m.detected && hit:
		m.lastReported = at
	}
	if m.detected && at < end {
		m.checks++
		if hit {
			m.heldHits++
			if !m.sentence && at <= f.from+m.delay+2*minutes {
				m.text = o.text
				m.checkSentence(at)
			}
		}
	}
}

func (m *measure) checkSentence(at time.Duration) {
	f := m.fault
	began := f.from - max(minutes, m.delay/2)
	if f.began > 0 {
		began = f.began
	}
	m.sentence = regexp.MustCompile(f.names).MatchString(m.text) && namesTime(m.text, began, at)
	if f.schedule { // the text names the time of the last run
		m.sentence = regexp.MustCompile(f.names).MatchString(m.text) && sinceTime.MatchString(m.text)
	}
}

func (m *measure) addFalseAlarm(at time.Duration, o finding) {
	if o.level > 0 {
		if n := len(m.falseAlarms); n > 0 && m.falseAlarms[n-1].to == at-checkEvery {
			m.falseAlarms[n-1].to = at
		} else {
			m.falseAlarms = append(m.falseAlarms, falseAlarm{at, at, o.text})
		}
	}
	for i := range 2 {
		if i == 1 && at < day {
			continue
		}
		switch o.level {
		case 1:
			m.degraded[i] += checkEvery.Minutes()
		case 2:
			m.down[i] += checkEvery.Minutes()
		}
	}
	m.falseQuiet += float64(o.quiet) * checkEvery.Minutes()
}

func (m *measure) finish() {
	if m.checks > 0 {
		m.held = float64(m.heldHits) / float64(m.checks)
	}
	if m.fault != nil && m.detected && m.fault.to < m.scene.length {
		m.recovery = max(0, m.lastReported-max(m.fault.to, m.returned))
	}
}

// play simulates a scene and returns a measure of each detector.
func (s *scene) play(length time.Duration, seed uint64, detectors []detector) []*measure {
	sum := fnv.New64()
	io.WriteString(sum, s.name) // so that two scenes don't share their chances
	w := newWorld(s.length, seed+sum.Sum64())
	f := s.build(w)
	if f == nil {
		w.length = length
	}
	list := make([]*measure, len(detectors))
	hosts := make(map[string]bool)
	for _, a := range w.actors {
		hosts[a.host+" "+a.service] = true
	}
	for i := range detectors {
		list[i] = &measure{scene: s, seed: seed, days: w.length.Hours() / 24, fault: f, workers: len(hosts), outages: w.outages}
		if f != nil {
			list[i].pattern = regexp.MustCompile(f.pattern)
		}
	}
	var watcher *returnWatcher
	if f != nil && f.returning != "" {
		watcher = &returnWatcher{detector: detectors[0], host: f.returning, after: epoch.Add(f.to)}
		detectors[0] = watcher
	}
	last := finding{level: -1}
	w.play(detectors, func(at time.Duration, n int, o finding) {
		if n == 0 && *trace && (o.level != last.level || o.quiet != last.quiet || at%(10*minutes) == 0 && o.level > 0) {
			fmt.Printf("%v %s %d: %s\n", at, epoch.Add(at).Format("Mon 15:04:05"), o.level, o.text)
			last = o
		}
		list[n].add(at, o)
	})
	for _, m := range list {
		if watcher != nil {
			m.returned = watcher.first.Sub(epoch)
		}
		m.finish()
	}
	return list
}

// returnWatcher notes when a host logs again after a time, before which no recovery can be reported.
type returnWatcher struct {
	detector
	host         string
	after, first time.Time
}

func (w *returnWatcher) observe(at time.Time, channel string, r *record.Record, seq uint64) {
	if w.first.IsZero() && r.Host == w.host && !at.Before(w.after) {
		w.first = at
	}
	w.detector.observe(at, channel, r, seq)
}

// evaluate simulates scenes with each seed and returns the measures by detector.
func evaluate(list []scene, all bool, newDetectors func() []detector) [][]*measure {
	n := len(newDetectors())
	out := make([][]*measure, n)
	pattern := regexp.MustCompile(*scenes)
	var mu sync.Mutex
	var running sync.WaitGroup
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	runs := 1
	if all {
		runs = *seeds
	}
	for i := range list {
		s := &list[i]
		if !all && !s.short && *scenes == "" || !pattern.MatchString(s.family+": "+s.name) {
			continue
		}
		length := s.length
		if !all && *scenes == "" {
			length = min(length, 32*hours)
		}
		for seed := range runs {
			slots <- struct{}{}
			running.Go(func() {
				defer func() { <-slots }()
				measures := s.play(length, *firstSeed+uint64(seed), newDetectors())
				mu.Lock()
				defer mu.Unlock()
				for n, m := range measures {
					out[n] = append(out[n], m)
				}
			})
		}
	}
	running.Wait()
	for _, l := range out {
		slices.SortStableFunc(l, func(a, b *measure) int {
			if a.scene != b.scene {
				return strings.Compare(a.scene.family+a.scene.name, b.scene.family+b.scene.name)
			}
			return int(a.seed) - int(b.seed)
		})
	}
	return out
}

// families returns the measures by family, in the order of the scenes.
func families(list []*measure, scenes []scene) (names []string, by map[string][]*measure) {
	by = make(map[string][]*measure)
	for _, m := range list {
		by[m.scene.family] = append(by[m.scene.family], m)
	}
	for _, s := range scenes {
		if by[s.family] != nil && !slices.Contains(names, s.family) {
			names = append(names, s.family)
		}
	}
	return names, by
}

// falseAlarms returns the mean minutes of false alarms a day: of all days, and of those after the first.
func falseAlarms(list []*measure) (down, degraded [2]float64) {
	var n [2]float64
	for _, m := range list {
		for i, days := range [2]float64{m.days, m.days - 1} {
			if days < 0.2 {
				continue
			}
			n[i]++
			down[i] += m.down[i] / days
			degraded[i] += m.degraded[i] / days
		}
	}
	for i := range 2 {
		down[i] /= max(n[i], 1)
		degraded[i] /= max(n[i], 1)
	}
	return down, degraded
}

// countWithoutAlarm counts the scenes without an alarm with any seed: on all days, and after the first day. It also counts
// the scenes that are down for over a minute a day after the first.
func countWithoutAlarm(list []*measure) (all, later, down, scenes int) {
	type worst struct{ all, later, down float64 }
	by := make(map[string]*worst)
	for _, m := range list {
		w := by[m.scene.name]
		if w == nil {
			w = new(worst)
			by[m.scene.name] = w
		}
		w.all = max(w.all, m.down[0]+m.degraded[0])
		w.later = max(w.later, m.down[1]+m.degraded[1])
		w.down += m.down[1] / max(m.days-1, 0.3)
	}
	for _, w := range by {
		if w.all == 0 {
			all++
		}
		if w.later == 0 {
			later++
		}
		if w.down > 1 {
			down++
		}
	}
	return all, later, down, len(by)
}

// logHealthyTable logs the false alarms of the detectors.
func logHealthyTable(t *testing.T, names []string, scenes []scene, out [][]*measure) {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "\nMinutes of false alarms a day: down / degraded (after the first day)\n%-26s", "")
	for _, n := range names {
		fmt.Fprintf(&b, " | %-28s", n)
	}
	order, _ := families(out[0], scenes)
	for _, f := range order {
		fmt.Fprintf(&b, "\n%-26s", f)
		for _, list := range out {
			_, by := families(list, scenes)
			down, degraded := falseAlarms(by[f])
			fmt.Fprintf(&b, " | %-28s", fmt.Sprintf("%.1f / %.1f (%.1f / %.1f)", down[0], degraded[0], down[1], degraded[1]))
		}
	}
	rows := map[string]func(list []*measure) string{
		"1 mean": func(l []*measure) string {
			down, degraded := falseAlarms(l)
			return fmt.Sprintf("%.1f / %.1f (%.1f / %.1f)", down[0], degraded[0], down[1], degraded[1])
		},
		"2 fleets without any alarm": func(l []*measure) string {
			all, later, _, n := countWithoutAlarm(l)
			return fmt.Sprintf("%d (%d) of %d", all, later, n)
		},
		"3 over 1 min/day down later": func(l []*measure) string {
			_, _, down, n := countWithoutAlarm(l)
			return fmt.Sprintf("%d of %d", down, n)
		},
		"4 false quiet, fixed hosts": func(l []*measure) string {
			var quiet, days float64
			for _, m := range l {
				if m.scene.family != "hosts that change" {
					quiet += m.falseQuiet
					days += m.days * float64(m.workers)
				}
			}
			return fmt.Sprintf("%.1f min/worker-day", quiet/max(days, 0.01))
		},
	}
	for _, row := range slices.Sorted(maps.Keys(rows)) {
		fmt.Fprintf(&b, "\n%-26s", row[2:])
		for _, list := range out {
			fmt.Fprintf(&b, " | %-28s", rows[row](list))
		}
	}
	t.Log(b.String())
}

// outcome summarizes how a detector reported the faults.
type outcome struct {
	scenes, detected, held, holdable, sentences int
	delay, worst, recovery                      time.Duration
	slowRecoveries, recoveries                  int
}

func summarize(list []*measure) (o outcome) {
	by := make(map[*scene][]*measure)
	for _, m := range list {
		by[m.scene] = append(by[m.scene], m)
	}
	var delays, recoveries []time.Duration
	o.scenes = len(by)
	for _, runs := range by {
		detected, held, sentence := true, true, true
		for _, m := range runs {
			detected = detected && m.detected
			held = held && m.held >= 0.9
			sentence = sentence && m.sentence
			if m.detected && !m.fault.schedule {
				delays = append(delays, m.delay)
			}
			if m.detected && m.fault.to < m.scene.length && !m.fault.oneOff {
				recoveries = append(recoveries, m.recovery)
			}
		}
		if detected {
			o.detected++
		}
		if sentence && detected {
			o.sentences++
		}
		if !runs[0].fault.oneOff {
			o.holdable++
			if held && detected {
				o.held++
			}
		}
	}
	slices.Sort(delays)
	slices.Sort(recoveries)
	if len(delays) > 0 {
		o.delay, o.worst = delays[len(delays)/2], delays[len(delays)-1]
	}
	for _, r := range recoveries {
		if r > minutes {
			o.slowRecoveries++
		}
	}
	if o.recoveries = len(recoveries); o.recoveries > 0 {
		o.recovery = recoveries[len(recoveries)/2]
	}
	return o
}

func logFaultTable(t *testing.T, names []string, out [][]*measure) {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "\n%-26s | %-10s | %-10s | %-12s | %-10s | %-16s | %s", "faults", "all seeds", "held 90 %", "median delay", "worst", "recovery", "what, where, since")
	for i, list := range out {
		o := summarize(list)
		fmt.Fprintf(&b, "\n%-26s | %-10s | %-10s | %-12v | %-10v | %-16s | %d of %d", names[i], fmt.Sprintf("%d of %d", o.detected, o.scenes),
			fmt.Sprintf("%d of %d", o.held, o.holdable), o.delay, o.worst.Round(time.Second), fmt.Sprintf("%v; %d of %d > 1 min", o.recovery, o.slowRecoveries, o.recoveries), o.sentences, o.scenes)
	}
	t.Log(b.String())
}

// detectors returns the names of the detectors, Elva first, and a function that creates them.
func detectors(all bool) (names []string, newDetectors func() []detector) {
	names = []string{"Elva"}
	if all {
		for _, a := range rules() {
			names = append(names, a.name)
		}
	}
	return names, func() []detector {
		list := []detector{newElva()}
		if all {
			for _, a := range rules() {
				list = append(list, a)
			}
		}
		return list
	}
}

// skipUnderRace skips simulated fleets under the race detector, which takes minutes and can't find anything, since a single
// goroutine simulates each of them.
func skipUnderRace(t *testing.T) {
	if raceDetector {
		t.Skip("simulated fleets have no races")
	}
}

// TestFleets_Healthy measures the false alarms in healthy fleets.
func TestFleets_Healthy(t *testing.T) {
	skipUnderRace(t)
	names, newDetectors := detectors(*compareRules || !*long && !testing.Short())
	out := evaluate(healthy, *long, newDetectors)
	logFalseAlarms(t, out[0])
	logHealthyTable(t, names, healthy, out)
	if *scenes != "" {
		return
	}
	down, degraded := falseAlarms(out[0])
	withoutAlarm, later, often, n := countWithoutAlarm(out[0])
	// Measured: 0.0 down and 1.3 degraded in the short form, 3.1 (first nights) and 2.8 in the long one.
	if down[0] > 5 || down[1] > 1 || degraded[0] > 12 || degraded[1] > 8 {
		t.Errorf("false alarms: %.1f down and %.1f degraded min a day, %.1f and %.1f after the first day", down[0], degraded[0], down[1], degraded[1])
	}
	// Measured: 15 and 19 of 19 in the short form, 31 and 38 of 50 in the long one; the aim is half, and three quarters later.
	if 100*withoutAlarm < 45*n || 100*later < 65*n || 10*often > n {
		t.Errorf("%d of %d fleets without any alarm, %d after the first day; %d often down", withoutAlarm, n, later, often)
	}
	for i, list := range out[1:] {
		if d, _ := falseAlarms(list); d[1] < 5*down[1] {
			t.Errorf("%s is wrongly down for %.1f min a day, Elva for %.1f", names[i+1], d[1], down[1])
		}
	}
}

func logFalseAlarms(t *testing.T, list []*measure) {
	t.Helper()
	for _, m := range list {
		if len(m.falseAlarms) > 0 {
			t.Logf("%s, %s, seed %d: down %.1f (%.1f), degraded %.1f (%.1f) min", m.scene.family, m.scene.name, m.seed, m.down[0], m.down[1], m.degraded[0], m.degraded[1])
		}
		for _, a := range m.falseAlarms {
			t.Logf("    %s, %v: %s", epoch.Add(a.at).Format("Mon 15:04:05"), a.to-a.at, a.text)
		}
	}
}

func logFaults(t *testing.T, list []*measure) {
	t.Helper()
	for _, m := range list {
		t.Logf("%s: %s, seed %d: detected %v after %v, held %.0f %%, recovery %v, sentence %v, false alarms before it %.1f + %.1f min: %s", m.scene.family, m.scene.name, m.seed, m.detected, m.delay, math.Floor(100*m.held), m.recovery, m.sentence, m.down[0], m.degraded[0], m.text)
	}
}

// TestFleets_Faults measures how faults are detected.
func TestFleets_Faults(t *testing.T) {
	skipUnderRace(t)
	names, newDetectors := detectors(*compareRules || !*long && !testing.Short())
	out := evaluate(faults, *long, newDetectors)
	logFaults(t, out[0])
	logFaultTable(t, names, out)
	if *scenes != "" {
		return
	}
	o := summarize(out[0])
	// Measured in the short form: all 34 detected, all of 32 held, 33 sentences, delays of 30 s (median) and 49 min (worst).
	// In the long one: all 53 detected, 50 of 51 held, 52 sentences, 25 s and 45 min.
	if o.detected < o.scenes-1 || o.held < o.holdable-3 || o.sentences < o.scenes-4 {
		t.Errorf("of %d faults %d were detected, %d of %d held, %d described with place and time", o.scenes, o.detected, o.held, o.holdable, o.sentences)
	}
	if o.delay > 40*time.Second || o.worst > hours || o.recovery > minutes || 4*o.slowRecoveries > o.recoveries {
		t.Errorf("delay %v, worst %v; recovery %v, %d of %d slow", o.delay, o.worst, o.recovery, o.slowRecoveries, o.recoveries)
	}
	for i, list := range out[1:] {
		if a := summarize(list); a.detected >= o.detected || a.held >= o.held {
			t.Errorf("%s detected %d faults and held %d, Elva %d and %d", names[i+1], a.detected, a.held, o.detected, o.held)
		}
	}
}

// TestFleets_Random measures false alarms and detected faults in randomly composed fleets.
func TestFleets_Random(t *testing.T) {
	skipUnderRace(t)
	names, newDetectors := detectors(*compareRules || !*long && !testing.Short())
	healthy, faulty := randomHealthy(60), randomFaults(64)
	if !*long {
		healthy, faulty = healthy[:1], faulty[:1]
		healthy[0].short, faulty[0].short = true, true
	}
	out := evaluate(healthy, *long, newDetectors)
	logFalseAlarms(t, out[0])
	logHealthyTable(t, names, healthy, out)
	if down, _ := falseAlarms(out[0]); *scenes == "" && down[1] > 5 {
		t.Errorf("wrongly down for %.1f min a day after the first", down[1])
	}
	out = evaluate(faulty, *long, newDetectors)
	logFaults(t, out[0])
	logFaultTable(t, names, out)
	// Nine in ten: a random fault may be smaller than the normal variation.
	if o := summarize(out[0]); *scenes == "" && (10*o.detected < 9*o.scenes || o.delay > 2*minutes) {
		t.Errorf("%d of %d faults were detected, after %v", o.detected, o.scenes, o.delay)
	}
}
