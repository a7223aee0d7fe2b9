package wire

import (
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"runtime"
	"time"
)

// WriteTimeout is the time that each write has at least. The deadline may be up to renewAfter later. A client that reads nothing
// for that long is disconnected. A viewer then resumes with its last ID and loses nothing that is still in the history.
const WriteTimeout = 10 * time.Second

// renewAfter is how long a deadline is reused before it is renewed. Setting one costs a lock and a timer, and for a viewer
// that catches up there are thousands of writes between two flushes.
const renewAfter = 5 * time.Second

// maxWrite is the most that is written under one deadline: a block of the history and its frame. With it, a line of 53
// kbit/s is fast enough.
const maxWrite = 65 << 10

// largeWrite is the size above which a write yields to other goroutines. In a storm of records all viewers write without
// a pause, each for as long as the scheduler allows, which is 10 ms. With 50 of them the one goroutine that receives
// would run only twice a second, and Redis would close its connection.
const largeWrite = 4 << 10

var (
	// errNoFlush means that a middleware prevents streaming.
	errNoFlush = errors.New("this response can't be streamed: a middleware wraps the http.ResponseWriter in one that has neither Flush nor Unwrap " +
		"(http.TimeoutHandler is one): mount Elva outside it")
	// errNotNetHTTP means that a stream might never end, since nothing would report that the client has left.
	errNotNetHTTP = errors.New("this response can't be streamed: the server is not net/http's, and its http.ResponseWriter takes no write deadline " +
		"(as in the adaptor of fasthttp before 1.77, which fiber asks for): go get github.com/valyala/fasthttp, or serve Elva from an http.Server of its own")
	// errGone means that the client has left.
	errGone = errors.New("the client is gone")
)

// Response is an [http.ResponseWriter] that sets a deadline for every write. Writes fail when the client is gone. It is not safe for
// concurrent use.
type Response struct {
	w          http.ResponseWriter
	controller *http.ResponseController
	deadlines  writeDeadliner // nil if a middleware hides it
	server     *http.Server   // nil if the server is not net/http's
	gone       <-chan struct{}
	deadline   time.Time // the current one
	wrote      bool      // whether there was a write since the last flush
}

type writeDeadliner interface{ SetWriteDeadline(time.Time) error }

// NewResponse returns the response to r. It sets the headers that all answers share, and writes nothing.
func NewResponse(w http.ResponseWriter, r *http.Request) *Response {
	header := w.Header()
	header.Set("X-Content-Type-Options", "nosniff")
	// Logs are secrets: no other site may embed an answer or keep a reference to its window, and no cache may store it.
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

// Write writes p in parts, each with a deadline of at least WriteTimeout. After a large part it yields the processor.
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
			r.wrote = false // a flush would fail, too
			return n, fmt.Errorf("write response: %w", err)
		}
		p = p[len(part):]
		if len(part) > largeWrite {
			runtime.Gosched()
		}
	}
	return n, nil
}

// Flush sends what was written and removes the deadline. With it, or with the one of the host's own WriteTimeout, a stream would end
// just because it is quiet.
func (r *Response) Flush() error {
	r.setDeadline()
	if err := r.controller.Flush(); err != nil {
		return fmt.Errorf("flush response: %w", err)
	}
	r.wrote = false
	r.End()
	return nil
}

// End removes the deadline, which would otherwise apply to later responses on the same connection.
func (r *Response) End() {
	r.deadline = time.Time{}
	if r.deadlines != nil {
		_ = r.deadlines.SetWriteDeadline(r.deadline)
	}
}

// Finish ends an answer: it flushes the buffers, with a deadline.
func (r *Response) Finish() {
	if r.wrote && canFlush(r.w) {
		_ = r.Flush() // an error means that the client is gone
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
	// There is no flush, since gin-contrib/gzip leaves errors uncompressed, but its Flush would append compressed bytes. The text fits
	// into a buffer of net/http.
	r.End()
}

// CanStream returns nil if the response can stay open, else an error that explains why not. The error is fit for the answer and the
// log.
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
		// The response is not chunked, so that a batch is one system call instead of three. The stream ends with the
		// connection, as in HTTP/1.0. net/http interprets this header and does not send it.
		header.Set("Transfer-Encoding", "identity")
	}
	r.WriteHeader(http.StatusOK)
}

// HidesDeadlines returns an error if a middleware prevents the response from setting deadlines, else nil. The error explains the
// consequence.
func (r *Response) HidesDeadlines() error {
	if r.deadlines != nil || r.server == nil {
		return nil
	}
	end := "a viewer that stops reading is never disconnected, since the server has no WriteTimeout"
	if t := r.server.WriteTimeout; t > 0 {
		end = fmt.Sprintf("each stream ends at the server's WriteTimeout of %v, and the viewer resumes", t)
	}
	return fmt.Errorf("a middleware wraps the http.ResponseWriter in one without Unwrap and hides the write deadlines: %s; mount Elva outside it", end)
}

// setDeadline ensures that the next write has at least WriteTimeout. It replaces the deadline of the host's own WriteTimeout, which
// would end every stream.
func (r *Response) setDeadline() {
	now := time.Now()
	if r.deadlines != nil && r.deadline.Sub(now) < WriteTimeout {
		r.deadline = now.Add(WriteTimeout + renewAfter)
		_ = r.deadlines.SetWriteDeadline(r.deadline)
	}
}

// findDeadlines returns w or the writer wrapped by it that can set write deadlines, or nil. http.ResponseController finds it through
// Unwrap only. Several compressing middlewares lack that method (gin-contrib/gzip, NYTimes/gziphandler, CAFxX/httpcompression), but they
// embed the writer that they wrap.
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
		field, ok := v.Type().FieldByName("ResponseWriter") // finds it in an embedded struct, too
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

// canFlush reports whether the innermost writer in w can be flushed. A wrapper's own Flush proves nothing: it may
// exist whatever the wrapper wraps, and echo's panics if the wrapped writer can't be flushed. http.ResponseController
// would report this only after the header is sent.
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
