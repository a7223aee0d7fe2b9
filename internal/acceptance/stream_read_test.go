package acceptance_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/SupermanScott/Elva/internal/redistest"
)

// more is how long a stream is read after the expected messages, to notice unexpected ones.
const more = 200 * time.Millisecond

// read reads a stream like a browser with an event ID, until so many messages have arrived, and then a little longer. It returns the messages, the
// gaps and the last ID.
func read(t *testing.T, url, id string, want int) (messages []string, gaps []redistest.Gap, last string) {
	t.Helper()
	return readTo(t, url, id, func(messages []string) bool { return want > 0 && len(messages) >= want })
}

// readTo is read with another end: when done returns true for the messages so far.
func readTo(t *testing.T, url, id string, done func(messages []string) bool) (messages []string, gaps []redistest.Gap, last string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, "GET", url+"/?events", nil)
	if err != nil {
		t.Fatal(err)
	}
	if id != "" {
		request.Header.Set("Last-Event-ID", id)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	ending := false
	_ = redistest.ReadEvents(bufio.NewReader(response.Body), func(name, id, data string) {
		if id != "" {
			last = id
		}
		switch {
		case name == "gap":
			var g redistest.Gap
			if err := json.Unmarshal([]byte(data), &g); err != nil {
				t.Error(err)
			}
			gaps = append(gaps, g)
		case name == "" && data != "":
			var batch []redistest.Seen
			if err := json.Unmarshal([]byte(data), &batch); err != nil {
				t.Error(err)
			}
			for _, s := range batch {
				messages = append(messages, s.Message)
			}
			if !ending && done(messages) {
				ending = true
				time.AfterFunc(more, cancel)
			}
		}
	})
	return messages, gaps, last
}
