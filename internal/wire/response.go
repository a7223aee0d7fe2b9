package wire

import (
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"time"
)

// WriteTimeout is how long one write may take, and up to half as long again. A viewer that reads nothing
// for so long is cut off; it comes back with its last id and has lost nothing that the history still
// holds.
const WriteTimeout = 10 * time.Second

// renewAfter is how old a deadline may be. Setting one costs a lock and a timer, and a viewer that catches
// up is written to thousands of times between two flushes.
const renewAfter = 5 * time.Second

// maxWrite is how much one deadline covers: a block of the history and its frame. It lets a line of 53
// kbit/s through.
const maxWrite = 65 << 10

// largeWrite is the size from which on a write makes way for other goroutines. In a storm of records all viewers write
// without a pause, each for as long as the scheduler lets it, 10 ms: with 50 of them the one goroutine that receives
// would come to its turn twice a second, and Redis would close its connection.
const largeWrite = 4 << 10

// ErrNoFlush says that a middleware keeps Elva from streaming.
var ErrNoFlush = errors.New("this response can't be streamed: a middleware wraps the http.ResponseWriter in one that has neither Flush nor Unwrap " +
	"(http.TimeoutHandler is one): mount Elva outside it")

// Response is a response that stays open. It is not safe for concurrent use.
type Response struct {
	w          http.ResponseWriter
	controller *http.ResponseController
	deadline   time.Time // as it was set last
}

// NewResponse returns a Response over w, or ErrNoFlush. Nothing has been written then, not even the
// header.
func NewResponse(w http.ResponseWriter) (*Response, error) {
	if !canFlush(w) {
		return nil, ErrNoFlush
	}
	return &Response{w: w, controller: http.NewResponseController(w)}, nil
}

// Write writes p, in parts that each have at least WriteTimeout. After a large part it yields the processor.
func (r *Response) Write(p []byte) (n int, err error) {
	for len(p) > 0 {
		r.setDeadline()
		part := p[:min(len(p), maxWrite)]
		m, err := r.w.Write(part)
		n += m
		if err != nil {
			return n, fmt.Errorf("write stream: %w", err)
		}
		p = p[len(part):]
		if len(part) > largeWrite {
			runtime.Gosched()
		}
	}
	return n, nil
}

// Flush sends what was written and takes the deadline away: the host's own WriteTimeout, and one left
// standing under HTTP/2, would end a stream that is only quiet.
func (r *Response) Flush() error {
	r.setDeadline()
	if err := r.controller.Flush(); err != nil {
		return fmt.Errorf("flush stream: %w", err)
	}
	_ = r.controller.SetWriteDeadline(time.Time{})
	r.deadline = time.Time{}
	return nil
}

// End takes the deadline away, the host's own too: one left standing would end what a connection carries
// after the stream.
func (r *Response) End() { _ = r.controller.SetWriteDeadline(time.Time{}) }

// setDeadline gives the next write at least WriteTimeout, and takes the place of the host's own
// WriteTimeout, which would end every stream. Not every middleware lets deadlines through: the host's
// then ends the stream, and the viewer resumes.
func (r *Response) setDeadline() {
	now := time.Now()
	if r.deadline.Sub(now) < WriteTimeout {
		r.deadline = now.Add(WriteTimeout + renewAfter)
		_ = r.controller.SetWriteDeadline(r.deadline)
	}
}

// canFlush reports whether w can be flushed: whether the innermost writer that it lets through can. One
// that is wrapped counts for nothing, since a wrapper may have a Flush for whatever it wraps, as echo's
// Response, which panics in it. http.ResponseController would say so only after the header is gone.
func canFlush(w http.ResponseWriter) bool {
	for {
		wrapper, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			break
		}
		w = wrapper.Unwrap()
	}
	switch w.(type) {
	case interface{ FlushError() error }, http.Flusher:
		return true
	}
	return false
}
