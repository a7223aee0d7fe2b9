package health

import "github.com/SupermanScott/Elva/internal/status"

const (
	// sliceSeconds is the grain of a window: fine enough for "the last minute" to be one (it is 60 to
	// 75 s), coarse enough for an hour to fit in 3 kB.
	sliceSeconds = 15
	windowSlices = 3600 / sliceSeconds
)

// window counts records over the last hour.
type window struct {
	slices [windowSlices]status.Tally
	newest int64 // the newest slice, in slices since 1970
}

// advance returns the slice of that Unix second, and makes it the newest unless it is an older one. A record
// that is older than every slice counts into the oldest.
func (w *window) advance(second int64) *status.Tally {
	slice := max(second/sliceSeconds, w.newest-windowSlices+1)
	if slice-w.newest >= windowSlices {
		w.slices, w.newest = [windowSlices]status.Tally{}, slice
	}
	for w.newest < slice {
		w.newest++
		w.slices[ringIndex(w.newest, windowSlices)] = status.Tally{}
	}
	return &w.slices[ringIndex(slice, windowSlices)]
}

// sum adds up the last minutes, 60 at most.
func (w *window) sum(minutes int) (t status.Tally) {
	for back := range min(int64(minutes*60/sliceSeconds+1), windowSlices) {
		s := w.slices[ringIndex(w.newest-back, windowSlices)]
		t.Records, t.Warnings, t.Errors = t.Records+s.Records, t.Warnings+s.Warnings, t.Errors+s.Errors
	}
	return t
}

// ringIndex returns the index of slot n in a ring of that size. Slots count from 1970, and a recovered record
// may be dated before it: the remainder of a negative slot would be a negative index.
func ringIndex(n, size int64) int64 { return (n%size + size) % size }
