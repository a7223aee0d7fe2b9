// Package recordtest holds records for the tests of whatever takes records in.
package recordtest

import (
	_ "embed"
	"encoding/json"
	"strings"
)

//go:embed times.jsonl
var times string

// Time is a time that somebody could publish to break a viewer, in a record.
type Time struct {
	Name    string // what is wrong with it
	Payload string // a record that has it; the message is the name
}

// HostileTimes returns records with times that must move nothing: from no year at all to year 9999 and beyond.
// It panics if its table is broken.
func HostileTimes() []Time {
	var list []Time
	for line := range strings.Lines(times) {
		var row struct {
			Name string          `json:"name"`
			Time json.RawMessage `json:"time"`
			Text bool            `json:"text"` // the time stands before a message in a line of text, too
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
