package acceptance_test

import (
	"encoding/json"
	"strings"
	"testing"

	elva "github.com/SupermanScott/Elva"
)

// TestRecords_WorkerName checks that records and the health have the same names of workers, since the page links them to the filter worker=.
func TestRecords_WorkerName(t *testing.T) {
	long := strings.Repeat("é", 150)
	for _, c := range []struct{ name, payload, want string }{
		{"host and logger", `{"hostname":"web-1","name":"shop.db","levelname":"INFO","msg":"m"}`, "web-1/shop"},
		{"host and field", `{"hostname":"web-1","service":"checkout","name":"shop.db","levelname":"INFO","msg":"m"}`, "web-1/checkout"},
		{"logger only", `{"name":"shop.db","levelname":"INFO","msg":"m"}`, "shop"},
		{"host only", `{"hostname":"web-1","levelname":"INFO","msg":"m"}`, "web-1"},
		{"neither", `{"levelname":"INFO","msg":"m"}`, "app"},
		{"text", "disk full", "app"},
		{"quotes and controls", `{"hostname":"we\"b\u001b","name":"sh\"\u0007op","levelname":"INFO","msg":"m"}`, "we\"b\u001b/sh\"\u0007op"},
		{"a backslash", `{"hostname":"web-1","name":"sh\\op.cart","levelname":"INFO","msg":"m"}`, `web-1/sh\op`},
		{"a class of PHP", `{"hostname":"web-1","name":"App\\Jobs\\Pay","levelname":"INFO","msg":"m"}`, "web-1"},
		{"longer than a name may be", `{"hostname":"` + long + `","name":"shop","levelname":"INFO","msg":"m"}`, strings.Repeat("é", 100) + "/shop"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHost(t, elva.Config{}, nil)
			h.publish(c.payload)
			_, body := get(t, h.URL+"?health")
			var health struct{ Workers []struct{ Name string } }
			if err := json.Unmarshal([]byte(body), &health); err != nil || len(health.Workers) != 1 {
				t.Fatalf("the health has not one worker (%v): %s", err, body)
			}
			if got := health.Workers[0].Name; got != c.want {
				t.Errorf("the health names %q, want %q", got, c.want)
			}
			_, body = get(t, h.URL+"?records")
			var r struct{ Worker string }
			if err := json.Unmarshal([]byte(body), &r); err != nil || r.Worker != c.want {
				t.Errorf("the record (%v) names %q, want %q", err, r.Worker, c.want)
			}
		})
	}
}
