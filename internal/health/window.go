package health

const (
	// sliceSeconds is the grain of a window: fine enough for "the last minute" to be one (it is 60 to
	// 75 s), coarse enough for an hour to fit in 3 kB.
	sliceSeconds = 15
	windowSlices = 3600 / sliceSeconds
)

// window counts records over the last hour.
type window struct {
	slices [windowSlices]Tally
	newest int64 // the newest slice, in slices since 1970
}

// advance returns the slice of that Unix second, and makes it the newest unless it is an older one. What is
// older than all of them counts into the oldest.
func (w *window) advance(second int64) *Tally {
	slice := max(second/sliceSeconds, w.newest-windowSlices+1)
	if slice-w.newest >= windowSlices {
		w.slices, w.newest = [windowSlices]Tally{}, slice
	}
	for w.newest < slice {
		w.newest++
		w.slices[w.newest%windowSlices] = Tally{}
	}
	return &w.slices[slice%windowSlices]
}

// sum adds up the last minutes, 60 at most.
func (w *window) sum(minutes int) (t Tally) {
	for back := range min(int64(minutes*60/sliceSeconds+1), windowSlices) {
		s := w.slices[(w.newest-back+windowSlices)%windowSlices]
		t.Records, t.Warnings, t.Errors = t.Records+s.Records, t.Warnings+s.Warnings, t.Errors+s.Errors
	}
	return t
}
