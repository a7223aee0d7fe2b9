package record_test

import (
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/SupermanScott/Elva/internal/record"
)

func TestDecode_Template(t *testing.T) {
	for _, c := range []struct{ payload, message, template string }{
		{`{"msg":"disk %s at %d%%","args":["/dev/sda1",93]}`, "disk /dev/sda1 at 93%", "disk %s at %d%%"},
		{`{"msg":"\u001b[1m%(a)s\u001b[0m ","args":[{"a":1}]}`, "1", "%(a)s"},
		{`{"msg":"no args","args":[]}`, "no args", ""},
		{`{"msg":"no conversions","args":[{"a":1}]}`, "no conversions", ""},
		{`{"msg":"too %s %s","args":["few"]}`, "too %s %s", ""},
		{`{"@mt":"hi {User}","User":"al"}`, "hi al", "hi {User}"},
		{`{"@m":"hi al","@mt":"hi {User}","User":"al"}`, "hi al", "hi {User}"},
		{`{"@mt":"constant"}`, "constant", ""},
		{`{"@mt":"an {Unknown} hole"}`, "an {Unknown} hole", ""},
		{`{"MessageTemplate":"hi {User}","Properties":{"User":"al"}}`, "hi al", "hi {User}"},
		{`{"msg":"constant","level":"INFO"}`, "constant", ""},
		{`plain text`, "plain text", ""},
	} {
		r := record.Decode(c.payload)
		if r.Message != c.message || r.Template != c.template {
			t.Errorf("%s\n got %q from %q\nwant %q from %q", c.payload, r.Message, r.Template, c.message, c.template)
		}
	}
}

func TestDecode_EmptyPayload(t *testing.T) {
	for _, payload := range []string{"", " ", "\n\x00\uFEFF", "{}", `{"msg":""}`, `{"level":null,"args":[]}`, `""`, "\x1b[0m", `{"msg":null,"log":{"level":""}}`} {
		r := record.Decode(payload)
		want := fmt.Sprintf(`{"elva.empty":{"bytes":%d}}`, len(payload))
		if string(r.Fields) != want || r.Message != "" {
			t.Errorf("%q: message %q, fields %s, want %s", payload, r.Message, r.Fields, want)
		}
	}
}

func TestAppendMembers_Order(t *testing.T) {
	at := time.Date(2026, 11, 22, 18, 4, 28, 500, time.FixedZone("", 3600))
	r := record.Record{
		Time: at, Level: record.Error, Logger: "a.b", Message: "line\nbreak\t\"q\" \\ \x01\u2028", Source: "a.py:1 f", Trace: "t\r\n", Host: "h",
		PID: -1, HasPID: true, Template: "%s", Fields: []byte(`{"k":1}`),
	}
	want := `{,"time":"2026-11-22T17:04:28.0000005Z","level":"error","logger":"a.b","message":"line\nbreak\t\"q\" \\ \u0001\u2028` +
		`","source":"a.py:1 f","trace":"t\r\n","host":"h","pid":-1,"fields":{"k":1},"template":"%s"`
	if got := string(r.AppendMembers([]byte("{"))); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	var empty record.Record
	if got := empty.AppendMembers(nil); len(got) != 0 {
		t.Errorf("an empty record has members: %s", got)
	}
}

func TestLevelNames(t *testing.T) {
	want := []string{"", "trace", "debug", "info", "warning", "error", "critical", ""}
	for i, name := range want {
		if got := record.Level(i).String(); got != name {
			t.Errorf("level %d is %q, want %q", i, got, name)
		}
	}
}

func TestDecode_Concurrent(t *testing.T) {
	var payloads []string
	var want []record.Record
	corpus(t, func(_ string, c corpusCase) {
		payloads = append(payloads, c.Payload)
		want = append(want, record.Decode(c.Payload))
	})
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range payloads {
				i = (i*7 + g) % len(payloads)
				if got := record.Decode(payloads[i]); !reflect.DeepEqual(got, want[i]) {
					t.Errorf("%s: %+v, want %+v", payloads[i], got, want[i])
				}
			}
		})
	}
	wg.Wait()
}

func TestDecode_Allocations(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector drops what a sync.Pool holds")
	}
	for _, bench := range benchmarks {
		most := 4.0
		if strings.Contains(bench.payload, "at com.acme") || strings.Contains(bench.payload, "Traceback") {
			most = 7 // what the trace says, too
		}
		if strings.HasPrefix(bench.payload, `{"log":`) {
			most = 7 // two records
		}
		if got := testing.AllocsPerRun(100, func() { record.Decode(bench.payload) }); got > most {
			t.Errorf("%s: %v allocations, want %v at most", bench.name, got, most)
		}
	}
}

// The factor is twice what the worst payload needs; the constant is for the nodes, which are bounded, and the record itself.
func TestDecode_LinearMemory(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector drops what a sync.Pool holds")
	}
	for name, payload := range hostile() {
		if len(payload) < 1<<20 {
			continue
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		record.Decode(payload)
		runtime.ReadMemStats(&after)
		if got, most := after.TotalAlloc-before.TotalAlloc, uint64(len(payload))*32+16<<20; got > most {
			t.Errorf("%s: %d bytes allocated for a payload of %d", name, got, len(payload))
		}
	}
}

func ExampleDecode() {
	r := record.Decode(`{"name": "shop", "level": "warning", "msg": "disk %s at %d%%", "args": ["/dev/sda1", 93], "user": "al"}`)
	fmt.Println(strings.ToUpper(r.Level.String()), r.Logger, r.Message)
	fmt.Printf("{%s}\n", strings.TrimPrefix(string(r.AppendMembers(nil)), ","))
	// Output:
	// WARNING shop disk /dev/sda1 at 93%
	// {"level":"warning","logger":"shop","message":"disk /dev/sda1 at 93%","fields":{"user":"al"},"template":"disk %s at %d%%"}
}
