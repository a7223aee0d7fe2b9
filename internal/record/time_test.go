package record_test

import (
	"strings"
	"testing"
	"time"

	"github.com/SupermanScott/Elva/internal/record"
	"github.com/SupermanScott/Elva/internal/record/recordtest"
)

// inBounds reports whether a time is one that a record can have.
func inBounds(t time.Time) bool { return t.Year() >= 1970 && t.Year() < 2200 }

func TestDecode_HostileTimes(t *testing.T) {
	for _, hostile := range recordtest.HostileTimes() {
		r := record.Decode(hostile.Payload)
		if !r.Time.IsZero() && !inBounds(r.Time) {
			t.Errorf("%s: the time is %v", hostile.Name, r.Time)
		}
		if text := string(r.AppendMembers(nil)); r.Time.IsZero() && strings.HasPrefix(hostile.Payload, "{") && !strings.Contains(text, `"fields":{"time":`) {
			t.Errorf("%s: the time is lost: %s", hostile.Name, text)
		}
	}
}

func TestArrivalBetween(t *testing.T) {
	at := func(hour int) time.Time { return time.Date(2026, 11, 29, hour, 0, 0, 0, time.UTC) }
	month := at(11).AddDate(0, 0, -31)
	for _, c := range []struct {
		name                 string
		own, from, to, wants time.Time
	}{
		{"no time", time.Time{}, at(8), at(10), at(10)},
		{"between", at(9), at(8), at(10), at(9)},
		{"before", at(7), at(8), at(10), at(8)},
		{"after", at(11), at(8), at(10), at(10)},
		{"before, nothing known", at(7), time.Time{}, at(10), at(7)},
		{"a day before, nothing known", at(9).AddDate(0, 0, -1), time.Time{}, at(10), at(9).AddDate(0, 0, -1)},
		{"31 days before, nothing known", month, time.Time{}, at(10), month},
		{"a year before, nothing known", at(9).AddDate(-1, 0, 0), time.Time{}, at(10), at(10)},
		{"no time, nothing known", time.Time{}, time.Time{}, at(10), at(10)},
	} {
		r := record.Record{Time: c.own}
		if got := r.ArrivalBetween(c.from, c.to); !got.Equal(c.wants) {
			t.Errorf("%s: %v, want %v", c.name, got, c.wants)
		}
	}
}

// TestOfDate_LikePackageTime compares the calendar, which is computed without package time, with that package.
func TestOfDate_LikePackageTime(t *testing.T) {
	zones := []*time.Location{time.UTC, time.FixedZone("", 5*3600+1800), time.FixedZone("", -11*3600)}
	step := 9*24*time.Hour + 7*time.Hour + 13*time.Minute + 17*time.Second + 123456789
	count := 0
	for at := time.Date(1, 1, 3, 0, 0, 0, 0, time.UTC); at.Year() < 9999; at = at.Add(step) {
		written := at.In(zones[count%len(zones)]).Format(time.RFC3339Nano)
		if r := record.Decode(`{"time":"` + written + `"}`); !r.Time.Equal(at) && inBounds(at) || !r.Time.IsZero() && !inBounds(at) {
			t.Fatalf("%s is %v, want %v", written, r.Time, at)
		}
		count++
	}
	for year := 1890; year < 2110; year++ { // every day around the turn of months, with the one that does not exist
		for month := time.January; month <= time.December; month++ {
			for day := 27; day <= 32; day++ {
				at := time.Date(year, month, day, 12, 0, 0, 0, time.UTC)
				written := time.Date(year, month, 1, 12, 0, 0, 0, time.UTC).Format("2006-01-") + string(rune('0'+day/10)) + string(rune('0'+day%10)) + "T12:00:00Z"
				r := record.Decode(`{"time":"` + written + `"}`)
				if exists := at.Month() == month && inBounds(at); exists != !r.Time.IsZero() || exists && !r.Time.Equal(at) {
					t.Fatalf("%s is %v", written, r.Time)
				}
			}
		}
	}
}
