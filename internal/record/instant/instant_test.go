package instant_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/SupermanScott/Elva/internal/record/instant"
)

func TestCut(t *testing.T) {
	for _, c := range []struct{ text, want, rest string }{
		{"2026-11-29 10:00:00,123 INFO x", "2026-11-29T10:00:00.123Z", " INFO x"},
		{"2026-11-29 10:00:00 ERROR", "2026-11-29T10:00:00Z", " ERROR"}, // no zone
		{"2026-11-29 10:00:00 +0100] x", "2026-11-29T09:00:00Z", "] x"},
		{"2026-11-29 10:00:00 -x", "2026-11-29T10:00:00Z", " -x"},
		{"2026-11-29 10:00:00 - x", "2026-11-29T10:00:00Z", " - x"},
		{"2026-11-29 01:00:00 PM x", "2026-11-29T13:00:00Z", " x"},
		{"20261129T100000Z x", "2026-11-29T10:00:00Z", " x"},
		{"29-Nov-2026 10:00:00.123 INFO", "2026-11-29T10:00:00.123Z", " INFO"},
		{"29/Nov/2026:10:00:00 +0000] x", "2026-11-29T10:00:00Z", "] x"},
		{"29 Nov 2026 10:00:00.123 # x", "2026-11-29T10:00:00.123Z", " # x"},
		{"Sun Nov 29 2026 11:00:00 GMT+0100 (CET) x", "2026-11-29T10:00:00Z", " (CET) x"},
		{"Sun Nov 29 10:00:00 CET 2026 x", "2026-11-29T09:00:00Z", " x"},
		{"November 29, 2026 10:00:00 AM x", "2026-11-29T10:00:00Z", " x"},
		{"31.12.2026 23:59:59 x", "2026-12-31T23:59:59Z", " x"},
		{"13/12/2026 10:00:00 x", "2026-12-13T10:00:00Z", " x"},
		{"05/05/2026 10:00:00 x", "2026-05-05T10:00:00Z", " x"},
		{"04/05/2026 10:00:00 x", "unknown", " x"},
		{"2026-11-29 10:00:00 IST x", "unknown", " x"},
		{"2026-11-29 10:00:00 Asia/Tokyo x", "unknown", " x"},
		{"Mon Nov 29 10:00:00 2026 x", "unknown", " x"},
		{"2026-11-29T10:00:00x", "", ""},
		{"2026-11-29T10:00:000", "", ""},
		{"2026-02-30 10:00:00", "", ""},
		{"2026-11-29 25:00:00", "", ""},
		{"2026-11-29 13:00:00 PM", "", ""},
		{"Sunshine Nov 29 10:00:00 2026", "", ""},
		{"Sun Nov 29 10:00:00", "", ""},
		{"Nov 29 10:00:00 2026", "", ""},
		{"0001-01-01T00:00:00Z x", "unknown", " x"},
		{"29.11.2026, 10:00", "2026-11-29T10:00:00Z", ""},
		{"1.2.3.4 - - [x]", "", ""},
	} {
		got, rest, ok := instant.Cut(c.text)
		text := ""
		switch {
		case ok && got.IsZero():
			text = "unknown"
		case ok:
			text = got.Format(time.RFC3339Nano)
		}
		if text != c.want || ok && rest != c.rest {
			t.Errorf("%q is %q with %q behind it, want %q with %q", c.text, text, rest, c.want, c.rest)
		}
	}
}

func TestCutClock(t *testing.T) {
	for text, want := range map[string]string{
		"10:00:00 x": " x", "10:00:00.123 x": " x", "10:00AM x": " x", "3:04PM x": " x", "Nov 29 10:00:00.1 x": " x", "11-29 10:00:00.123  17 x": "  17 x",
		"26/11/29 10:00:00 INFO": " INFO", "10:00 x": "no", "99:00:00 x": "no", "Nov 290 10:00:00": "no", "Novelty 9 10:00:00": "no", "1.2.3": "no", "": "no",
	} {
		rest, ok := instant.CutClock(text)
		if !ok {
			rest = "no"
		}
		if rest != want {
			t.Errorf("%q leaves %q, want %q", text, rest, want)
		}
	}
}

// TestZones_LikePackageTime compares offsets in Zones with those of package time, one for each continent.
func TestZones_LikePackageTime(t *testing.T) {
	for name, place := range map[string]string{"CET": "Europe/Berlin", "EST": "America/New_York", "JST": "Asia/Tokyo", "MSK": "Europe/Moscow", "AEDT": "Australia/Sydney", "NZDT": "Pacific/Auckland"} {
		location, err := time.LoadLocation(place)
		if err != nil {
			t.Logf("no zones here: %v", err)
			continue
		}
		got, offset := time.Date(2026, 1, 15, 0, 0, 0, 0, location).Zone()
		if got != name || offset != instant.Zones[name]*60 {
			t.Errorf("%s in January: %s, %d s; the table has %d min", place, got, offset, instant.Zones[name])
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{"2026-11-29T10:00:00.123Z", "Sun, 29 Nov 2026 10:00:00 GMT", "29/Nov/2026:10:00:00 +0000", "Nov 29, 2026 1:00:00 PM", "1795946400.123", "1e9", "04/05/2026 10:00", "2026-11-29 10:00:00 -0500 EST m=+0.1"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if got, ok := instant.Parse(text); ok && (got.Year() < 1970 || got.Year() >= 2200) {
			t.Fatalf("%q is %v", text, got)
		}
		if want, err := time.Parse(time.RFC3339Nano, text); err == nil && want.Year() >= 1970 && want.Year() < 2199 && !strings.Contains(text, ",") {
			if got, ok := instant.Parse(text); !ok || !got.Equal(want) {
				t.Fatalf("%q is %v, want %v", text, got, want)
			}
		}
		_, rest, _ := instant.Cut(text)
		if !strings.HasSuffix(text, rest) {
			t.Fatalf("%q leaves %q", text, rest)
		}
		if rest, _ := instant.CutClock(text); !strings.HasSuffix(text, rest) {
			t.Fatalf("%q leaves %q behind a clock", text, rest)
		}
	})
}

func TestNumber_Zero(t *testing.T) {
	for _, s := range []string{"0", "0e9", "0.0e12", "000000000", "0000000000000.000"} {
		if at, ok := instant.Number(s); ok {
			t.Errorf("%s is %v, want no time", s, at)
		}
	}
}

// TestAppend compares with time.Time.AppendFormat, also out of the bounds of records.
func TestAppend(t *testing.T) {
	times := []time.Time{{}, time.Unix(0, 0), time.Unix(-1, 0), time.Unix(7258118399, 999_999_999), time.Unix(7258118400, 0), time.Date(2028, 2, 29, 23, 59, 59, 120_000_000, time.FixedZone("", 3600))}
	rng := rand.New(rand.NewPCG(1, 1))
	for range 10_000 {
		nanos := rng.Int64N(1e9)
		for range rng.IntN(10) {
			nanos = nanos / 10 * 10
		}
		times = append(times, time.Unix(rng.Int64N(7258118400), nanos))
	}
	for _, at := range times {
		if got, want := string(instant.Append(nil, at)), at.UTC().Format(time.RFC3339Nano); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	}
}
