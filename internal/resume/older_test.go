package resume_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/SupermanScott/Elva/internal/entry"
	"github.com/SupermanScott/Elva/internal/history"
	"github.com/SupermanScott/Elva/internal/record"
	"github.com/SupermanScott/Elva/internal/resume"
)

// TestStart_WaitsForOlderEntries resumes behind an entry that an instance which was just started has not read yet.
func TestStart_WaitsForOlderEntries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := history.New(1000, 1<<20, 0)
		defer h.Wait()
		defer h.Close()
		h.Reserve(1000)
		ids := resume.NewIDFormat("E", []string{"a"})
		r := resume.New(ids, h, false)
		r.Begin(1, at(20, 0, 20))
		source := func(n uint64) history.Source { return history.Source{Channel: "a", Stream: 1, Entry: at(n, 0, n)} }
		for n := uint64(21); n <= 30; n++ {
			h.Append(time.Now(), source(n), "", &record.Record{Message: "new"})
		}
		id := string(resume.NewIDFormat("other", []string{"a"}).Append(nil, 5, []entry.Entry{at(15, 0, 15)}))
		started := make(chan resume.Start, 1)
		go func() { started <- r.Start(id, nil) }()
		synctest.Wait()
		if len(started) > 0 {
			t.Fatalf("it starts with the gaps %v before older entries are there", (<-started).Gaps)
		}
		var older []history.Older
		for n := uint64(11); n <= 20; n++ {
			older = append(older, history.Older{At: time.Now(), From: source(n), Record: record.Record{Message: "older"}})
		}
		h.Prepend(older, map[int]entry.Entry{1: at(10, 0, 10)})
		if s := <-started; len(s.Gaps) > 0 {
			t.Errorf("gaps %v, want none", s.Gaps)
		}
		id = string(resume.NewIDFormat("other", []string{"a"}).Append(nil, 5, []entry.Entry{at(5, 0, 5)}))
		if s := r.Start(id, nil); len(s.Gaps) != 1 { // nothing is added any more
			t.Errorf("behind an entry that does not come, gaps %v, want one", s.Gaps)
		}
	})
}
