package status_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/SupermanScott/Elva/internal/status"
)

// TestDocument_MemberNames fails if a member of the document is renamed, since scripts and dashboards read them.
func TestDocument_MemberNames(t *testing.T) {
	one, now := 1.0, time.Now()
	d := status.Document{
		Redis:  status.Link{LastInput: now, LastRecord: now, NextTry: now, Sources: []status.Source{{Confirmed: now, Denied: "x", DeniedSince: now, NextTry: now, LastRecord: now}}, MoreSources: 1},
		Health: status.Summary{Causes: []status.Cause{{Service: "x", Worker: "x", Group: "x", Filter: "x"}}},
		Errors: status.Errors{Baseline: &one, Elevated: true}, Totals: status.Totals{OtherRecords: 1, OtherErrors: 1},
		Workers:     []status.Worker{{Host: "x", Service: "x", Failing: true, ExpectedInterval: 1, Threshold: 1}},
		Minutes:     status.Minutes{From: time.Unix(1, 0)},
		ErrorGroups: []status.ErrorGroup{{Logger: "x", New: true, Minutes: []uint32{1}}},
	}
	text, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"":               "at build connections counts epoch errorGroups errors gaps health history lost minutes rates redis title totals uptime v viewers workers",
		"redis":          "lastInput lastRecord moreSources nextTry since sources state text",
		"redis.sources":  "confirmed denied deniedSince kind lastRecord name nextTry records",
		"health":         "causes since state text",
		"health.causes":  "baseline filter group kind service since state text value worker",
		"errors":         "baseline elevated lastMinute",
		"totals":         "errorGroups newErrorGroups otherErrors otherRecords quiet workers",
		"workers":        "channel expectedInterval failing firstSeen host last1 last5 last60 lastSeen name rate records service skew state threshold",
		"workers.last60": "errors records warnings",
		"errorGroups":    "count firstSeen lastSeen lastSeq level logger minutes new title workers",
	} {
		var at any = got
		for name := range strings.SplitSeq(path, ".") {
			if name != "" {
				at = at.(map[string]any)[name]
			}
			if list, ok := at.([]any); ok {
				at = list[0]
			}
		}
		if names := strings.Join(slices.Sorted(maps.Keys(at.(map[string]any))), " "); names != want {
			t.Errorf("%q has the members %s, want %s", path, names, want)
		}
	}
}
