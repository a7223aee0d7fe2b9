package wire_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/SupermanScott/Elva/internal/health"
	"github.com/SupermanScott/Elva/internal/record"
	"github.com/SupermanScott/Elva/internal/status"
	"github.com/SupermanScott/Elva/internal/wire"
)

var epoch = time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC)

func live() *status.Document {
	return &status.Document{Redis: status.Link{State: status.Live, Since: epoch, LastRecord: epoch, Sources: []status.Source{{Name: "app", Records: 1}}}}
}

func TestServePrometheus_Metrics(t *testing.T) {
	h := health.New(epoch)
	h.Observe(epoch, "a\"b\\c\nd", &record.Record{Level: record.Error}, 1)
	h.Observe(epoch, "app", &record.Record{}, 1)
	d := live()
	d.Build = "abc"
	h.Fill(d, epoch.Add(10*time.Second))
	w := httptest.NewRecorder()
	wire.ServePrometheus(w, d, h.Records())
	for _, want := range []string{
		"# TYPE elva_records_total counter\n",
		`elva_records_total{channel="a\"b\\c\nd",level="error"} 1` + "\n",
		`elva_records_total{channel="app",level="none"} 1` + "\n",
		"elva_redis_up 1\n", "elva_workers 2\n", "elva_workers_quiet 0\n", "elva_error_groups 1\n", "elva_gaps_total 0\n", "elva_viewer_dropped_records_total 0\n",
		`elva_health_state{state="ok"} 0` + "\n", `elva_health_state{state="unknown"} 1` + "\n", "elva_start_time_seconds 1.7954136e+09\n", `elva_build_info{build="abc"} 1` + "\n",
	} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("no %q in\n%s", want, w.Body)
		}
	}
	for line := range strings.Lines(w.Body.String()) {
		if line != "# HELP" && !strings.HasPrefix(line, "# ") && !strings.HasPrefix(line, "elva_") {
			t.Errorf("line %q", line)
		}
	}
}

// blockedWriter is a client that does not read.
type blockedWriter struct {
	header            http.Header
	writing, released chan struct{}
}

func (w *blockedWriter) Header() http.Header { return w.header }
func (w *blockedWriter) WriteHeader(int)     {}
func (w *blockedWriter) Write(b []byte) (int, error) {
	close(w.writing)
	<-w.released
	return len(b), nil
}

// TestServe_ClientThatDoesNotRead answers a client that blocks, and observes a record meanwhile.
func TestServe_ClientThatDoesNotRead(t *testing.T) {
	for name, serve := range map[string]func(w http.ResponseWriter, h *health.Health, d *status.Document){
		"prometheus": func(w http.ResponseWriter, h *health.Health, d *status.Document) {
			wire.ServePrometheus(w, d, h.Records())
		},
		"health":   func(w http.ResponseWriter, _ *health.Health, d *status.Document) { wire.ServeHealth(w, d) },
		"document": func(w http.ResponseWriter, _ *health.Health, d *status.Document) { wire.ServeDocument(w, d) },
	} {
		t.Run(name, func(t *testing.T) {
			h := health.New(epoch)
			for i := range 100 {
				h.Observe(epoch, strings.Repeat("x", i), &record.Record{}, 1)
			}
			d := live()
			h.FillAll(d, epoch)
			w := &blockedWriter{header: http.Header{}, writing: make(chan struct{}), released: make(chan struct{})}
			served := make(chan struct{})
			go func() {
				defer close(served)
				serve(w, h, d)
			}()
			<-w.writing
			observed := make(chan struct{})
			go func() {
				defer close(observed)
				h.Observe(epoch, "app", &record.Record{}, 1)
			}()
			select {
			case <-observed:
			case <-time.After(10 * time.Second):
				t.Error("a client that does not read stops ingest")
			}
			close(w.released)
			<-served
			<-observed
		})
	}
}
