package record_test

import (
	"testing"
	"time"

	"github.com/SupermanScott/Elva/internal/record"
)

// The calendar is computed here and not by package time; both must agree, leap years and all.
func TestDatesAreThoseOfPackageTime(t *testing.T) {
	zones := []*time.Location{time.UTC, time.FixedZone("", 5*3600+1800), time.FixedZone("", -11*3600)}
	step := 9*24*time.Hour + 7*time.Hour + 13*time.Minute + 17*time.Second + 123456789
	count := 0
	for at := time.Date(1, 1, 3, 0, 0, 0, 0, time.UTC); at.Year() < 9999; at = at.Add(step) {
		written := at.In(zones[count%len(zones)]).Format(time.RFC3339Nano)
		if r := record.Decode(`{"time":"` + written + `"}`); !r.Time.Equal(at) {
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
				if exists := at.Month() == month; exists != !r.Time.IsZero() || exists && !r.Time.Equal(at) {
					t.Fatalf("%s is %v", written, r.Time)
				}
			}
		}
	}
}
