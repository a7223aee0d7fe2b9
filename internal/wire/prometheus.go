package wire

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/SupermanScott/Elva/internal/printable"
	"github.com/SupermanScott/Elva/internal/status"
)

// ServePrometheus answers with the main figures in the Prometheus text format, version 0.0.4
// (prometheus.io/docs/instrumenting/exposition_formats). records has the counts by channel. The status code is always 200: a
// scraper needs the figures most when something is wrong.
func ServePrometheus(w http.ResponseWriter, d *status.Document, records []status.ChannelRecords) {
	var b bytes.Buffer
	head := func(name, kind, help string) {
		fmt.Fprintf(&b, "# HELP elva_%s %s\n# TYPE elva_%s %s\n", name, help, name, kind)
	}
	metric := func(name, kind, help string, value any) {
		head(name, kind, help)
		fmt.Fprintf(&b, "elva_%s %v\n", name, value)
	}
	head("records_total", "counter", "Records received, by channel and level.")
	writeRecords(&b, records)
	head("health_state", "gauge", "1 for the state of what is logged, 0 for the others.")
	for _, state := range []string{status.OK, status.Degraded, status.Down, status.Unknown} {
		fmt.Fprintf(&b, "elva_health_state{state=\"%s\"} %d\n", state, flag(d.Health.State == state))
	}
	metric("redis_up", "gauge", "1 while every subscription is confirmed.", flag(d.Redis.State == status.Live))
	metric("last_record_timestamp_seconds", "gauge", "When the last record arrived.", unix(d.Redis.LastRecord))
	metric("workers", "gauge", "Workers that are active or quiet.", d.Totals.Workers)
	metric("workers_quiet", "gauge", "Workers that have been quiet for longer than expected.", d.Totals.Quiet)
	metric("error_groups", "gauge", "Error groups known.", d.Totals.ErrorGroups)
	metric("error_groups_new", "gauge", "Error groups that are new.", d.Totals.NewErrorGroups)
	metric("gaps_total", "counter", "Gaps in which records may have been lost.", d.Gaps)
	metric("redis_connections_lost_total", "counter", "Connections to Redis that served and were lost.", d.Connections)
	metric("viewer_dropped_records_total", "counter", "Records that slow viewers missed.", d.Lost)
	metric("redact_dropped_records_total", "counter", "Payloads that Config.Redact dropped.", d.Dropped)
	metric("viewers", "gauge", "Open streams.", d.Viewers)
	metric("history_records", "gauge", "Records and gaps in the history.", d.History.Records)
	metric("history_bytes", "gauge", "Memory that the history takes.", d.History.Bytes)
	metric("history_oldest_timestamp_seconds", "gauge", "When the oldest record in the history arrived.", unix(d.History.Oldest))
	metric("start_time_seconds", "gauge", "When the handler was created.", unix(d.At.Add(-time.Duration(d.Uptime*float64(time.Second)))))
	head("build_info", "gauge", "The hash of the page's assets, as a label.")
	fmt.Fprintf(&b, "elva_build_info{build=\"%s\"} 1\n", label(d.Build))
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	_, _ = w.Write(b.Bytes()) // an error means that the client is gone
}

func writeRecords(b *bytes.Buffer, records []status.ChannelRecords) {
	for _, c := range records {
		for _, l := range c.Levels {
			fmt.Fprintf(b, "elva_records_total{channel=\"%s\",level=\"%s\"} %d\n", label(c.Channel), l.Level, l.Records)
		}
	}
}

// label escapes a label's value as the format requires.
func label(s string) string {
	return strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`).Replace(printable.Text(strings.ToValidUTF8(s, "\uFFFD")))
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

// unix returns a time in seconds since 1970, or 0 for the zero time.
func unix(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixMicro()) / 1e6
}
