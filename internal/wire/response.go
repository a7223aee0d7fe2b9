package wire

import (
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"runtime"
	"time"
)

// WriteTimeout is how long one write may take, and up to half as long again. A client that reads nothing
// for so long is cut off; a viewer resumes with its last id and has lost nothing that the history still
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

var (
	// errNoFlush says that a middleware keeps Elva from streaming.
	errNoFlush = errors.New("this response can't be streamed: a middleware wraps the http.ResponseWriter in one that has neither Flush nor Unwrap " +
		"(http.TimeoutHandler is one): mount Elva outside it")
	// errNotNetHTTP says that a stream would never end: such a writer says nothing when the client leaves.
	errNotNetHTTP = errors.New("this response can't be streamed: it comes from no net/http server, and its http.ResponseWriter takes no write deadline " +
		"(the adaptor of fasthttp, and so of fiber, was one before fasthttp 1.77; its Flush did nothing): serve Elva from an http.Server of its own")
	// errGone says that the client has left.
	errGone = errors.New("the client is gone")
)

// Response is an [http.ResponseWriter] each of whose writes has a deadline, and that fails when the client is gone. It is
// not safe for concurrent use.
type Response struct {
	w          http.ResponseWriter
	controller *http.ResponseController
	deadlines  writeDeadliner // nil where a middleware hides it
	server     *http.Server   // nil when the request comes from no net/http server
	gone       <-chan struct{}
	deadline   time.Time // as it was set last
	wrote      bool      // something that was not flushed yet
}

type writeDeadliner interface{ SetWriteDeadline(time.Time) error }

// NewResponse returns the response to r over w, with the headers that every answer has. Nothing is written yet.
func NewResponse(w http.ResponseWriter, r *http.Request) *Response {
	header := w.Header()
	header.Set("X-Content-Type-Options", "nosniff")
	// Logs are secrets: no other site may embed an answer or keep a handle on its window, and no cache may store one.
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Cache-Control", "no-store")
	out := &Response{w: w, controller: http.NewResponseController(w), deadlines: findDeadlines(w), gone: r.Context().Done()}
	out.server, _ = r.Context().Value(http.ServerContextKey).(*http.Server)
	return out
}

// Header returns the header of the response.
func (r *Response) Header() http.Header { return r.w.Header() }

// WriteHeader writes the header with a status.
func (r *Response) WriteHeader(status int) {
	r.setDeadline()
	r.w.WriteHeader(status)
}

// Write writes p, in parts that each have at least WriteTimeout. After a large part it yields the processor.
func (r *Response) Write(p []byte) (n int, err error) {
	for len(p) > 0 {
		select {
		case <-r.gone:
			return n, errGone
		default:
		}
		r.setDeadline()
		part := p[:min(len(p), maxWrite)]
		m, err := r.w.Write(part)
		n += m
		r.wrote = true
		if err != nil {
			r.wrote = false // nothing more can be
			return n, fmt.Errorf("write response: %w", err)
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
		return fmt.Errorf("flush response: %w", err)
	}
	r.wrote = false
	r.End()
	return nil
}

// End takes the deadline away, the host's own too: one left standing would end what a connection carries
// after the response.
func (r *Response) End() {
	r.deadline = time.Time{}
	if r.deadlines != nil {
		_ = r.deadlines.SetWriteDeadline(r.deadline)
	}
}

// Finish ends an answer that was written as a whole: what is still in a buffer goes out before its deadline does.
func (r *Response) Finish() {
	if r.wrote && canFlush(r.w) {
		_ = r.Flush() // the client is gone, or it will see the end
	}
	r.End()
}

// Refuse answers with an error, which may be a [*Refusal].
func (r *Response) Refuse(err error) {
	status := http.StatusInternalServerError
	if refusal := (*Refusal)(nil); errors.As(err, &refusal) {
		status = refusal.Status
	}
	if status == http.StatusMethodNotAllowed {
		r.Header().Set("Allow", "GET, HEAD")
	}
	http.Error(r, "elva: "+err.Error(), status)
	// It fits into a buffer of net/http's, and a compressing middleware that leaves errors plain may flush compressed bytes behind it.
	r.End()
}

// CanStream returns nil if the response can stay open, else an error that says in words why it can't, for the answer and the log.
func (r *Response) CanStream(method string) error {
	switch {
	case !canFlush(r.w):
		return errNoFlush
	case r.server == nil && r.deadlines == nil && method != http.MethodHead: // HEAD keeps nothing open
		return errNotNetHTTP
	}
	return nil
}

// BeginStream writes the header of a response that stays open.
func (r *Response) BeginStream(request *http.Request, mime string) {
	header := r.Header()
	header.Set("Content-Type", mime)
	header.Set("Cache-Control", "no-store, no-transform")
	header.Set("X-Accel-Buffering", "no") // nginx
	if r.server != nil && request.ProtoMajor == 1 {
		// Not chunked: a batch is one system call instead of three. The end of the stream is the end of
		// the connection, as in HTTP/1.0. net/http takes this for itself and sends no such header.
		header.Set("Transfer-Encoding", "identity")
	}
	r.WriteHeader(http.StatusOK)
}

// HidesDeadlines returns an error that says in words what follows if a middleware keeps the response from setting deadlines.
func (r *Response) HidesDeadlines() error {
	if r.deadlines != nil || r.server == nil {
		return nil
	}
	end := "no server's WriteTimeout is set, so that a viewer that stops reading is never cut off"
	if t := r.server.WriteTimeout; t > 0 {
		end = fmt.Sprintf("each stream ends at the server's WriteTimeout of %v, and the viewer resumes", t)
	}
	return fmt.Errorf("a middleware wraps the http.ResponseWriter in one without Unwrap, which hides its write deadlines: %s; mount Elva outside it", end)
}

// setDeadline gives the next write at least WriteTimeout, and takes the place of the host's own
// WriteTimeout, which would end every stream.
func (r *Response) setDeadline() {
	now := time.Now()
	if r.deadlines != nil && r.deadline.Sub(now) < WriteTimeout {
		r.deadline = now.Add(WriteTimeout + renewAfter)
		_ = r.deadlines.SetWriteDeadline(r.deadline)
	}
}

// findDeadlines returns what sets the write deadline of w's connection, or nil. http.ResponseController finds it only through Unwrap,
// which many compressing middlewares don't have (gin-contrib/gzip, NYTimes/gziphandler, CAFxX/httpcompression); they embed the
// writer that they wrap.
func findDeadlines(w http.ResponseWriter) writeDeadliner {
	for w != nil {
		if d, ok := w.(writeDeadliner); ok {
			return d
		}
		if wrapper, ok := w.(interface{ Unwrap() http.ResponseWriter }); ok {
			w = wrapper.Unwrap()
			continue
		}
		v := reflect.Indirect(reflect.ValueOf(w))
		if v.Kind() != reflect.Struct {
			return nil
		}
		field, ok := v.Type().FieldByName("ResponseWriter") // also of a struct that is itself embedded
		if !ok {
			return nil
		}
		embedded, err := v.FieldByIndexErr(field.Index)
		if err != nil || !embedded.CanInterface() {
			return nil
		}
		w, _ = embedded.Interface().(http.ResponseWriter)
	}
	return nil
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
