package wire_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/SupermanScott/Elva/internal/filter"
	"github.com/SupermanScott/Elva/internal/gap"
	"github.com/SupermanScott/Elva/internal/history"
	"github.com/SupermanScott/Elva/internal/wire"
)

func TestSearch_GapsPassEverythingButATimeRange(t *testing.T) {
	now := time.Date(2026, 11, 29, 16, 0, 0, 0, time.UTC)
	encoded, err := json.Marshal(gap.Gap{Kind: gap.Redis, From: now.Add(-10 * time.Minute), To: now.Add(-5 * time.Minute)})
	if err != nil {
		t.Fatal(err)
	}
	for params, want := range map[string]bool{"": true, "q=nothing&level=error&host=x": true, "from=6m": true, "from=4m": false, "to=10m": false, "to=9m": true} {
		f, err := filter.Parse(params, now)
		if err != nil {
			t.Fatal(err)
		}
		if got := wire.NewSearch(nil, f, nil).ShowsGap(encoded); got != want {
			t.Errorf("%s: %v, want %v", params, got, want)
		}
	}
}

func TestGap_HiddenByATimeRange(t *testing.T) {
	now := time.Now()
	f, err := filter.Parse("from=1m", now)
	if err != nil {
		t.Fatal(err)
	}
	h := history.New(10, 1<<20, 0)
	defer h.Close()
	search := wire.NewSearch(h, f, nil)
	h.AppendGap(now, history.Source{}, gap.Gap{Kind: gap.Redis, From: now.Add(-time.Hour), To: now.Add(-30 * time.Minute)})
	run := h.Cursor(0).Read()
	for name, write := range map[string]func(*strings.Builder) error{
		"sse":  func(out *strings.Builder) error { return events(h).NewSSE(out, start(h)).Gap(&run, search) },
		"text": func(out *strings.Builder) error { return wire.NewText(out, wire.Printer{}).Gap(&run, search) },
	} {
		var out strings.Builder
		if err := write(&out); err != nil || out.Len() > 0 {
			t.Errorf("%s: wrote %q, error %v", name, out.String(), err)
		}
	}
}
