package wire

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/SupermanScott/Elva/internal/status"
)

// ServePrometheus answers with the main figures in the Prometheus text format, version 0.0.4
// (prometheus.io/docs/instrumenting/exposition_formats). records counts by channel. The status is always 200: the
// scraper wants the figures in trouble more than ever.
func ServePrometheus(w http.ResponseWriter, d *status.Document, records []status.ChannelRecords) {
	var b bytes.Buffer
	metric := func(name, kind, help string, value any) {
		fmt.Fprintf(&b, "# HELP elva_%s %s\n# TYPE elva_%s %s\n", name, help, name, kind)
		if value != nil {
			fmt.Fprintf(&b, "elva_%s %v\n", name, value)
		}
	}
	metric("records_total", "counter", "Records received, by channel and level.", nil)
	writeRecords(&b, records)
	metric("redis_up", "gauge", "1 while every subscription is confirmed.", flag(d.Redis.State == status.Live))
	metric("last_record_timestamp_seconds", "gauge", "When the last record arrived.", unix(d.Redis.LastRecord))
	metric("workers", "gauge", "Workers on the roster.", d.Summary.Workers)
	metric("workers_silent", "gauge", "Workers that are silent for longer than their rhythm allows.", d.Summary.Silent)
	metric("error_kinds", "gauge", "Kinds of errors known.", d.Summary.Kinds)
	metric("error_kinds_new", "gauge", "Kinds of errors first seen in the last ten minutes.", d.Summary.NewKinds)
	metric("errors_last_minute", "gauge", "Errors and worse in the last minute.", d.Errors.LastMinute)
	metric("health", "gauge", "The verdict: 0 ok, 1 attention, 2 trouble, -1 unknown.", slices.Index([]string{status.OK, status.Attention, status.Trouble}, d.Health.State))
	metric("gaps_total", "counter", "Stretches in which records may have been lost.", d.Gaps)
	metric("lost_total", "counter", "Records that slow viewers were told they missed.", d.Lost)
	metric("viewers", "gauge", "Open streams.", d.Viewers)
	metric("history_records", "gauge", "Records and gaps in the history.", d.History.Records)
	metric("history_bytes", "gauge", "Memory that the history takes.", d.History.Bytes)
	metric("uptime_seconds", "gauge", "Since the handler was made.", time.Duration(d.Uptime*float64(time.Second)).Seconds())
	setHeader(w, "text/plain; version=0.0.4; charset=utf-8")
	_, _ = w.Write(b.Bytes()) // an error means that the client is gone
}

func writeRecords(b *bytes.Buffer, records []status.ChannelRecords) {
	for _, c := range records {
		for _, l := range c.Levels {
			fmt.Fprintf(b, "elva_records_total{channel=\"%s\",level=\"%s\"} %d\n", label(c.Channel), l.Level, l.Records)
		}
	}
}

// label escapes a label's value as the format asks.
func label(s string) string {
	return strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`).Replace(strings.ToValidUTF8(s, "\uFFFD"))
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

// unix returns a time in seconds since 1970, 0 for none.
func unix(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixMicro()) / 1e6
}
