package wire

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// writer is a ResponseWriter without further methods.
type writer struct{ http.ResponseWriter }

// unwrapping is a writer with Unwrap.
type unwrapping struct{ http.ResponseWriter }

func (u unwrapping) Unwrap() http.ResponseWriter { return u.ResponseWriter }

// flushing is a writer with Unwrap and Flush, whatever it wraps.
type flushing struct{ unwrapping }

func (flushing) Flush() {}

func TestCanStream_OnlyIfTheWriterThatReachesTheConnectionFlushes(t *testing.T) {
	real, served := httptest.NewRecorder(), fromServer(&http.Server{})
	for _, c := range []struct {
		name string
		w    http.ResponseWriter
		want error
	}{
		{"the server's own", real, nil},
		{"hidden", writer{real}, errNoFlush},
		{"shown", unwrapping{real}, nil},
		{"shown, with a Flush before it", flushing{unwrapping{real}}, nil},
		{"hidden below one that shows", unwrapping{writer{real}}, errNoFlush},
		{"hidden below a Flush", flushing{unwrapping{writer{real}}}, errNoFlush},
		{"a Flush that shows nothing", struct {
			writer
			http.Flusher
		}{writer{real}, real}, nil},
	} {
		if err := NewResponse(c.w, served).CanStream("GET"); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

// fromServer returns a request as net/http passes it to a handler.
func fromServer(server *http.Server) *http.Request {
	r := httptest.NewRequest("GET", "/?events", nil)
	return r.WithContext(context.WithValue(r.Context(), http.ServerContextKey, server))
}

// withDeadline is a writer that accepts write deadlines, as net/http's does.
type withDeadline struct{ *httptest.ResponseRecorder }

func (withDeadline) SetWriteDeadline(time.Time) error { return nil }

func TestCanStream_WithoutAnHTTPServer(t *testing.T) {
	real := httptest.NewRecorder()
	request := httptest.NewRequest("GET", "/?events", nil)
	for _, c := range []struct {
		name, method string
		w            http.ResponseWriter
		want         error
	}{
		{"nothing would end the stream", "GET", real, errNotNetHTTP},
		{"HEAD keeps nothing open", "HEAD", real, nil},
		{"another server that takes deadlines", "GET", withDeadline{real}, nil},
	} {
		if err := NewResponse(c.w, request).CanStream(c.method); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

// deeper is a writer that embeds another writer two levels deep.
type deeper struct{ *writer }

// hiding is a writer that wraps another in an unexported field.
type hiding struct {
	w http.ResponseWriter
	http.Flusher
}

func (h hiding) Header() http.Header         { return h.w.Header() }
func (h hiding) Write(p []byte) (int, error) { return h.w.Write(p) }
func (h hiding) WriteHeader(status int)      { h.w.WriteHeader(status) }

func TestHidesDeadlines(t *testing.T) {
	real := withDeadline{httptest.NewRecorder()}
	timeout := &http.Server{WriteTimeout: time.Minute}
	for _, c := range []struct {
		name   string
		w      http.ResponseWriter
		server *http.Server
		want   string
	}{
		{"the server's own", real, timeout, ""},
		{"one that unwraps", unwrapping{real}, timeout, ""},
		{"one that embeds", writer{real}, timeout, ""},
		{"a pointer to one that embeds one that unwraps", &writer{unwrapping{real}}, timeout, ""},
		{"one that embeds one that embeds", deeper{&writer{real}}, timeout, ""},
		{"one that hides it", hiding{real, real}, timeout, "each stream ends at the server's WriteTimeout of 1m0s"},
		{"one that hides it, no timeout", hiding{real, real}, &http.Server{}, "never disconnected"},
	} {
		err := NewResponse(c.w, fromServer(c.server)).HidesDeadlines()
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}
