package elva

// Waiting returns how many records w has not published yet, and how many it has dropped and not reported.
func Waiting(w *Writer) (records int, dropped uint64) {
	left, dropped, _ := w.box.Left(w.box.Now())
	return int(left), dropped
}

// Failing reports whether the last attempt to publish failed.
func Failing(w *Writer) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.failure != nil
}
