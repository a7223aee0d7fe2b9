package record_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/SupermanScott/Elva/internal/record"
)

func TestSplit(t *testing.T) {
	const one, two = `{"level":"info","msg":"one }{ \n"}`, `{"level":"error","msg":"two","a":{"b":[{},{}]}}`
	both := []string{one, two}
	for _, c := range []struct {
		name, payload string
		want          []string
	}{
		{"lines", one + "\n" + two, both},
		{"lines that end", one + "\n" + two + "\n", both},
		{"CRLF and a blank line", one + "\r\n\r\n" + two + "\r\n", both},
		{"nothing between", one + two, both},
		{"record separators", "\x1e" + one + "\n\x1e" + two + "\n", both},
		{"a mark of the byte order, and NUL", "\uFEFF" + one + "\n" + two + "\x00", both},
		{"an indented object", "{\n  \"level\": \"info\"\n}\n{\n  \"level\": \"error\"\n}\n", []string{"{\n  \"level\": \"info\"\n}", "{\n  \"level\": \"error\"\n}"}},
		{"NaN", `{"a":NaN}` + "\n" + two, []string{`{"a":NaN}`, two}},
		{"one", one + "\n", nil},
		{"one, indented", "{\n  \"a\": {\n  }\n}", nil},
		{"text behind", one + "\n" + two + "\nbye", nil},
		{"a broken one", one + "\n{\"a\":", nil},
		{"text", "a\nb", nil},
		{"an array", "[" + one + ",\n" + two + "]", nil},
		{"empty", "", nil},
		{"an export of OpenTelemetry", `{"resourceLogs":[{"resource":{"a":1},"scopeLogs":[{"scope":{"name":"s"},"logRecords":[{"body":1},{ },{"body":2}]},{"logRecords":[{"body":3}]}]}]}`,
			[]string{`{"resource":{"a":1},"scope":{"name":"s"},"body":1}`, `{"resource":{"a":1},"scope":{"name":"s"},"body":2}`, `{"resource":{"a":1},"body":3}`}},
		{"an export without records", `{"resourceLogs":[]}`, nil},
		{"an export of other types", `{"resourceLogs":[7,{"scopeLogs":{"logRecords":[]}},{"scopeLogs":[{"logRecords":[8]}]}]}`, nil},
		{"a broken export", `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":1}]}]}`, nil},
		{"an export with a long resource", `{"resourceLogs":[{"resource":"` + strings.Repeat("x", 5000) + `","scopeLogs":[{"logRecords":[{"body":1}]}]}]}`, []string{`{"body":1}`}},
		{"too many", strings.Repeat("{\"a\":1}\n", 1001), nil},
	} {
		if got := record.Split(c.payload); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	if got := record.Split(strings.Repeat("{\"a\":1}\n", 1000)); len(got) != 1000 {
		t.Errorf("%d of 1,000 records", len(got))
	}
}
