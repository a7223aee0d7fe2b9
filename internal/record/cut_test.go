package record_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/SupermanScott/Elva/internal/record"
)

// noted returns the size in the note of a truncated record, or 0.
func noted(t *testing.T, r record.Record) int {
	t.Helper()
	var fields struct {
		Cut struct{ Bytes int } `json:"elva.cut"`
	}
	if r.Fields != nil {
		if err := json.Unmarshal(r.Fields, &fields); err != nil {
			t.Fatal(err)
		}
	}
	return fields.Cut.Bytes
}

func TestDecode_LongMessage(t *testing.T) {
	payload := `{"level":"info","msg":"the head ` + strings.Repeat("é", record.MaxBytes) + `","user":"al"}`
	r, _ := check(t, payload)
	if !strings.HasPrefix(r.Message, "the head éé") || !strings.HasSuffix(r.Message, "é…") {
		t.Errorf("message from %.20q", r.Message)
	}
	if len(r.Message) < record.MaxBytes*9/10 {
		t.Errorf("only %d bytes of the message are left", len(r.Message))
	}
	if !strings.Contains(string(r.Fields), `"user":"al"`) || noted(t, r) != len(payload) {
		t.Errorf("fields %s", r.Fields)
	}
}

func TestDecode_LongTrace(t *testing.T) {
	payload := "boom\nTraceback (most recent call last):\n" + strings.Repeat("  File \"x.py\", line 1, in f\n", 1<<15) + "ValueError: the end"
	r, _ := check(t, payload)
	if r.Message != "boom" || !strings.HasPrefix(r.Trace, "…\n  File") || !strings.HasSuffix(r.Trace, "in f\nValueError: the end") {
		t.Errorf("message %q, trace %.20q … %q", r.Message, r.Trace, r.Trace[len(r.Trace)-30:])
	}
	if noted(t, r) != len(payload) || r.Level != record.Error {
		t.Errorf("fields %s, level %v", r.Fields, r.Level)
	}
}

func TestDecode_LongFields(t *testing.T) {
	payload := `{"msg":"m","blob":"start\n` + strings.Repeat("A", record.MaxBytes) + `","list":[` + strings.Repeat("1,", record.MaxBytes) + `1],"after":1}`
	r, _ := check(t, payload)
	var fields map[string]any
	if err := json.Unmarshal(r.Fields, &fields); err != nil {
		t.Fatal(err)
	}
	blob, _ := fields["blob"].(string)
	list, _ := fields["list"].(string)
	if !strings.HasPrefix(blob, "start\nAAA") || !strings.HasSuffix(blob, "A…") || !strings.HasPrefix(list, "[1,1,") || !strings.HasSuffix(list, "…") {
		t.Errorf("blob %.20q, list %.20q", blob, list)
	}
	if fields["after"] != 1.0 || r.Message != "m" || noted(t, r) != len(payload) {
		t.Errorf("after is %v, message %q", fields["after"], r.Message)
	}
}

func TestDecode_LongEscapedField(t *testing.T) {
	for _, unit := range []string{`\ud83d\ude00`, `\u00e9`, `\n`, `\\`, "é", "😀"} {
		payload := `{"msg":"m","blob":"` + strings.Repeat(unit, record.MaxBytes) + `"}`
		r, m := check(t, payload)
		var whole string
		if err := json.Unmarshal([]byte(`"`+unit+`"`), &whole); err != nil {
			t.Fatal(err)
		}
		blob, _ := m["fields"].(map[string]any)["blob"].(string)
		head, ok := strings.CutSuffix(blob, "…")
		if !ok || len(head) < 1000 || strings.ReplaceAll(head, whole, "") != "" || noted(t, r) != len(payload) {
			t.Errorf("%s: %d bytes left, which end in %q", unit, len(head), head[max(0, len(head)-20):])
		}
	}
}

func TestDecode_PayloadUnderLimit(t *testing.T) {
	for _, n := range []int{0, 1, 1000, record.MaxBytes - 100} {
		message := "m" + strings.Repeat("x", n)
		r, _ := check(t, `{"msg":"`+message+`","k":1}`)
		if r.Message != message || string(r.Fields) != `{"k":1}` {
			t.Errorf("%d bytes: message of %d, fields %s", n, len(r.Message), r.Fields)
		}
	}
}

func TestDecode_LongWhenEscaped(t *testing.T) {
	for _, unit := range []string{"\x01", "\u0085", "\u202e"} {
		long := strings.Repeat(unit, record.MaxBytes/len(unit))
		for _, payload := range []string{
			long, `{"msg":"m","a":"` + long + `","b":"` + long + `","` + long + `":1}`,
			`{"msg":"` + long + `","traceback":"` + long + `","a":"` + long + `","b":"` + long + `"}`,
		} {
			if unit == "\x01" && payload[0] == '{' {
				continue // no JSON
			}
			r, _ := check(t, payload)
			if noted(t, r) != len(payload) {
				t.Errorf("%+q: fields %.100q", unit, r.Fields)
			}
		}
	}
}

func TestDecode_TooManyMembers(t *testing.T) {
	var args strings.Builder
	for i := range 100_000 {
		args.WriteString(`"` + strconv.Itoa(i) + `":1,`)
	}
	payload := `{"msg":"%(1)s","args":{` + args.String() + `"x":1},"level":"info","k":1}`
	r, _ := check(t, payload)
	if noted(t, r) != len(payload) {
		t.Errorf("message %q, fields %.100s", r.Message, r.Fields)
	}
}
