package history_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/SupermanScott/Elva/internal/gap"
	"github.com/SupermanScott/Elva/internal/history"
	"github.com/SupermanScott/Elva/internal/record"
)

var start = time.Date(2026, 11, 22, 17, 0, 0, 0, time.UTC)

// add appends a record whose message is its number.
func add(h *history.History, level record.Level, text string) uint64 {
	return h.Append(start, history.Source{Channel: "app"}, text, &record.Record{Level: level, Message: text})
}

// drain reads until nothing is left. It returns the numbers read and how many items were reported as lost.
func drain(t *testing.T, r *history.Cursor) (seqs []uint64, lost uint64) {
	t.Helper()
	for {
		run := r.Read()
		lost += run.Lost
		if run.Lost == 0 && run.Len() == 0 {
			return seqs, lost
		}
		if run.Len() > 0 {
			var joined []struct{ Seq uint64 }
			if err := json.Unmarshal([]byte("["+string(run.Joined())+"]"), &joined); err != nil {
				t.Fatalf("run is no JSON: %v\n%s", err, run.Joined())
			}
			for i := range run.Len() {
				if got, want := joined[i].Seq, run.Item(i).Seq; got != want {
					t.Fatalf("joined item %d has number %d, item says %d", i, got, want)
				}
				if !json.Valid(run.Item(i).JSON) {
					t.Fatalf("item %d is no JSON: %s", i, run.Item(i).JSON)
				}
				seqs = append(seqs, run.Item(i).Seq)
			}
		}
	}
}

func TestReader_EveryRecordOnceInOrder(t *testing.T) {
	h := history.New(2000, 1<<20, 0)
	defer h.Close()
	r := h.Cursor(0)
	for i := range 900 {
		add(h, record.Info, fmt.Sprint(i))
		if i%7 == 0 {
			h.AppendGap(start, history.Source{}, gap.Gap{Kind: gap.Redis, From: start, To: start})
		}
	}
	seqs, lost := drain(t, r)
	if lost != 0 {
		t.Errorf("lost %d of what the history holds", lost)
	}
	for i, seq := range seqs {
		if seq != uint64(i+1) {
			t.Fatalf("item %d has number %d", i, seq)
		}
	}
	if got, want := len(seqs), int(h.Stats().Last); got != want {
		t.Errorf("read %d items, want %d", got, want)
	}
}

func TestAGapIsARunOfItsOwn(t *testing.T) {
	h := history.New(1000, 1<<20, 0)
	defer h.Close()
	add(h, record.Info, "before")
	h.AppendGap(start, history.Source{}, gap.Gap{Kind: gap.Redis, From: start, To: start.Add(time.Second), Reason: "EOF"})
	add(h, record.Info, "after")
	r := h.Cursor(0)
	var kinds []bool
	for run := r.Read(); run.Len() > 0; run = r.Read() {
		if run.Len() != 1 {
			t.Errorf("a run of %d, want 1", run.Len())
		}
		kinds = append(kinds, run.Gap)
		if run.Gap {
			want := `{"seq":2,"kind":"redis","from":"2026-11-22T17:00:00Z","to":"2026-11-22T17:00:01Z","reason":"EOF"}`
			if got := string(run.Joined()); got != want {
				t.Errorf("gap %s, want %s", got, want)
			}
		}
	}
	if got, want := fmt.Sprint(kinds), "[false true false]"; got != want {
		t.Errorf("runs with gaps %s, want %s", got, want)
	}
}

// TestHistory_Rushed appends while nothing may be packed, and then while it may.
func TestHistory_Rushed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := history.New(100_000, 8<<20, time.Hour)
		defer h.Close()
		var rushed atomic.Bool
		rushed.Store(true)
		h.SetWaiting(func() (int, bool) { return 0, rushed.Load() })
		text := strings.Repeat("all work and no play ", 50)
		flood := func() (bytesOfEach int) {
			for range 2_000 {
				add(h, record.Info, text)
			}
			synctest.Wait() // for the keeper
			s := h.Stats()
			return s.Bytes / s.Records
		}
		if got := flood(); got < 2*len(text) {
			t.Errorf("a record takes %d bytes in a rush: it is packed", got)
		}
		rushed.Store(false)
		if got := flood(); got > len(text) {
			t.Errorf("a record takes %d bytes after the rush: it is not packed", got)
		}
	})
}

// TestHistory_RushedReusesBlocks appends while nothing may be packed and the oldest segments are dropped. No new memory is needed.
func TestHistory_RushedReusesBlocks(t *testing.T) {
	h := history.New(100_000, 8<<20, time.Hour)
	defer h.Close()
	h.SetWaiting(func() (int, bool) { return 0, true })
	text := strings.Repeat("all work and no play ", 50)
	var before, after runtime.MemStats
	const records = 20_000
	for range records { // until it is full
		add(h, record.Debug, text)
	}
	runtime.ReadMemStats(&before)
	for range records {
		add(h, record.Debug, text)
	}
	runtime.ReadMemStats(&after)
	if allocated := int(after.TotalAlloc-before.TotalAlloc) / records; allocated > len(text)/3 {
		t.Errorf("%d bytes are allocated for a record of %d", allocated, len(text))
	}
}

// TestHistory_Waiting has more and more records that wait to be appended. They take the place of the oldest ones, up to a half.
func TestHistory_Waiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const bound = 8 << 20
		h := history.New(1_000_000, bound, time.Hour)
		defer h.Close()
		var waiting atomic.Int64
		h.SetWaiting(func() (int, bool) { return int(waiting.Load()), false })
		rng := rand.New(rand.NewPCG(1, 1))
		held := func(wait int) int {
			waiting.Store(int64(wait))
			for range 8_000 {
				text := make([]byte, 1000) // random, so that it hardly compresses
				for i := range text {
					text[i] = byte('a' + rng.IntN(26))
				}
				add(h, record.Info, string(text))
			}
			synctest.Wait() // for the keeper
			return h.Stats().Bytes
		}
		full := held(0)
		for _, c := range []struct{ wait, most int }{{1 << 20, full - 1<<20 + bound/32}, {100 << 20, bound / 2}} {
			if got := held(c.wait); got > c.most || got < c.most/2 {
				t.Errorf("the history takes %d bytes while %d wait, want %d at most", got, c.wait, c.most)
			}
		}
	})
}

// TestHistory_RetainsAStormOfErrors checks how many errors remain after a flood of debug records: those that filled whole segments,
// and those between other records.
func TestHistory_RetainsAStormOfErrors(t *testing.T) {
	h := history.New(20_000, 8<<20, time.Hour)
	defer h.Close()
	for i := range 6_000 {
		add(h, record.Error, fmt.Sprint("storm ", i))
	}
	for i := range 3_000 {
		add(h, record.Level(int(record.Info)+2*(i%2)), fmt.Sprint("mixed ", i))
	}
	for range 40_000 {
		add(h, record.Debug, "flood")
	}
	var kept []string
	c := h.Cursor(0)
	for run := c.Read(); run.Len() > 0 || run.Lost > 0; run = c.Read() {
		for i := range run.Len() {
			var item struct{ Message string }
			if err := json.Unmarshal(run.Item(i).JSON, &item); err != nil {
				t.Fatal(err)
			}
			if item.Message != "flood" {
				kept = append(kept, item.Message)
			}
		}
	}
	if len(kept) < 1_500 { // those between other records, and some of the storm
		t.Fatalf("%d errors are retained", len(kept))
	}
	for i := range kept { // from the newest to the oldest
		want := fmt.Sprint("mixed ", 2_999-2*i)
		if i >= 1_500 {
			want = fmt.Sprint("storm ", 5_999-(i-1_500))
		}
		if got := kept[len(kept)-1-i]; got != want {
			t.Fatalf("retained, from the newest: %d is %q, want %q", i, got, want)
		}
	}
}

// TestBoundsHoldUnderAnyLoad checks both bounds with records of all sizes.
func TestBoundsHoldUnderAnyLoad(t *testing.T) {
	const records, bytes = 500, 2 << 20
	h := history.New(records, bytes, time.Hour)
	defer h.Close()
	rng := rand.New(rand.NewPCG(1, 2))
	for range 5_000 {
		size := rng.IntN(400)
		if rng.IntN(100) == 0 {
			size = rng.IntN(300 << 10)
		}
		add(h, record.Level(rng.IntN(7)), strings.Repeat("x", size))
		s := h.Stats()
		if s.Records > records {
			t.Fatalf("holds %d records, bound %d", s.Records, records)
		}
		if s.Bytes > bytes {
			t.Fatalf("holds %d bytes, bound %d", s.Bytes, bytes)
		}
	}
}

func TestAppend_DebugFloodKeepsWarnings(t *testing.T) {
	h := history.New(1000, 8<<20, time.Hour)
	defer h.Close()
	first := add(h, record.Error, "the one traceback")
	h.AppendGap(start, history.Source{}, gap.Gap{Kind: gap.Redis})
	for i := range 50_000 {
		add(h, record.Debug, fmt.Sprint(i))
	}
	r := h.Cursor(0)
	seqs, lost := drain(t, r)
	if len(seqs) < 2 || seqs[0] != first || seqs[1] != first+1 {
		t.Fatalf("the oldest two are %v, want the error and the gap", seqs[:2])
	}
	if got := uint64(len(seqs)) + lost; got != h.Stats().Last {
		t.Errorf("%d read and %d reported as lost of %d", len(seqs), lost, h.Stats().Last)
	}
	if payload, ok := h.Payload(first); !ok || string(payload) != "the one traceback" {
		t.Errorf("payload that was retained = %q, %v", payload, ok)
	}
	if _, ok := h.Payload(first + 1); ok {
		t.Error("a gap has a payload")
	}
	if _, ok := h.Payload(first + 2); ok {
		t.Error("an evicted record has a payload")
	}
}

func TestAppend_WarningFloodKeepsNewest(t *testing.T) {
	h := history.New(100, 8<<20, time.Hour)
	defer h.Close()
	for i := range 1000 {
		add(h, record.Warning, fmt.Sprint(i))
	}
	seqs, lost := drain(t, h.Cursor(0))
	n := uint64(len(seqs))
	if n < 90 || n > 100 || lost != 1000-n || seqs[0] != 1001-n {
		t.Errorf("read %d from %d, lost %d; want the newest 90 to 100", n, seqs[0], lost)
	}
}

// TestRead_EveryItemIsReadOrReportedAsLost runs viewers of all speeds and one writer. Whatever is evicted meanwhile,
// each item is either read once or counted in exactly one loss.
func TestRead_EveryItemIsReadOrReportedAsLost(t *testing.T) {
	for seed := range seeds(40) {
		rng := rand.New(rand.NewPCG(seed, 1))
		h := history.New(50+rng.IntN(100), 64<<10, time.Hour)
		type viewer struct {
			*history.Cursor
			last  uint64 // number
			count uint64 // items that were read or reported as lost
		}
		viewers := []*viewer{}
		read := func(v *viewer) bool {
			run := v.Read()
			v.count += run.Lost + uint64(run.Len())
			for i := range run.Len() {
				item := run.Item(i)
				if item.Seq <= v.last {
					t.Fatalf("seed %d: number %d after %d", seed, item.Seq, v.last)
				}
				v.last = item.Seq
			}
			return run.Lost > 0 || run.Len() > 0
		}
		for range 3000 {
			switch rng.IntN(10) {
			case 0:
				if len(viewers) < 20 {
					viewers = append(viewers, &viewer{Cursor: h.Cursor(0)})
				}
			case 1, 2, 3:
				if len(viewers) > 0 {
					read(viewers[rng.IntN(len(viewers))])
				}
			case 4:
				h.AppendGap(start, history.Source{}, gap.Gap{Kind: gap.Redis})
			default:
				for range rng.IntN(20) {
					add(h, record.Level(rng.IntN(7)), strings.Repeat("y", rng.IntN(300)))
				}
			}
		}
		for i, v := range viewers {
			for read(v) {
			}
			if v.count != h.Stats().Last {
				t.Fatalf("seed %d viewer %d: read and lost make %d of %d", seed, i, v.count, h.Stats().Last)
			}
		}
		h.Close()
	}
}

func TestReaders_ConcurrentWithAppend(t *testing.T) {
	h := history.New(200, 256<<10, time.Millisecond)
	const total = 20_000
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			r := h.Cursor(0)
			var seen uint64
			for seen < total {
				run := r.Read()
				seen += run.Lost + uint64(run.Len())
				for i := range run.Len() {
					if !json.Valid(run.Item(i).JSON) {
						t.Errorf("item is no JSON: %s", run.Item(i).JSON)
					}
				}
				if run.Lost == 0 && run.Len() == 0 {
					<-run.Wake
				}
			}
		})
	}
	for i := range total {
		add(h, record.Level(i%7), strings.Repeat("z", i%500))
	}
	h.Close()
	wg.Wait()
}

func TestBlocks_ReusedOnlyIfUnread(t *testing.T) {
	h := history.New(20_000, 8<<20, time.Hour)
	defer h.Close()
	turnOver := func() {
		for i := range 50_000 { // some of them stay longer, in the retained queue
			add(h, record.Info+record.Level(i%5/4), fmt.Sprintf("%s %d", strings.Repeat("x", 100), i))
		}
	}
	turnOver() // now all memory has been used before
	shown, want := map[uint64][]byte{}, map[uint64]string{}
	for r := h.Tail(1000); ; { // these are not packed yet
		run := r.Read()
		if run.Lost == 0 && run.Len() == 0 {
			break
		}
		for i := range run.Len() {
			item := run.Item(i)
			shown[item.Seq], want[item.Seq] = item.JSON, string(item.JSON)
			if !strings.Contains(want[item.Seq], fmt.Sprintf("%d\",", item.Seq-1)) {
				t.Fatalf("number %d is %s", item.Seq, item.JSON)
			}
		}
	}
	payload, _ := h.Payload(50_000)
	was := string(payload)
	turnOver()
	turnOver()
	if len(shown) < 1000 {
		t.Errorf("%d items were read", len(shown))
	}
	for seq, text := range shown {
		if string(text) != want[seq] {
			t.Fatalf("number %d was %s and has become %s", seq, want[seq], text)
		}
	}
	if was == "" || string(payload) != was {
		t.Errorf("the payload was %q and has become %q", was, payload)
	}
	r := record.Record{Level: record.Info, Message: "m"}
	if allocs := testing.AllocsPerRun(5, func() {
		for range 1000 {
			h.Append(start, history.Source{Channel: "app"}, "payload", &r)
		}
	}); allocs > 300 { // for packing, and for whatever else runs meanwhile; one for each record would be 1,000
		t.Errorf("1,000 records that nobody looks at make %v allocations", allocs)
	}
}

func TestTail_NoLossReported(t *testing.T) {
	h := history.New(100, 1<<20, time.Hour)
	defer h.Close()
	if seqs, lost := drain(t, h.Tail(10)); len(seqs) != 0 || lost != 0 {
		t.Errorf("an empty history's tail has %d items, lost %d", len(seqs), lost)
	}
	for i := range 500 {
		add(h, record.Info, fmt.Sprint(i))
	}
	for _, n := range []int{0, 1, 10, 100, 1000} {
		before := h.Stats().Records
		seqs, lost := drain(t, h.Tail(n))
		after := h.Stats().Records // the keeper may have made room meanwhile
		if got := len(seqs); got > min(n, before) || got < min(n, after) || lost != 0 || after < 90 {
			t.Errorf("tail of %d has %d items of %d to %d, lost %d", n, got, after, before, lost)
		}
	}
}

func TestCursor_FutureNumber(t *testing.T) {
	h := history.New(100, 1<<20, 0)
	defer h.Close()
	r := h.Cursor(1 << 60)
	want := add(h, record.Info, "new")
	if seqs, _ := drain(t, r); len(seqs) != 1 || seqs[0] != want {
		t.Errorf("read %v, want [%d]", seqs, want)
	}
}

func TestPayload_KeptUpToBound(t *testing.T) {
	h := history.New(100, 8<<20, 0)
	defer h.Close()
	raw := "\x00\xff\r\n</script>"
	seq := add(h, record.Info, raw)
	if got, ok := h.Payload(seq); !ok || string(got) != raw {
		t.Errorf("payload %q, %v; want %q", got, ok, raw)
	}
	seq = h.Append(start, history.Source{Channel: "app"}, strings.Repeat("x", 10<<20), &record.Record{})
	if got, ok := h.Payload(seq); !ok || len(got) != history.MaxPayload {
		t.Errorf("payload of 10 MiB is kept with %d bytes, want %d", len(got), history.MaxPayload)
	}
	if _, ok := h.Payload(0); ok {
		t.Error("number 0 has a payload")
	}
	if _, ok := h.Payload(seq + 1); ok {
		t.Error("a number not given yet has a payload")
	}
}

// TestNotifier_AtOnceThenOnceAnInterval checks the pace of notifications.
func TestNotifier_AtOnceThenOnceAnInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := history.New(10_000, 8<<20, 100*time.Millisecond)
		defer h.Close()
		began := time.Now()
		var woken []time.Duration
		r := h.Cursor(0)
		done := make(chan struct{})
		go func() {
			defer close(done)
			for seen := 0; seen < 250; {
				run := r.Read()
				if run.Len() == 0 {
					<-run.Wake
					woken = append(woken, time.Since(began))
				}
				seen += run.Len()
			}
		}()
		for range 250 { // a record a millisecond
			synctest.Wait()
			add(h, record.Info, "x")
			time.Sleep(time.Millisecond)
		}
		<-done
		if got, want := fmt.Sprint(woken), "[0s 100ms 200ms 300ms]"; got != want {
			t.Errorf("woken at %s, want %s", got, want)
		}
	})
}

func TestNotifier_BurstWakesEarly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := history.New(10_000, 8<<20, time.Hour)
		defer h.Close()
		add(h, record.Info, "first")
		wake := h.Cursor(0).Read().Wake
		for range 500 {
			add(h, record.Info, "burst")
		}
		select {
		case <-wake:
		default:
			t.Error("500 records wake no one")
		}
	})
}

// A flood on a busy machine leaves the keeper no time. Records that are not packed take ten times the memory.
func TestAppend_FloodKeepsWhatFitsPacked(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	h := history.New(1_000_000, 4<<20, time.Hour)
	defer h.Close()
	rng := rand.New(rand.NewPCG(1, 1))
	for n := range 60_000 {
		text := demoPayload(rng, n)
		r := record.Decode(text)
		h.Append(start, history.Source{Channel: "app"}, text, &r)
	}
	if got := h.Stats().Records; got < 20_000 {
		t.Errorf("%d records are left of a flood, want 20,000 or more in 4 MiB", got)
	}
}
