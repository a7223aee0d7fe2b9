package wire

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
)

// writer is a ResponseWriter and nothing more.
type writer struct{ http.ResponseWriter }

// unwrapping is one that shows what it wraps.
type unwrapping struct{ http.ResponseWriter }

func (u unwrapping) Unwrap() http.ResponseWriter { return u.ResponseWriter }

// flushing is one that shows what it wraps and has a Flush, whatever that is.
type flushing struct{ unwrapping }

func (flushing) Flush() {}

func TestAResponseMustBeFlushedByTheWriterThatReachesTheConnection(t *testing.T) {
	real := httptest.NewRecorder()
	for _, c := range []struct {
		name string
		w    http.ResponseWriter
		want error
	}{
		{"the server's own", real, nil},
		{"hidden", writer{real}, ErrNoFlush},
		{"shown", unwrapping{real}, nil},
		{"shown, with a Flush before it", flushing{unwrapping{real}}, nil},
		{"hidden below one that shows", unwrapping{writer{real}}, ErrNoFlush},
		{"hidden below a Flush", flushing{unwrapping{writer{real}}}, ErrNoFlush},
		{"a Flush that shows nothing", struct {
			writer
			http.Flusher
		}{writer{real}, real}, nil},
	} {
		if _, err := NewResponse(c.w); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}
