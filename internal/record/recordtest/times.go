// Package recordtest has records for the tests of several packages.
package recordtest

import (
	_ "embed"
	"encoding/json"
	"strings"
)

//go:embed times.jsonl
var times string

// Time is a record with a hostile time.
type Time struct {
	Name    string // what is wrong with the time
	Payload string // a record with that time, whose message is Name
}

// HostileTimes returns records with times that must not break anything, from no year at all to year 9999 and beyond.
func HostileTimes() []Time {
	var list []Time
	for line := range strings.Lines(times) {
		var row struct {
			Name string          `json:"name"`
			Time json.RawMessage `json:"time"`
			Text bool            `json:"text"` // the time also occurs before a message in a line of text
		}
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			panic("recordtest: " + err.Error() + ": " + line)
		}
		name, _ := json.Marshal(row.Name)
		list = append(list, Time{row.Name, `{"level":"ERROR","time":` + string(row.Time) + `,"msg":` + string(name) + `}`})
		if row.Text {
			var at string
			_ = json.Unmarshal(row.Time, &at)
			list = append(list, Time{row.Name + " in text", at + " ERROR " + row.Name + " in text"})
		}
	}
	return list
}
