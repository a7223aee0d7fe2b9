package backfill

import (
	"context"
	"slices"
	"time"

	"github.com/SupermanScott/Elva/internal/ingest"
)

const (
	// anchorLength is how many payloads in a row identify a place in the list. Shorter runs of equal payloads do no harm.
	anchorLength = 256
	// pageBytes is about how much is read at once. It blocks Redis for about a millisecond.
	pageBytes = 1 << 20
	// maxPage bounds the payloads of a page, since small ones take more memory than their bytes.
	maxPage = 8192
	// retryAfter is the pause after a page that could not be read.
	retryAfter = time.Second
)

// older is the state of reading what the first fill left of the list, newest first. Pushes and trims move every payload, so each page is
// read together with the anchor, which tells where the page before it ended.
type older struct {
	anchor []uint64 // sums of the oldest payloads that were read, the oldest first
	end    int      // how many payloads there are from the first of anchor to the end of the list, at least: only pushes change it
	page   int      // payloads to read next
	pause  time.Duration
}

// beginOlder notes where the older payloads end: before list, which was the end of the Redis list.
func (f *Filler) beginOlder(list []string, sums []uint64) {
	f.older, f.partial = &older{}, true
	f.older.next(list, sums, 0)
}

// next moves the anchor to the beginning of what was read, the payloads before the last skipped ones.
func (o *older) next(list []string, sums []uint64, skipped int) {
	bytes := 1
	for _, payload := range list {
		bytes += len(payload)
	}
	o.anchor = slices.Clone(sums[:min(len(sums), anchorLength)])
	o.end = skipped + len(list)
	o.page = min(max(pageBytes/max(bytes/len(list), 1), anchorLength), maxPage)
}

// endOlder notes that there are no more older payloads to read. whole says that all of them were read.
func (f *Filler) endOlder(whole bool) {
	if f.pastEnded {
		return
	}
	f.pastEnded, f.older = true, nil
	f.partial = f.partial && !whole
	f.Past.EndOlder()
}

// readOlder reads and delivers the next older payloads.
func (f *Filler) readOlder(ctx context.Context) {
	o := f.older
	skip, n := o.end-len(o.anchor), o.page+len(o.anchor)
	list, err := f.Read(ctx, skip, n)
	f.OnRead(err)
	if o.pause = 0; err != nil {
		o.pause = retryAfter
		return
	}
	sums := f.sums(list)
	at, once := find(sums, o.anchor)
	whole := len(list) < n
	switch {
	case at < 0 && !whole: // so much was pushed meanwhile that the anchor is farther from the end
		o.end += o.page
		return
	case !once: // the anchor was trimmed, or equal payloads can't be distinguished
		f.endOlder(false)
		return
	case at == 0 && whole:
		f.endOlder(!f.unremembered)
		return
	}
	o.next(list, sums, skip)
	records := make([]ingest.Record, at)
	for i := range records {
		records[i] = ingest.Record{At: f.begun, Channel: f.Channel, Payload: list[i], Recovered: true}
		f.OnRecovered()
	}
	room := f.Past.Older(records, nil)
	remembered := f.rememberOlder(sums[:at])
	if !room || whole {
		f.endOlder(whole && remembered)
	}
}

// rememberOlder adds the sums of older payloads before the delivered ones, and reports whether there was room.
func (f *Filler) rememberOlder(sums []uint64) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.full || len(f.delivered)+len(sums) > f.Records {
		f.unremembered = true
	}
	if !f.unremembered {
		f.delivered = slices.Insert(f.delivered, 0, sums...)
	}
	return !f.unremembered
}

// find returns where a run is in a list, or -1, and whether it is there once.
func find(list, run []uint64) (at int, once bool) {
	at = -1
	for i := range len(list) - len(run) + 1 {
		if !slices.Equal(list[i:i+len(run)], run) {
			continue
		}
		if at >= 0 {
			return at, false
		}
		at = i
	}
	return at, at >= 0
}
