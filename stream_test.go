package elva

import (
	"context"
	"log/slog"
	"net"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/SupermanScott/Elva/internal/history"
	"github.com/SupermanScott/Elva/internal/record"
)

// TestStream_SearchTimeIsUpAtTheStart has the search for the newest records wait for its turn until its time is up, while the view of another
// viewer with the same filter has matched every record. Then nothing is left to match, and the stream must end nevertheless.
func TestStream_SearchTimeIsUpAtTheStart(t *testing.T) {
	for request, want := range map[string]string{
		"/?tail&q=absent":          "--- stopped at record 0: the search was ended after 5s\n",
		"/?events&last=5&q=absent": ": the search was ended after 5s; resume with the last id\n\n",
	} {
		t.Run(request, func(t *testing.T) { synctest.Test(t, func(t *testing.T) { testSearchTimeIsUp(t, request, want) }) })
	}
}

func testSearchTimeIsUp(t *testing.T, request, want string) {
	client := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1", Dialer: func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}})
	defer client.Close()
	h := Config{Logger: slog.New(slog.DiscardHandler)}.New(client, "app")
	defer h.Close()
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	open := func() (ended chan string) {
		ended = make(chan string, 1)
		go func() {
			w := streamed{httptest.NewRecorder()}
			h.ServeHTTP(w, httptest.NewRequestWithContext(ctx, "GET", request, nil))
			ended <- w.Body.String()
		}()
		return ended
	}
	other := open()
	synctest.Wait()
	for range 10 {
		h.history.Append(time.Now(), history.Source{Channel: "app"}, "", &record.Record{Message: "present"})
	}
	time.Sleep(flushEvery) // now the view has matched all of them
	synctest.Wait()

	for range runtime.GOMAXPROCS(0) + 2 { // at least as many as there are turns
		go func() {
			h.history.BeginTurn()
			time.Sleep(6 * time.Second)
			h.history.EndTurn()
		}()
	}
	synctest.Wait()
	ended := open()
	select {
	case body := <-ended:
		if !strings.HasSuffix(body, want) {
			t.Errorf("the stream ends with %q, want %q", body[max(0, len(body)-200):], want)
		}
	case <-time.After(5 * time.Minute):
		t.Error("the stream goes on, although its search has ended")
	}
	select {
	case body := <-other:
		t.Errorf("the other viewer's stream has ended: …%q", body[max(0, len(body)-200):])
	default:
	}
}

// streamed is a response that takes write deadlines, as those of net/http do.
type streamed struct{ *httptest.ResponseRecorder }

func (streamed) SetWriteDeadline(time.Time) error { return nil }
