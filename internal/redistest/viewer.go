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

// Viewer follows Elva's stream over HTTP as a browser does: when the stream ends it comes back with
// the last id. Its fields may be set until Start.
type Viewer struct {
	URL string // of the stream, with its query
	// Client is what it asks with; nil means a client of its own, without a limit of time.
	Client *http.Client
	// Between is called between two events. A slow viewer sleeps in it. It may be nil.
	Between func()
	// Life is how long a stream is read before the viewer hangs up and comes back; 0 means for ever.
	Life func() time.Duration

	cancel context.CancelFunc
	done   chan struct{}
	id     string // the last event's; of the reading goroutine alone

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
	At      time.Time // arrival by Elva's clock
	Channel string
	Message string
	// Restarts is how many gaps "restart" came before: each announces the whole history of another instance.
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

// Status is what a status event and ?health say.
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

// Start begins to view.
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
			if v.stream(ctx) != nil {
				time.Sleep(10 * time.Millisecond) // a browser waits for the stream's own retry time
			}
		}
	}()
}

// Stop ends the viewing. It may be called more than once.
func (v *Viewer) Stop() {
	v.cancel()
	<-v.done
}

// Seen returns the records so far, in the order of their arrival at the viewer.
func (v *Viewer) Seen() []Seen {
	v.mu.Lock()
	defer v.mu.Unlock()
	return append([]Seen{}, v.seen...)
}

// Gaps returns the gaps so far. One that replaces the last one stands in its place, as on the page.
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

// Streams returns how often it has opened the stream.
func (v *Viewer) Streams() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.streams
}

// Restarts returns how many gaps "restart" it was shown.
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
func (v *Viewer) stream(ctx context.Context) error {
	if v.Life != nil {
		if life := v.Life(); life > 0 {
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
		v.event(name, data)
		if id != "" {
			v.id = id
		}
		if v.Between != nil {
			v.Between()
		}
	})
	return err
}

// event takes one event in.
func (v *Viewer) event(name, data string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	var err error
	switch name {
	case "":
		if data == "" {
			return // an id alone
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

// ReadEvents reads Server-Sent Events (WHATWG HTML, section 9.2.6) until in ends and calls each for
// every block: name is "" for the default event, id "" where the block sets none, and data "" for a
// block that sets only an id. A block that in cuts off is none.
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
