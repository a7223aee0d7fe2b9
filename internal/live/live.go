// Package live writes HTTP responses that stay open: it reaches the host's connection through
// whatever middleware wraps it, gives every write a deadline, and ends when the host's server shuts
// down.
package live

import (
	"errors"
	"fmt"
	"net/http"
	"time"
)

// WriteTimeout is how long one write may take. A viewer that reads nothing for so long is cut off; it
// comes back with its last id and has lost nothing that the history still holds.
const WriteTimeout = 10 * time.Second

// maxWrite is how much one deadline covers. It lets a line of 52 kbit/s through.
const maxWrite = 64 << 10

// ErrNoFlush says that a middleware keeps Elva from streaming.
var ErrNoFlush = errors.New("this response can't be streamed: a middleware wraps the http.ResponseWriter in one that has neither Flush nor Unwrap " +
	"(http.TimeoutHandler is one): mount Elva outside it")

// Response is a response that stays open. It is not safe for concurrent use.
type Response struct {
	w          http.ResponseWriter
	controller *http.ResponseController
}

// NewResponse returns a Response over w, or ErrNoFlush. Nothing has been written then, not even the
// header.
func NewResponse(w http.ResponseWriter) (*Response, error) {
	if !canFlush(w) {
		return nil, ErrNoFlush
	}
	return &Response{w: w, controller: http.NewResponseController(w)}, nil
}

// Write writes p, in parts that each have WriteTimeout.
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
	// Not every middleware lets deadlines through. The host's own timeout then ends the stream, and
	// the viewer resumes.
	_ = r.controller.SetWriteDeadline(time.Time{})
	return nil
}

func (r *Response) setDeadline() {
	_ = r.controller.SetWriteDeadline(time.Now().Add(WriteTimeout))
}

// canFlush reports whether w, or what it wraps, can be flushed. http.ResponseController would say so
// only after the header is gone.
func canFlush(w http.ResponseWriter) bool {
	for {
		switch v := w.(type) {
		case interface{ FlushError() error }, http.Flusher:
			return true
		case interface{ Unwrap() http.ResponseWriter }:
			w = v.Unwrap()
		default:
			return false
		}
	}
}
