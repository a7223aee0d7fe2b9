package wire_test

import (
	"bufio"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/SupermanScott/Elva/internal/entry"
	"github.com/SupermanScott/Elva/internal/gap"
	"github.com/SupermanScott/Elva/internal/history"
	"github.com/SupermanScott/Elva/internal/record"
	"github.com/SupermanScott/Elva/internal/redistest"
	"github.com/SupermanScott/Elva/internal/resume"
	"github.com/SupermanScott/Elva/internal/wire"
)

// scene is a handler that reads the streams a and b, and optionally channels. The tests write an entry as MS or as
// MS.INDEX.
type scene struct {
	t       *testing.T
	h       *history.History
	resumer *resume.Resumer
	events  *wire.Encoders
}

func newScene(t *testing.T, epoch string, channels bool) *scene {
	keys := []string{"a", "b"}
	s := &scene{t: t, h: history.New(100, 1<<20, 0)}
	s.events = &wire.Encoders{IDs: resume.NewIDFormat(epoch, keys), History: s.h}
	s.resumer = resume.New(s.events.IDs, s.h, channels)
	t.Cleanup(s.h.Close)
	return s
}

// begun returns a scene in which both streams are read from the start.
func begun(t *testing.T, channels bool) *scene {
	s := newScene(t, "here", channels)
	s.resumer.Begin(1, entry.Entry{})
	s.resumer.Begin(2, entry.Entry{})
	return s
}

func e(ms, index uint64) entry.Entry { return entry.Entry{ID: entry.ID{MS: ms}, Index: index} }

// add appends a record of a stream, or of a channel if that is 0.
func (s *scene) add(stream int, at entry.Entry, message string) {
	from := history.Source{Channel: "c", Stream: stream, Entry: at}
	s.h.Append(time.Now(), from, "", &record.Record{Level: record.Info, Message: message})
}

// a appends the records of stream a from one entry to another, each with its number as its index and message.
func (s *scene) a(from, to uint64) {
	for n := from; n <= to; n++ {
		s.add(1, e(n, n), "a"+entry.ID{MS: n}.String())
	}
}

func (s *scene) gap(kind gap.Kind, at entry.Entry) {
	seq := s.h.AppendGap(time.Now(), history.Source{Stream: 1, Entry: at}, gap.Gap{Kind: kind})
	if at.ID == (entry.ID{}) {
		s.resumer.Recreated(1, seq)
	}
}

// stream is an open stream. Each call of read returns what arrived since the last call, and the last event ID.
type stream struct {
	*scene
	cursor *history.Cursor
	sse    *wire.SSE
	out    strings.Builder
	id     string
}

func (s *scene) open(id string) *stream {
	v := &stream{scene: s, id: id}
	start := s.resumer.Start(id, nil)
	v.cursor, v.sse = start.Cursor, s.events.NewSSE(&v.out, start)
	for _, g := range start.Gaps {
		v.check(v.sse.Report(g))
	}
	return v
}

// elsewhere returns the ID of an event of another instance.
func (s *scene) elsewhere(a, b entry.Entry) string {
	return string(resume.NewIDFormat("elsewhere", []string{"a", "b"}).Append(nil, 1000, []entry.Entry{a, b}))
}

func (v *stream) check(err error) {
	v.t.Helper()
	if err != nil {
		v.t.Fatal(err)
	}
}

func (v *stream) heartbeat() {
	v.t.Helper()
	var err error
	v.cursor, err = v.sse.Heartbeat(nil, v.cursor)
	v.check(err)
}

// read returns messages, and the kinds of gaps in brackets.
func (v *stream) read() string {
	v.t.Helper()
	for {
		run := v.cursor.Read()
		switch {
		case run.Lost > 0:
			v.check(v.sse.Report(gap.Gap{Kind: gap.Evicted, Lost: run.Lost}))
			continue
		case run.Gap:
			v.check(v.sse.Gap(&run, nil))
			continue
		case run.Len() > 0:
			v.check(v.sse.Records(&run, nil))
			continue
		}
		break
	}
	var shown []string
	_ = redistest.ReadEvents(bufio.NewReader(strings.NewReader(v.out.String())), func(name, id, data string) {
		if id != "" {
			v.id = id
		}
		if name == "gap" {
			var g gap.Gap
			v.check(json.Unmarshal([]byte(data), &g))
			shown = append(shown, "["+string(g.Kind)+"]")
		} else if data != "" {
			var batch []struct{ Message string }
			v.check(json.Unmarshal([]byte(data), &batch))
			for _, r := range batch {
				shown = append(shown, r.Message)
			}
		}
	})
	v.out.Reset()
	return strings.Join(shown, " ")
}

func (v *stream) expect(want string) {
	v.t.Helper()
	if got := v.read(); got != want {
		v.t.Errorf("shown %q, want %q", got, want)
	}
}

func TestResume_OfAnotherInstance(t *testing.T) {
	for _, c := range []struct {
		name string
		has  entry.Entry // of a
		do   func(*scene)
		want string
	}{
		{"an entry that is held", e(3, 3), func(s *scene) { s.a(1, 5) }, "a4-0 a5-0"},
		{"the newest entry", e(5, 5), func(s *scene) { s.a(1, 5) }, ""},
		{"nothing of the stream", e(0, 0), func(s *scene) { s.a(1, 2) }, "a1-0 a2-0"},
		{"an entry that is still to come here", e(7, 7), func(s *scene) { s.a(1, 9) }, "a8-0 a9-0"},
		{"a count that another instance did not know", e(3, 0), func(s *scene) { s.a(1, 4) }, "a4-0"},
		{"a count that is wrong, since the other instance had missed some", e(3, 2), func(s *scene) { s.a(1, 4) }, "[trimmed] a4-0"},
		{"entries that this instance has missed", e(6, 6), func(s *scene) { s.a(1, 3); s.gap(gap.Trimmed, e(6, 6)); s.a(7, 8) }, "a7-0 a8-0"},
		{"some of those that this instance has missed", e(4, 4), func(s *scene) { s.a(1, 3); s.gap(gap.Trimmed, e(6, 6)); s.a(7, 8) }, "[trimmed] a7-0 a8-0"},
		{"an entry before those that this instance has missed", e(2, 2), func(s *scene) { s.a(1, 3); s.gap(gap.Trimmed, e(6, 6)); s.a(7, 8) }, "a3-0 [trimmed] a7-0 a8-0"},
		{"an entry before the beginning here", e(2, 2), func(s *scene) { s.resumer.Begin(1, e(6, 6)); s.a(7, 8) }, "[evicted] a7-0 a8-0"},
		{"an entry of an older stream, and the first of the new one is here", e(2, 2), func(s *scene) { s.add(1, e(7, 1), "a7"); s.add(1, e(8, 2), "a8") }, "[recreated] a7 a8"},
		{"an entry of an older stream, and this instance has seen the change", e(2, 2), func(s *scene) { s.a(1, 3); s.gap(gap.Recreated, e(6, 0)); s.a(7, 8) }, "a3-0 [recreated] a7-0 a8-0"},
		{"the last entry before a failover that repeated some", e(5, 5), func(s *scene) { s.a(1, 5); s.gap(gap.Failover, e(3, 3)); s.add(1, e(4, 4), "new"); s.a(6, 6) }, "[failover] new a6-0"},
		{"an entry after a failover that repeated some", e(6, 5), func(s *scene) {
			s.a(1, 5)
			s.gap(gap.Failover, e(3, 3))
			s.add(1, e(4, 4), "new")
			s.add(1, e(6, 5), "a6")
			s.a(7, 7)
		}, "a7-0"},
		{"a wrong count of the last entry before a block", e(3, 2), func(s *scene) { s.a(1, 3); s.resumer.Begin(2, e(1, 1)); s.a(4, 5) }, "[trimmed] a4-0 a5-0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, when := range []string{"before", "while the viewer is here"} {
				for name, b := range map[string]entry.Entry{"": e(1, 1), ", ahead in another stream": e(9, 9)} {
					s := begun(t, false)
					s.add(2, e(1, 1), "b1")
					if when == "before" {
						c.do(s)
					}
					v := s.open(s.elsewhere(c.has, b))
					if when != "before" {
						v.expect("")
						c.do(s)
					}
					v.expect(c.want)
					s.add(2, e(9, 9), "b9")
					if got, want := v.read(), map[string]string{"": "b9"}[name]; got != want {
						t.Errorf("%s%s: shown %q, want %q", when, name, got, want)
					}
					if !v.sse.CaughtUp() {
						t.Errorf("%s%s: it has not caught up", when, name)
					}
					again := s.open(v.id)
					again.expect("")
					s.a(50, 50)
					again.expect("a50-0")
				}
			}
		})
	}
}

// TestResume_RetainedRecords has a viewer whose next entries are no longer in the log, except for warnings. It gets one gap, before the
// warnings.
func TestResume_RetainedRecords(t *testing.T) {
	for _, channels := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			s := begun(t, channels)
			for n := uint64(1); n <= 150; n++ {
				r := record.Record{Level: record.Info, Message: entry.ID{MS: n}.String()}
				if n == 7 || n == 17 {
					r.Level = record.Warning
				}
				s.h.Append(time.Now(), history.Source{Channel: "a", Stream: 1, Entry: e(n, n)}, "", &r)
			}
			synctest.Wait()                            // until the history has made room: records that it drops while a viewer reads are missing, too
			v := s.open(s.elsewhere(e(5, 5), e(9, 9))) // ahead in the other stream
			shown := strings.Fields(v.read())
			want := []string{"[evicted]", "7-0", "17-0"}
			if channels {
				want = []string{"[restart]", "[evicted]", "7-0", "17-0"}
			}
			if !slices.Equal(shown[:len(want)], want) || shown[len(shown)-1] != "150-0" || strings.Count(strings.Join(shown, " "), "[evicted]") != 1 {
				t.Errorf("shown %v; want %v, and then the log", shown, want)
			}
			s.a(151, 151)
			v.expect("a151-0")
		})
	}
}

// TestResume_StreamBegunLate has a stream that is denied at first, so that the entries that the viewer lacks are not yet known.
func TestResume_StreamBegunLate(t *testing.T) {
	s := newScene(t, "here", false)
	s.resumer.Begin(2, e(1, 1))
	v := s.open(s.elsewhere(e(3, 3), e(1, 1)))
	v.check(v.sse.Report(gap.Gap{Kind: gap.Slow, Lost: 1})) // a gap that does not concern that stream
	s.add(2, e(2, 2), "b2")
	v.expect("[slow] b2")
	s.resumer.Begin(1, e(5, 5))
	s.add(2, e(3, 3), "b3")
	v.expect("[evicted] b3")
	s.a(6, 6)
	v.expect("a6-0")
}

// TestResume_StreamBegunBetweenRuns has a viewer that has seen nothing of a stream. It reads a run from before the stream was begun, with
// entries left out, and must not count as caught up by that.
func TestResume_StreamBegunBetweenRuns(t *testing.T) {
	s := newScene(t, "here", false)
	s.resumer.Begin(2, entry.Entry{})
	s.add(2, e(1, 1), "b1")
	s.resumer.Begin(1, e(5, 5))
	s.a(6, 6)
	s.open(s.elsewhere(entry.Entry{}, entry.Entry{})).expect("b1 [evicted] a6-0")
}

// TestResume_IDsBeginAgain has a stream that was created again, with smaller IDs than those that a viewer has seen. The
// instance may never have read the old stream.
func TestResume_IDsBeginAgain(t *testing.T) {
	newest := func(s *scene, ms uint64) {
		time.Sleep(time.Second)
		s.resumer.Newest(1, entry.ID{MS: ms}, time.Now())
		time.Sleep(time.Second)
	}
	seen := func(s *scene) { s.a(100, 103); s.gap(gap.Recreated, entry.Entry{}); s.a(1, 3) }
	unseen := func(s *scene) { s.a(1, 3) }
	for _, c := range []struct {
		name     string
		channels bool
		do       func(*scene)
		has      uint64
		first    string // shown at once
		then     string // after Redis has answered with the newest ID
	}{
		{"an old entry, where the change was seen", false, seen, 103, "", "[recreated] a1-0 a2-0 a3-0"},
		{"an old entry, where it was not seen", false, unseen, 103, "", "[recreated] a1-0 a2-0 a3-0"},
		{"a new entry, where the change was seen", false, seen, 2, "a3-0", ""},
		{"a new entry, where it was not seen", false, unseen, 2, "a3-0", ""},
		{"an old entry beside a channel, where the change was seen", true, seen, 103, "[restart] c", "[recreated] a1-0 a2-0 a3-0"},
		{"an old entry beside a channel, where it was not seen", true, unseen, 103, "[restart] c", "[recreated] a1-0 a2-0 a3-0"},
		{"a new entry beside a channel, where the change was seen", true, seen, 2, "[restart] a3-0 c", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := begun(t, c.channels)
				c.do(s)
				if c.channels {
					s.add(0, entry.Entry{}, "c")
				}
				newest(s, 3) // an answer from before the viewer started, which may have newer entries
				v := s.open(s.elsewhere(e(c.has, c.has), entry.Entry{}))
				v.heartbeat()
				v.expect(c.first)
				newest(s, 3)
				v.heartbeat()
				v.expect(c.then)
				s.a(4, 4)
				v.expect("a4-0")
				v.heartbeat()
				v.expect("")
			})
		})
	}
}

func TestResume_IDsBeginAgainWhileTheViewerIsAhead(t *testing.T) {
	s := begun(t, false)
	s.a(100, 103)
	v := s.open(s.elsewhere(e(105, 105), entry.Entry{}))
	v.expect("")
	s.gap(gap.Recreated, entry.Entry{})
	s.a(1, 3)
	v.expect("[recreated] a1-0 a2-0 a3-0")
}

func TestResume_EntriesThatCameSinceRedisWasAskedAreNotAnotherStreams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := begun(t, false)
		s.a(1, 3)
		v := s.open(s.elsewhere(e(3, 3), e(9, 9))) // ahead in the other stream
		time.Sleep(time.Second)
		s.resumer.Newest(1, entry.ID{MS: 3}, time.Now())
		s.a(4, 6)
		v.expect("a4-0 a5-0 a6-0")
		v.heartbeat()
		s.a(7, 7)
		v.expect("a7-0")
	})
}

func TestResume_EntriesThatAreStillToComeAreNotAnotherStreams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := begun(t, false)
		s.a(1, 3)
		v := s.open(s.elsewhere(e(5, 5), entry.Entry{}))
		time.Sleep(time.Second)
		s.resumer.Newest(1, entry.ID{MS: 5}, time.Now())
		v.heartbeat()
		s.a(4, 6)
		v.heartbeat()
		v.expect("a6-0")
	})
}

func TestResume_SameEpochIsExactByNumber(t *testing.T) {
	s := begun(t, true)
	s.a(1, 3)
	s.add(0, entry.Entry{}, "c1")
	v := s.open("")
	v.expect("a1-0 a2-0 a3-0 c1")
	s.add(0, entry.Entry{}, "c2")
	s.a(4, 4)
	s.open(v.id).expect("c2 a4-0")
	// A viewer from a faster instance does not get entries again that this instance reads later.
	ahead := s.open(s.elsewhere(e(6, 6), entry.Entry{}))
	ahead.expect("[restart] c1 c2")
	s.add(0, entry.Entry{}, "c3")
	ahead.expect("c3")
	s.a(5, 7)
	s.open(ahead.id).expect("a7-0")
}

func TestResume_IDsWithoutEntriesOfTheseStreams(t *testing.T) {
	for _, id := range []string{"nonsense", "elsewhere-7", string(resume.NewIDFormat("elsewhere", []string{"x"}).Append(nil, 7, nil))} {
		s := begun(t, false)
		s.a(1, 2)
		s.open(id).expect("[restart] a1-0 a2-0")
	}
}

func TestResume_ViewerThatIsOvertakenKeepsItsEntries(t *testing.T) {
	s := begun(t, false)
	s.add(2, e(7, 7), "b7")
	v := s.open("")
	v.expect("b7")
	for n := range uint64(300) { // warnings are retained
		from := history.Source{Channel: "a", Stream: 1, Entry: e(n+1, n+1)}
		s.h.Append(time.Now(), from, "", &record.Record{Level: record.Info + record.Level(n%2), Message: "x"})
	}
	run := v.cursor.Read()
	for run.Lost > 0 { // more than once, since the history makes room in the background
		v.check(v.sse.Report(gap.Gap{Kind: gap.Slow, Lost: run.Lost}))
		run = v.cursor.Read()
	}
	if !run.Retained {
		t.Fatalf("the run is %+v", run)
	}
	v.check(v.sse.Records(&run, nil))
	_, _, last := s.events.IDs.Parse(lastID(v.out.String()))
	if len(last) != 2 || last[1] != e(7, 7) {
		t.Errorf("the ID has the entries %v, want the one of stream b that was shown", last)
	}
}

func lastID(events string) string {
	ids := slices.Collect(strings.SplitSeq(events, "\nid: "))
	id, _, _ := strings.Cut(ids[len(ids)-1], "\n")
	return id
}
