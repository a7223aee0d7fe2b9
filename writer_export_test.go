package elva

// Waiting returns how many records w has not published yet, and how many it has dropped and not told.
func Waiting(w *Writer) (records int, dropped uint64) { return w.box.Left() }

// Failing reports whether the last attempt to publish failed.
func Failing(w *Writer) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.failure != nil
}
