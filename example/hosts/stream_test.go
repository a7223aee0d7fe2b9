package hosts

import (
	"bufio"
	"compress/flate"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
	"github.com/redis/go-redis/v9"

	"github.com/SupermanScott/Elva/internal/redistest"
)

// channel is what the programs show.
const channel = "my:channel"

// redisServer is a real one, with a client to publish by.
type redisServer struct {
	*redistest.Server
	client *redis.Client
}

func startRedis(t *testing.T) redisServer {
	t.Helper()
	server := redistest.Start(t)
	return redisServer{server, server.Client(func(o *redis.Options) { o.MaxRetries = -1 })} // a retried PUBLISH may arrive twice
}

// publish sends payload once, as soon as somebody listens.
func (s redisServer) publish(t *testing.T, payload string) {
	t.Helper()
	eventually(t, func() string {
		n, err := s.client.Publish(t.Context(), channel, payload).Result()
		if err != nil {
			return "publish: " + err.Error()
		}
		if n == 0 {
			return "nobody listens to " + channel
		}
		return ""
	})
}

// event is one Server-Sent Event. name is "" for the default one, and ID the last that was set.
type event struct {
	name, id, data string
	at             time.Time
}

// stream is an open stream. Its events are read in the background; the channel closes when it ends.
type stream struct {
	t      *testing.T
	Header http.Header
	Proto  int
	events chan event
	err    error // why it ended, once events is closed
	cancel context.CancelFunc
}

// open opens the stream of the page at address and fails the test unless the answer is one. header
// holds names and values in turn.
func open(t *testing.T, client *http.Client, address string, header ...string) *stream {
	t.Helper()
	if !strings.Contains(address, "?") {
		address += "?events"
	}
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	request, err := http.NewRequestWithContext(ctx, "GET", address, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept", "text/event-stream") // as EventSource does
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	watchdog := time.AfterFunc(patience, cancel) // a middleware that buffers sends not even the header
	response, err := client.Do(request)
	watchdog.Stop()
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != 200 || !strings.HasPrefix(response.Header.Get("Content-Type"), "text/event-stream") {
		body, _ := io.ReadAll(response.Body)
		response.Body.Close()
		t.Fatalf("GET %s: %s, %q: %.500s", address, response.Status, response.Header.Get("Content-Type"), body)
	}
	s := &stream{t: t, Header: response.Header, Proto: response.ProtoMajor, events: make(chan event, 10_000), cancel: cancel}
	body, err := decoded(response)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(s.events)
		defer response.Body.Close()
		last := ""
		s.err = redistest.ReadEvents(bufio.NewReader(body), func(name, id, data string) {
			if id != "" {
				last = id
			}
			if data != "" {
				s.events <- event{name, last, data, time.Now()}
			}
		})
	}()
	return s
}

// await returns the next event of that name whose data has text in it.
func (s *stream) await(name, text string) event {
	s.t.Helper()
	deadline := time.After(patience)
	for {
		select {
		case e, ok := <-s.events:
			if !ok {
				s.t.Fatalf("the stream ended before %q: %v", text, s.err)
			}
			if e.name == name && strings.Contains(e.data, text) {
				return e
			}
		case <-deadline:
			s.t.Fatalf("no %q within %v", text, patience)
		}
	}
}

// awaitEnd waits until the stream ends and returns why; io.EOF is a clean end.
func (s *stream) awaitEnd() error {
	s.t.Helper()
	deadline := time.After(patience)
	for {
		select {
		case _, ok := <-s.events:
			if !ok {
				return s.err
			}
		case <-deadline:
			s.t.Fatalf("the stream did not end within %v", patience)
		}
	}
}

// latency publishes one record after another, five times, and returns the shortest way of one to s: a
// busy machine makes some late, a proxy or a middleware that buffers makes all late.
func latency(t *testing.T, server redisServer, s *stream) time.Duration {
	t.Helper()
	var took []time.Duration
	for range 5 {
		published := time.Now()
		text := fmt.Sprintf("timed at %d", published.UnixNano())
		server.publish(t, text)
		took = append(took, s.await("", `"`+text+`"`).at.Sub(published))
	}
	return slices.Min(took)
}

// checkResume ends a stream, publishes, and expects the next one to go on exactly there.
func checkResume(t *testing.T, server redisServer, client *http.Client, address string) {
	t.Helper()
	s := open(t, client, address)
	before := fmt.Sprint("seen at ", time.Now().UnixNano())
	server.publish(t, before)
	last := s.await("", before).id
	s.cancel()
	_ = s.awaitEnd()
	missed := fmt.Sprint("missed at ", time.Now().UnixNano())
	server.publish(t, missed)
	for _, header := range []string{"Last-Event-ID", ""} {
		again := address
		headers := []string{header, last}
		if header == "" {
			again, headers = address+"?events&after="+url.QueryEscape(last), nil
		}
		s := open(t, client, again, headers...)
		if e := s.await("", ""); !strings.Contains(e.data, missed) || strings.Contains(e.data, "seen at") {
			t.Errorf("resumed by %q after %s with %.300s", header, last, e.data)
		}
		s.cancel()
	}
}

// reference is a script, style sheet or icon of the page.
var reference = regexp.MustCompile(`(?:src|href)="([^"]+)"`)

// checkPage asks for the page and, as a browser does, for all it refers to.
func checkPage(t *testing.T, client *http.Client, address string) {
	t.Helper()
	page, at := get(t, client, address)
	references := reference.FindAllStringSubmatch(page, -1)
	if len(references) < 3 {
		t.Fatalf("script, style sheet and icon in %.500s", page)
	}
	for _, match := range references {
		target, err := at.Parse(strings.ReplaceAll(match[1], "&amp;", "&"))
		if err != nil {
			t.Fatal(err)
		}
		if body, _ := get(t, client, target.String()); body == "" || strings.HasPrefix(body, "<!") {
			t.Errorf("%s: not an asset: %.100s", target, body)
		}
	}
}

// get returns the body of a 200, and the address after redirects.
func get(t *testing.T, client *http.Client, address string) (string, *url.URL) {
	t.Helper()
	status, body, at := fetch(t, client, address)
	if status != 200 {
		t.Fatalf("GET %s: %d: %.300s", address, status, body)
	}
	return body, at
}

// fetch returns an answer, whatever its status.
func fetch(t *testing.T, client *http.Client, address string) (int, string, *url.URL) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, "GET", address, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	reader, err := decoded(response)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(reader)
	if err != nil && !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	return response.StatusCode, string(body), response.Request.URL
}

// decoded undoes the Content-Encoding that the client asked for by itself.
func decoded(response *http.Response) (io.Reader, error) {
	switch encoding := response.Header.Get("Content-Encoding"); encoding {
	case "":
		return response.Body, nil
	case "gzip":
		return gzip.NewReader(response.Body)
	case "deflate":
		return flate.NewReader(response.Body), nil
	case "br":
		return brotli.NewReader(response.Body), nil
	case "zstd":
		return zstd.NewReader(response.Body, zstd.WithDecoderConcurrency(1))
	default:
		return nil, fmt.Errorf("Content-Encoding %q", encoding)
	}
}
