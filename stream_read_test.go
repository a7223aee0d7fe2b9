package elva_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/SupermanScott/Elva/internal/redistest"
)

// readFor reads a stream for so long, as a browser that comes with an id, and returns the messages, the gaps
// and the last id.
func readFor(t *testing.T, url, id string, d time.Duration) (messages []string, gaps []redistest.Gap, last string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), d)
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
		return nil, nil, ""
	}
	defer response.Body.Close()
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
		}
	})
	return messages, gaps, last
}
