package record_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/SupermanScott/Elva/internal/record"
)

// seeds adds the corpus and the hostile payloads.
func seeds(f *testing.F) {
	corpus(f, func(_ string, c corpusCase) { f.Add(c.Payload) })
	for _, payload := range hostile() {
		if len(payload) < 4<<10 { // the engine is slow with long ones; TestHostilePayloads has them
			f.Add(payload)
		}
	}
}

// check fails unless the record of a payload meets all guarantees. It returns its encoding.
func check(t testing.TB, payload string) (record.Record, map[string]any) {
	t.Helper()
	r := record.Decode(payload)
	for name, part := range map[string]string{"logger": r.Logger, "message": r.Message, "source": r.Source, "trace": r.Trace, "host": r.Host, "template": r.Template} {
		if !utf8.ValidString(part) {
			t.Fatalf("%s is no UTF-8: %q", name, part)
		}
	}
	members := r.AppendMembers(nil)
	if len(members) > record.MaxBytes+16<<10 {
		t.Fatalf("%d bytes of members from a payload of %d", len(members), len(payload))
	}
	js := `{"v":1` + string(members) + `}`
	var m map[string]any
	switch d := json.NewDecoder(strings.NewReader(js)); {
	case len(members) == 0:
		t.Fatal("an empty row")
	case !utf8.ValidString(js):
		t.Fatalf("no UTF-8: %q", js)
	case strings.ContainsAny(js, "\n\r"):
		t.Fatalf("more than one line: %q", js)
	case strings.ContainsFunc(js, func(r rune) bool {
		return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029'
	}):
		t.Fatalf("control characters: %+q", js)
	case !json.Valid([]byte(js)):
		t.Fatalf("no JSON: %q", js)
	default:
		d.UseNumber()
		if err := d.Decode(&m); err != nil {
			t.Fatalf("%v: %q", err, js)
		}
	}
	if strings.ContainsAny(r.Message, "\x1b\u009b") || strings.ContainsAny(r.Trace, "\x1b\u009b") {
		t.Fatalf("terminal escapes left: %q, %q", r.Message, r.Trace)
	}
	if r.Fields != nil && r.Fields[0] != '{' {
		t.Fatalf("fields are no object: %s", r.Fields)
	}
	delete(m, "v")
	return r, m
}

// stable checks that a published normal form is decoded as the same record. By the rules its fields are then in a member "fields", a source with a
// function is a field, and host counts only besides fields or a PID.
func stable(t testing.TB, r record.Record, m map[string]any) {
	t.Helper()
	js, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	again, m2 := check(t, string(js))
	if !r.Time.IsZero() && !again.Time.Equal(r.Time) {
		t.Fatalf("time %v became %v: %s", r.Time, again.Time, js)
	}
	if r.Level != record.Unknown && again.Level != r.Level {
		t.Fatalf("level %v became %v: %s", r.Level, again.Level, js)
	}
	if r.Logger != "" && again.Logger != r.Logger || r.HasPID && again.PID != r.PID {
		t.Fatalf("logger %q became %q, pid %d %d: %s", r.Logger, again.Logger, r.PID, again.PID, js)
	}
	if r.Host != "" && (r.Fields != nil || r.HasPID) && again.Host != r.Host {
		t.Fatalf("host %q became %q: %s", r.Host, again.Host, js)
	}
	if strings.Contains(string(r.Fields), `"elva.cut"`) {
		return // with its fields inside a member it is longer, and is cut again
	}
	if again.Message != r.Message && (strings.HasPrefix(strings.TrimSpace(r.Message), "{") || strings.HasPrefix(strings.TrimSpace(r.Message), `"`)) {
		return // what was too deep to be opened is opened now
	}
	if strings.Contains(r.Trace, "\n") && r.Message != "" {
		if again.Message != r.Message {
			t.Fatalf("message %q became %q: %s", r.Message, again.Message, js)
		}
		if again.Trace != r.Trace {
			t.Fatalf("trace %q became %q: %s", r.Trace, again.Trace, js)
		}
	}
	if r.Trace == "" && r.Message != "" && again.Message != r.Message {
		t.Fatalf("message %q became %q: %s", r.Message, again.Message, js)
	}
	// Decoding is deterministic.
	if _, m3 := check(t, string(js)); !reflect.DeepEqual(m2, m3) {
		t.Fatalf("decoded twice: %v and %v", m2, m3)
	}
}

func FuzzDecode(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, payload string) {
		r, m := check(t, payload)
		stable(t, r, m)
	})
}

func FuzzSplit(f *testing.F) {
	f.Add(`{"a":1}` + "\n" + `{"b":2}`)
	f.Add(`{"resourceLogs":[{"resource":{"a":1},"scopeLogs":[{"scope":{"name":"s"},"logRecords":[{"body":1},{ },{"body":2}]}]}]}`)
	f.Fuzz(func(t *testing.T, payload string) {
		total := 0
		for _, object := range record.Split(payload) {
			if total += len(object); object[0] != '{' {
				t.Fatalf("%q is no object", object)
			}
			check(t, object)
		}
		if total > len(payload)+1000*9000 { // each record of an export has its origin
			t.Fatalf("%d bytes of a payload of %d", total, len(payload))
		}
	})
}

func FuzzPercent(f *testing.F) {
	for _, format := range []string{"%s", "%r %a", "%(a)s", "%5.2f", "%*d", "%-+ #05.3x%%", "%c", "%.1000g"} {
		for _, args := range []string{`[1]`, `["a",null]`, `{"a":[1,{"b":"c"}]}`, `[{"a":1.5}]`, `[1e400,NaN,-Infinity]`, `[[[[]]]]`} {
			f.Add(format, args)
		}
	}
	f.Fuzz(func(t *testing.T, format, args string) {
		js, _ := json.Marshal(format)
		r, m := check(t, `{"msg":`+string(js)+`,"args":`+args+`}`)
		stable(t, r, m)
	})
}

func TestDecode_CorpusTwice(t *testing.T) {
	corpus(t, func(name string, c corpusCase) {
		t.Run(name, func(t *testing.T) {
			r, m := check(t, c.Payload)
			stable(t, r, m)
		})
	})
}
