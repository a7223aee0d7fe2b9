package health

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/SupermanScott/Elva/internal/printable"
	"github.com/SupermanScott/Elva/internal/record"
)

// ServePrometheus answers with the main figures in the Prometheus text format, version 0.0.4
// (prometheus.io/docs/instrumenting/exposition_formats). The status is always 200: the scraper wants
// the figures in trouble more than ever.
func (h *Health) ServePrometheus(w http.ResponseWriter, d Document) {
	var text bytes.Buffer // a client that doesn't read must not hold the lock
	metric := func(name, kind, help string, value any) {
		fmt.Fprintf(&text, "# HELP elva_%s %s\n# TYPE elva_%s %s\n", name, help, name, kind)
		if value != nil {
			fmt.Fprintf(&text, "elva_%s %v\n", name, value)
		}
	}
	metric("records_total", "counter", "Records received, by channel and level.", nil)
	h.writeRecords(&text)
	metric("redis_up", "gauge", "1 while every subscription is confirmed.", flag(d.Redis.State == Live))
	metric("last_record_timestamp_seconds", "gauge", "When the last record arrived.", seconds(d.Redis.LastRecord))
	metric("workers", "gauge", "Workers on the roster.", d.Summary.Workers)
	metric("workers_silent", "gauge", "Workers that are silent for longer than their rhythm allows.", d.Summary.Silent)
	metric("error_kinds", "gauge", "Kinds of errors known.", d.Summary.Kinds)
	metric("error_kinds_new", "gauge", "Kinds of errors first seen in the last ten minutes.", d.Summary.NewKinds)
	metric("errors_last_minute", "gauge", "Errors and worse in the last minute.", d.Errors.LastMinute)
	metric("health", "gauge", "The verdict: 0 ok, 1 attention, 2 trouble, -1 unknown.", slices.Index([]string{OK, Attention, Trouble}, d.Health.State))
	metric("gaps_total", "counter", "Stretches in which records may have been lost.", d.Gaps)
	metric("redis_connections_lost_total", "counter", "Connections to Redis that served and were lost.", d.Connections)
	metric("lost_total", "counter", "Records that slow viewers were told they missed.", d.Lost)
	metric("viewers", "gauge", "Open streams.", d.Viewers)
	metric("history_records", "gauge", "Records and gaps in the history.", d.History.Records)
	metric("history_bytes", "gauge", "Memory that the history takes.", d.History.Bytes)
	metric("uptime_seconds", "gauge", "Since the handler was made.", time.Duration(d.Uptime*float64(time.Second)).Seconds())
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	_, _ = w.Write(text.Bytes())
}

func (h *Health) writeRecords(w io.Writer) {
	h.mu.Lock()
	defer h.mu.Unlock()
	names := make([]string, 0, len(h.channels))
	for name := range h.channels {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for l, n := range h.channels[name] {
			if n > 0 {
				fmt.Fprintf(w, "elva_records_total{channel=\"%s\",level=\"%s\"} %d\n", label(name), levelName(record.Level(l)), n)
			}
		}
	}
}

// label escapes a label's value as the format asks.
func label(s string) string {
	return strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`).Replace(printable.Text(strings.ToValidUTF8(s, "\uFFFD")))
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}
