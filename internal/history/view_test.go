package history_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/SupermanScott/Elva/internal/gap"
	"github.com/SupermanScott/Elva/internal/history"
	"github.com/SupermanScott/Elva/internal/record"
)

// selection selects warnings and worse, and counts how often it is called.
type selection struct{ asked atomic.Int64 }

func (s *selection) match(level record.Level, _ []byte) bool {
	s.asked.Add(1)
	return level >= record.Warning
}

// taken reads everything and returns the numbers of the gaps and of the records that match selects, as a viewer
// does.
func taken(r *history.Cursor, match func(record.Level, []byte) bool) (seqs []uint64, lost uint64) {
	for {
		run := r.Read()
		lost += run.Lost
		if run.Lost == 0 && run.Len() == 0 {
			return seqs, lost
		}
		for i := range run.Len() {
			if item := run.Item(i); run.Selected || run.Gap || match(item.Level, item.JSON) {
				seqs = append(seqs, item.Seq)
			}
		}
	}
}

// TestView_ReadersGetMatches runs readers that come and go and read at all speeds, together with
// one that reads everything at once. Whether a reader uses the view or the history, it gets each record once and in order, or
// the record is reported as lost.
func TestView_ReadersGetMatches(t *testing.T) {
	for seed := range seeds(30) {
		synctest.Test(t, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 3))
			records := 40 + rng.IntN(2000)
			h := history.New(records, 512<<10, 10*time.Millisecond)
			match := (&selection{}).match
			type viewer struct {
				*history.Cursor
				view *history.View
				got  []uint64
				lost uint64
				from uint64
			}
			var viewers []*viewer
			var selected []uint64
			read := func(v *viewer) {
				got, lost := taken(v.Cursor, match)
				v.got, v.lost = append(v.got, got...), v.lost+lost
			}
			check := func(v *viewer) {
				want := selected
				for len(want) > 0 && want[0] <= v.from {
					want = want[1:]
				}
				missing := uint64(0)
				for _, seq := range v.got {
					for len(want) > 0 && want[0] < seq {
						want, missing = want[1:], missing+1
					}
					if len(want) == 0 || want[0] != seq {
						t.Fatalf("seed %d: number %d comes twice, or is none that is selected", seed, seq)
					}
					want = want[1:]
				}
				if missing+uint64(len(want)) > v.lost {
					t.Fatalf("seed %d: %d selected records are missing, %d reported as lost", seed, missing+uint64(len(want)), v.lost)
				}
			}
			for range 2000 {
				switch rng.IntN(12) {
				case 0:
					if len(viewers) < 8 {
						from := rng.Uint64N(h.Stats().Last + 1)
						v := &viewer{view: h.View("warnings", match), from: from}
						v.Cursor = h.Cursor(from).Follow(v.view)
						viewers = append(viewers, v)
					}
				case 1:
					if len(viewers) > 0 {
						i := rng.IntN(len(viewers))
						time.Sleep(20 * time.Millisecond)
						synctest.Wait()
						read(viewers[i])
						check(viewers[i])
						viewers[i].view.Release()
						viewers = append(viewers[:i], viewers[i+1:]...)
					}
				case 2, 3:
					if len(viewers) > 0 {
						read(viewers[rng.IntN(len(viewers))])
					}
				case 4:
					selected = append(selected, h.AppendGap(time.Now(), history.Source{}, gap.Gap{Kind: gap.Redis}))
				case 5:
					time.Sleep(time.Duration(rng.IntN(20)) * time.Millisecond)
				case 6:
					synctest.Wait()
				default:
					for range rng.IntN(30) {
						level := record.Level(rng.IntN(7))
						seq := add(h, level, strings.Repeat("y", rng.IntN(400)))
						if level >= record.Warning {
							selected = append(selected, seq)
						}
					}
				}
			}
			time.Sleep(20 * time.Millisecond)
			synctest.Wait()
			for _, v := range viewers {
				read(v)
				check(v)
				v.view.Release()
			}
			h.Close()
		})
	}
}

func TestView_MatchesEachRecordOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := history.New(10_000, 8<<20, 10*time.Millisecond)
		defer h.Close()
		var s selection
		var readers []*history.Cursor
		for range 50 {
			v := h.View("warnings", s.match)
			defer v.Release()
			readers = append(readers, h.Cursor(0).Follow(v))
		}
		for i := range 1000 {
			add(h, record.Level(i%7), "x")
			if i%100 == 0 {
				time.Sleep(10 * time.Millisecond)
				synctest.Wait()
			}
		}
		time.Sleep(20 * time.Millisecond)
		synctest.Wait()
		for _, r := range readers {
			if seqs, lost := taken(r, nil); len(seqs) != 428 || lost != 0 {
				t.Fatalf("read %d, lost %d, want 428", len(seqs), lost)
			}
		}
		if got := s.asked.Load(); got != 1000 {
			t.Errorf("asked %d times for 1000 records", got)
		}
	})
}

func TestView_WakesReadersForMatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := history.New(10_000, 8<<20, 10*time.Millisecond)
		defer h.Close()
		v := h.View("warnings", (&selection{}).match)
		defer v.Release()
		r := h.Cursor(0).Follow(v)
		wake := r.Read().Wake
		woken := func() bool {
			time.Sleep(20 * time.Millisecond)
			synctest.Wait()
			select {
			case <-wake:
				return true
			default:
				return false
			}
		}
		last := add(h, record.Info, "x")
		if woken() {
			t.Error("woken for what is not selected")
		}
		if r.Read(); r.Pos() != last {
			t.Errorf("its place is %d, want %d: a resume would look at all of it again", r.Pos(), last)
		}
		add(h, record.Error, "x")
		if !woken() {
			t.Error("not woken for what is selected")
		}
	})
}

func TestViewsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := history.New(10_000, 2<<20, 0)
		defer h.Close()
		all := func(record.Level, []byte) bool { return true }
		var views []*history.View
		for i := range 1000 {
			v := h.View(fmt.Sprint(i), all)
			if v == nil {
				break
			}
			views = append(views, v)
		}
		if len(views) != 13 { // an eighth of 2 MiB, without the memory for compression and for unpacked segments, at 16 KiB each
			t.Errorf("%d views in a history of 2 MiB, want 13", len(views))
		}
		// A reader works without a view, too, and with a view that is too small.
		for _, v := range []*history.View{nil, views[0]} {
			r := h.Cursor(0).Follow(v)
			for range 100 {
				add(h, record.Info, strings.Repeat("x", 1000))
			}
			synctest.Wait()
			if seqs, lost := taken(r, all); uint64(len(seqs)) != h.Stats().Last || lost != 0 {
				t.Errorf("read %d of %d, lost %d", len(seqs), h.Stats().Last, lost)
			}
		}
		for _, v := range views {
			v.Release()
		}
		if v := h.View("another", all); v == nil {
			t.Error("no view after all were released")
		} else {
			v.Release()
		}
	})
}

// TestView_ExpensiveFilter has a filter that takes a second for each record. It uses a fifth of the time, and another view is not late.
func TestView_ExpensiveFilter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := history.New(10_000, 8<<20, 0)
		defer h.Close()
		var asked atomic.Int64
		slow := h.View("slow", func(record.Level, []byte) bool { asked.Add(1); time.Sleep(time.Second); return false })
		defer slow.Release()
		quick := h.View("quick", func(record.Level, []byte) bool { return true })
		defer quick.Release()
		reader := h.Cursor(0).Follow(quick)
		for range 100 {
			seq := add(h, record.Info, "x")
			time.Sleep(time.Millisecond)
			synctest.Wait()
			if reader.Read(); reader.Pos() != seq {
				t.Fatalf("the other view is at %d, want %d", reader.Pos(), seq)
			}
			time.Sleep(time.Second)
		}
		if n := asked.Load(); n > 30 {
			t.Errorf("asked %d times in 100 s", n)
		}
	})
}
