package main

import (
	"encoding/json"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	elva "github.com/SupermanScott/Elva"
	"github.com/redis/go-redis/v9"
)

// slack is a server that takes what Slack takes, and returns where its messages come.
func slack(t *testing.T) (url string, messages <-chan string) {
	got := make(chan string, 10)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var message struct{ Text string }
		if err := json.Unmarshal(body, &message); err != nil || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("the webhook got %q", body)
		}
		got <- message.Text
	}))
	t.Cleanup(server.Close)
	return server.URL, got
}

func TestPost_Message(t *testing.T) {
	url, messages := slack(t)
	post(url, "http://host/logs/")(elva.Summary{
		State: "down", Text: "All of billing: no logs since 14:29:56 (4 min; 2 workers, normally every 3 s).",
		Causes: []elva.Cause{{Kind: "service", Service: "billing", Filter: "logger=billing"}},
	})
	want := "*down*: All of billing: no logs since 14:29:56 (4 min; 2 workers, normally every 3 s). <http://host/logs/?logger=billing|Show the records>"
	if got := <-messages; got != want {
		t.Errorf("message %q, want %q", got, want)
	}
}

// TestPost_LogsNoAddress posts to a webhook that can't be reached. Its address is a secret: anybody who has it can post.
func TestPost_LogsNoAddress(t *testing.T) {
	var logged strings.Builder
	log.SetOutput(&logged)
	defer log.SetOutput(os.Stderr)
	post("http://127.0.0.1:1/services/T0/B0/secret", "http://host/logs/")(elva.Summary{State: "down"})
	if got := logged.String(); !strings.Contains(got, "connection refused") || strings.Contains(got, "secret") {
		t.Errorf("logged %q", got)
	}
}

// TestPost_RedisDown runs the whole of it against a Redis that is not there.
func TestPost_RedisDown(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for the state to hold")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close() // nothing listens there
	rdb := redis.NewClient(&redis.Options{Addr: listener.Addr().String(), MaxRetries: -1})
	defer rdb.Close()
	url, messages := slack(t)
	logs := elva.Config{OnChange: post(url, "http://host/logs/"), Logger: slog.New(slog.DiscardHandler)}.New(rdb, "app:log")
	defer logs.Close()
	select {
	case got := <-messages:
		if !strings.HasPrefix(got, "*down*: ") || !strings.Contains(got, "No connection to Redis") {
			t.Errorf("message %q", got)
		}
	case <-time.After(time.Minute):
		t.Error("no message within a minute")
	}
}
