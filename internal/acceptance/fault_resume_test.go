package acceptance_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	elva "github.com/SupermanScott/Elva"
	"github.com/SupermanScott/Elva/internal/redistest"
)

// TestResume_StreamCutAtAnyByte records a stream with batches, a gap, statuses and, with a filter, events that have only an ID. It cuts the
// recording at every byte and resumes with the ID that a browser would then have. Each item must be shown once, before or after the cut.
func TestResume_StreamCutAtAnyByte(t *testing.T) {
	t.Parallel()
	for _, query := range []string{"", "&level=error", "&q=m1"} {
		t.Run("filter"+query, func(t *testing.T) {
			t.Parallel()
			h := newHost(t, elva.Config{}, nil)
			publish := func(from, to int) {
				for i := from; i < to; i++ {
					level := []string{"DEBUG", "INFO", "WARN", "ERROR"}[i%4]
					h.publish(fmt.Sprintf(`{"level":"%s","msg":"m%d","text":"data: x\n\nid: %d\n\n%s"}`, level, i, i, strings.Repeat("ü", i%50)))
				}
			}
			publish(0, 30)
			var raw []byte
			var recording sync.WaitGroup
			published := make(chan struct{})
			recording.Go(func() { raw = h.record("/?events"+query, "", published) })
			waitFor(t, "the viewer", func() bool { return status(t, h.Handler).Viewers == 1 })
			publish(30, 40)
			h.Redis.Close()
			waitFor(t, "the link to be down", func() bool { return status(t, h.Handler).Redis.State != "live" })
			if err := h.Redis.Restart(); err != nil {
				t.Fatal(err)
			}
			waitFor(t, "the link to be live", func() bool { return status(t, h.Handler).Redis.State == "live" })
			publish(40, 80)
			close(published)
			recording.Wait()

			whole, _ := shown(raw)
			if gaps := strings.Count(fmt.Sprint(whole), `"kind":"redis"`); len(whole) < 10 || gaps != 1 {
				t.Fatalf("%d items and %d gaps were recorded", len(whole), gaps)
			}
			// A browser ignores an incomplete block, so all cuts in the same block are equal.
			type state struct {
				items []string
				id    string
			}
			states := make(map[int]state) // by the end of the last whole block
			var ids []string
			for end := 0; end >= 0; end = nextBlock(raw, end) {
				items, id := shown(raw[:end])
				states[end] = state{items, id}
				if !slices.Contains(ids, id) {
					ids = append(ids, id)
				}
			}
			resumed := make([][]string, len(ids)) // the history doesn't change any more
			for i, id := range ids {
				recording.Go(func() { resumed[i], _ = shown(h.record("/?events"+query, id, published)) })
			}
			recording.Wait()
			want := fmt.Sprint(whole)
			for end, before := range states {
				rest := resumed[slices.Index(ids, before.id)]
				if got := fmt.Sprint(slices.Concat(before.items, rest)); got != want {
					t.Errorf("cut after byte %d of %d, id %q: shown %d and then %d, want %d in all", end, len(raw), before.id, len(before.items), len(rest), len(whole))
				}
			}
			t.Logf("cut at %d places in %d blocks; %d items, %d different ids", len(raw)+1, len(states), len(whole), len(ids))
		})
	}
}

// record reads a stream until the third status after everything was published, which comes at least a heartbeat later. id is the Last-Event-ID.
func (h *host) record(query, id string, published <-chan struct{}) []byte {
	request, err := http.NewRequest("GET", h.URL+query, nil)
	if err != nil {
		panic(err)
	}
	if id != "" {
		request.Header.Set("Last-Event-ID", id)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		h.t.Error(err)
		return nil
	}
	defer response.Body.Close()
	var raw bytes.Buffer
	statuses := 0
	in := bufio.NewReaderSize(io.TeeReader(response.Body, &raw), 16)
	_ = redistest.ReadEvents(in, func(name, _, _ string) {
		if name != "status" {
			return
		}
		select {
		case <-published:
			if statuses++; statuses == 3 {
				response.Body.Close()
			}
		default:
		}
	})
	if statuses < 3 {
		h.t.Error("the stream ended early")
	}
	return raw.Bytes()
}

// nextBlock returns where the first block after start ends, or -1.
func nextBlock(raw []byte, start int) int {
	n := bytes.Index(raw[start:], []byte("\n\n"))
	if n < 0 {
		return -1
	}
	return start + n + 2
}

// shown reads a recording like a browser. It returns the records and gaps, and the last event ID.
func shown(raw []byte) (items []string, last string) {
	_ = redistest.ReadEvents(bufio.NewReader(bytes.NewReader(raw)), func(name, id, data string) {
		if id != "" {
			last = id
		}
		switch {
		case name == "gap":
			items = append(items, data)
		case name == "" && data != "":
			var batch []json.RawMessage
			if err := json.Unmarshal([]byte(data), &batch); err != nil {
				items = append(items, err.Error())
			}
			for _, item := range batch {
				items = append(items, string(item))
			}
		}
	})
	return items, last
}
