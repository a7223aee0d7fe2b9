package filter_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/SupermanScott/Elva/internal/filter"
	"github.com/SupermanScott/Elva/internal/record"
)

const encoded = `{"seq":1,"at":"2026-11-22T17:00:00.000000Z","channel":"app:log","level":"error","logger":"shop.cart.pricing",` +
	`"message":"Payment of 12 € failed\nagain","trace":"Traceback\nValueError: bad","host":"web-1","fields":{"order":4711,"card":"VISA"}}`

func TestWhatAFilterSelects(t *testing.T) {
	for _, c := range []struct {
		query string
		want  bool
	}{
		{"", true},
		{"other=1&level=&logger=", true},
		{"level=error", true},
		{"level=WARNING", true},
		{"level=critical", false},
		{"logger=shop", true},
		{"logger=shop.cart", true},
		{"logger=shop.cart.pricing", true},
		{"logger=shop.car", false},
		{"logger=shop.cart.pricing.x", false},
		{"logger=mailer&logger=shop", true},
		{"channel=app:log", true},
		{"channel=app", false},
		{"host=web-1", true},
		{"host=web", false},
		{"host=web-2&host=web-1", true},
		{"q=payment", true},
		{"q=Payment", true},
		{"q=PAYMENT", false},
		{"q=12+%E2%82%AC", true},
		{"q=valueerror", true},
		{"q=pricing", true},
		{"q=visa", true},
		{"q=4711", true},
		{"q=payment&q=visa", true},
		{"q=payment&q=absent", false},
		{"q=12.€", false},
		{"re=Payment+of+%5Cd%2B", true},
		{"re=^payment", false},
		{"re=(?i)^payment", true},
		{"level=error&logger=shop&channel=app:log&host=web-1&q=failed", true},
		{"level=error&logger=shop&channel=app:log&host=web-2&q=failed", false},
	} {
		query, err := url.ParseQuery(c.query)
		if err != nil {
			t.Fatal(err)
		}
		f, err := filter.Parse(query)
		if err != nil {
			t.Errorf("%s: %v", c.query, err)
			continue
		}
		if got := f.Match(record.Error, []byte(encoded)); got != c.want {
			t.Errorf("%s: selected = %v, want %v", c.query, got, c.want)
		}
	}
}

func TestARecordWithoutALevelIsBelowAllLevels(t *testing.T) {
	f, err := filter.Parse(url.Values{"level": {"trace"}})
	if err != nil || f.Match(record.Unknown, []byte(encoded)) {
		t.Errorf("selected by level=trace (error %v)", err)
	}
}

func TestABadFilterSaysWhichPartAndWhy(t *testing.T) {
	for query, want := range map[string]string{
		"level=loud":                      `level="loud" is not one of trace, debug, info, warning, error, critical`,
		"re=%28":                          `re="(" is not a regular expression that Go reads: error parsing regexp: missing closing ): ` + "`(`",
		"re=" + strings.Repeat("a", 1001): "re= is 1001 bytes long, at most 1000 are taken",
		"q=" + strings.Repeat("a", 1001):  "q= is 1001 bytes long, at most 1000 are taken",
		"q=%ff":                           `q="\xff" is not valid UTF-8`,
		"level=%1b%5B31m":                 `level="\x1b[31m" is not one of trace, debug, info, warning, error, critical`,
	} {
		values, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := filter.Parse(values); err == nil || err.Error() != want {
			t.Errorf("%.40s: error %v, want %s", query, err, want)
		}
	}
}

func TestNothingAskedForIsNoFilter(t *testing.T) {
	if f, err := filter.Parse(url.Values{"events": {""}, "after": {"x-1"}, "q": {""}}); f != nil || err != nil {
		t.Errorf("got %v, %v", f, err)
	}
}

func BenchmarkMatch(b *testing.B) {
	for _, query := range []string{"level=error", "logger=shop", "q=absent"} {
		b.Run(query, func(b *testing.B) {
			values, _ := url.ParseQuery(query)
			f, err := filter.Parse(values)
			if err != nil {
				b.Fatal(err)
			}
			text := []byte(encoded)
			b.ReportAllocs()
			for b.Loop() {
				f.Match(record.Error, text)
			}
		})
	}
}
