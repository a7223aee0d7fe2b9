package wire

import (
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/SupermanScott/Elva/internal/history"
)

// TestExplorer_ManyRequests sends requests while as many as are allowed are counting, and while as many as are allowed have not ended.
func TestExplorer_ManyRequests(t *testing.T) { synctest.Test(t, testManyRequests) }

func testManyRequests(t *testing.T) {
	h := history.New(100, 1<<20, time.Millisecond)
	defer h.Close()
	e := NewExplorer()
	serve := func() *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", "/?patterns", nil)
		w := httptest.NewRecorder()
		request, err := Accept(r)
		if err != nil {
			t.Fatal(err)
		}
		e.Serve(NewResponse(w, r), r, h, nil, &request)
		return w
	}
	if w := serve(); w.Code != 200 || len(e.counting) != 0 || e.all.Load() != 0 {
		t.Errorf("status %d, %d count, %d in all", w.Code, len(e.counting), e.all.Load())
	}

	for range maxCounting {
		e.counting <- struct{}{}
	}
	began := time.Now()
	if w := serve(); w.Code != 503 || time.Since(began) != searchTime {
		t.Errorf("while others count: status %d after %v", w.Code, time.Since(began))
	}
	gone := make(chan struct{})
	close(gone)
	if _, err := e.count(h, &Search{gone: gone}, &Request{Kind: Patterns}); err != errGone {
		t.Errorf("after the client is gone: %v", err)
	}
	for range maxCounting {
		<-e.counting
	}

	e.all.Store(maxExploring)
	if w := serve(); w.Code != 503 || e.all.Load() != maxExploring {
		t.Errorf("status %d, %d in all", w.Code, e.all.Load())
	}
}
