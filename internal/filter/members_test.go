package filter_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/SupermanScott/Elva/internal/filter"
	"github.com/SupermanScott/Elva/internal/history"
	"github.com/SupermanScott/Elva/internal/record"
)

// FuzzAFilterReadsWhatTheHistoryEncodes finds every part of any payload's record, and takes it for no
// other part.
func FuzzAFilterReadsWhatTheHistoryEncodes(f *testing.F) {
	f.Add("app:log", `{"level":"error","logger":"a.b","message":"x \"y\" \\","fields":{"a":{"b":[1,"}"]}},"host":"h","traceback":"Traceback\nE: {"}`)
	f.Add(`c"\`, `{"msg":"\\\"","n":1e3,"o":{"\"}":"{"},"s":[{"}":1}]}`)
	f.Add("\u2028\xff", "text \\ \" \x00 <b>")
	f.Fuzz(func(t *testing.T, channel, payload string) {
		h := history.New(10, 1<<20, 0)
		defer h.Close()
		r := record.Decode(payload)
		h.Append(time.Unix(0, 0), history.Source{Channel: channel}, payload, &r)
		run := h.Cursor(0).Read()
		encoded := run.Item(0).JSON
		var want struct{ Channel, Logger, Host, Message, Trace string }
		if err := json.Unmarshal(encoded, &want); err != nil {
			t.Fatalf("%v: %s", err, encoded)
		}
		for name, value := range map[string]string{"channel": want.Channel, "logger": want.Logger, "host": want.Host} {
			for _, c := range []struct {
				value string
				want  bool
			}{{value, true}, {value + "x", false}} {
				if c.value == "" {
					continue
				}
				selects, err := filter.Parse(url.Values{name: {c.value}})
				if err != nil {
					t.Fatal(err)
				}
				if got := selects.Match(r.Level, encoded); got != c.want {
					t.Errorf("%s=%q selects %s: %v, want %v", name, c.value, encoded, got, c.want)
				}
			}
		}
		for _, text := range []string{want.Message, want.Trace} {
			if text = strings.ToValidUTF8(text, ""); text == "" || len(text) > 1000 {
				continue
			}
			selects, err := filter.Parse(url.Values{"q": {text}})
			if err != nil {
				t.Fatal(err)
			}
			if !selects.Match(r.Level, encoded) {
				t.Errorf("q=%q does not select %s", text, encoded)
			}
		}
	})
}
