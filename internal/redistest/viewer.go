package redistest

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/SupermanScott/Elva/internal/gap"
)

// Viewer reads Elva's stream over HTTP like a browser: when the stream ends, it requests it again with the last event ID.
// The exported fields may be set before Start.
type Viewer struct {
	URL string // of the stream, with its query
	// Client is the HTTP client; nil for a new one without a timeout.
	Client *http.Client
	// OnEvent is called after each event. A slow viewer sleeps in it. It may be nil.
	OnEvent func()
	// Lifetime returns how long a stream is read before the viewer closes it and requests it again; 0 means no limit. It may
	// be nil.
	Lifetime func() time.Duration

	cancel context.CancelFunc
	done   chan struct{}
	id     string // the last event ID; used only by the reading goroutine

	mu       sync.Mutex
	seen     []Seen
	gaps     []Gap
	restarts int
	status   Status
	streams  int
	problems []string
}

// Seen is one record that a viewer was shown.
type Seen struct {
	Seq     uint64
	At      time.Time // arrival, by Elva's clock
	Channel string
	Message string
	// Restarts is the number of gaps "restart" before it. Each is followed by the history of another instance.
	Restarts int `json:"-"`
}

// Gap is one gap that a viewer was shown.
type Gap struct {
	Seq                  uint64
	Kind                 gap.Kind
	Lost                 uint64
	Connections          int
	Replaces             uint64
	From, To, LastRecord time.Time
	Reason               string
}

// Status is a part of the status document.
type Status struct {
	At    time.Time
	Epoch string
	Redis struct {
		State, Text        string
		Since              time.Time
		LastInput, NextTry time.Time
		Sources            []Source
	}
	Health  struct{ State, Text string }
	Viewers int
	History struct {
		Records, Bytes int
		LastSeq        uint64
	}
	Gaps, Lost uint64
}

// Source is one source in a [Status].
type Source struct {
	Name, Kind, Denied string
	Confirmed          time.Time
	Records            uint64
}

// Start begins to read the stream.
func (v *Viewer) Start() {
	ctx, cancel := context.WithCancel(context.Background())
	v.cancel, v.done = cancel, make(chan struct{})
	if v.Client == nil {
		v.Client = &http.Client{Transport: &http.Transport{}}
	}
	go func() {
		defer close(v.done)
		defer v.Client.CloseIdleConnections()
		for ctx.Err() == nil {
			if v.readStream(ctx) != nil {
				time.Sleep(10 * time.Millisecond) // a browser waits for the stream's own retry time
			}
		}
	}()
}

// Stop ends reading. It may be called more than once.
func (v *Viewer) Stop() {
	v.cancel()
	<-v.done
}

// Seen returns the records that were received so far, in their order.
func (v *Viewer) Seen() []Seen {
	v.mu.Lock()
	defer v.mu.Unlock()
	return append([]Seen{}, v.seen...)
}

// Gaps returns the gaps that were received so far. As on the page, a gap may replace the last one.
func (v *Viewer) Gaps() []Gap {
	v.mu.Lock()
	defer v.mu.Unlock()
	return append([]Gap{}, v.gaps...)
}

// Status returns the last status event.
func (v *Viewer) Status() Status {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.status
}

// Streams returns how often the viewer opened the stream.
func (v *Viewer) Streams() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.streams
}

// Restarts returns how many gaps "restart" the viewer received.
func (v *Viewer) Restarts() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.restarts
}

// Has reports whether the viewer has seen the record.
func (v *Viewer) Has(p Published) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	message := p.Publisher + "#" + strconv.Itoa(p.N)
	for i := len(v.seen) - 1; i >= 0; i-- {
		if v.seen[i].Message == message {
			return true
		}
	}
	return false
}

// stream reads one stream to its end.
func (v *Viewer) readStream(ctx context.Context) error {
	if v.Lifetime != nil {
		if life := v.Lifetime(); life > 0 {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, life)
			defer cancel()
		}
	}
	request, err := http.NewRequestWithContext(ctx, "GET", v.URL, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Accept", "text/event-stream")
	if v.id != "" {
		request.Header.Set("Last-Event-ID", v.id)
	}
	response, err := v.Client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != 200 {
		return fmt.Errorf("status %d", response.StatusCode)
	}
	v.mu.Lock()
	v.streams++
	v.mu.Unlock()
	err = ReadEvents(bufio.NewReaderSize(response.Body, 64<<10), func(name, id, data string) {
		v.handleEvent(name, data)
		if id != "" {
			v.id = id
		}
		if v.OnEvent != nil {
			v.OnEvent()
		}
	})
	return err
}

// handleEvent notes the content of an event.
func (v *Viewer) handleEvent(name, data string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	var err error
	switch name {
	case "":
		if data == "" {
			return // the event has only an ID
		}
		var batch []Seen
		err = json.Unmarshal([]byte(data), &batch)
		for i := range batch {
			batch[i].Restarts = v.restarts
		}
		v.seen = append(v.seen, batch...)
	case "gap":
		var gap Gap
		err = json.Unmarshal([]byte(data), &gap)
		if gap.isRestart() {
			v.restarts++
		}
		if n := len(v.gaps); n > 0 && gap.Replaces > 0 && v.gaps[n-1].Seq == gap.Replaces {
			v.gaps[n-1] = gap
		} else {
			v.gaps = append(v.gaps, gap)
		}
	case "status":
		var status Status
		err = json.Unmarshal([]byte(data), &status)
		v.status = status
	default:
		err = fmt.Errorf("unknown event %q", name)
	}
	if err != nil {
		v.problems = append(v.problems, fmt.Sprintf("%v in event %q: %.200s", err, name, data))
	}
}

// ReadEvents reads server-sent events (WHATWG HTML, section 9.2.6) until in ends, and calls each for every complete block.
// name is "" for the default event, id is "" if the block sets none, and data is "" if the block sets only an ID.
func ReadEvents(in *bufio.Reader, each func(name, id, data string)) error {
	var name, id string
	var data []string
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return err
		}
		line = strings.TrimSuffix(line, "\n")
		if line == "" {
			if id != "" || data != nil {
				each(name, id, strings.Join(data, "\n"))
			}
			name, id, data = "", "", nil
			continue
		}
		field, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch field {
		case "event":
			name = value
		case "data":
			data = append(data, value)
		case "id":
			id = value
		}
	}
}
