// Package gap describes periods of time in which records are missing, or may be.
package gap

import (
	"encoding/json"
	"time"

	"github.com/SupermanScott/Elva/internal/printable"
)

// Kind is the reason for a gap, as in its JSON.
type Kind string

const (
	// Redis means that a connection to Redis was lost. Messages that were published in between were not received.
	Redis Kind = "redis"
	// Trimmed means that entries were removed from a stream before they were read.
	Trimmed Kind = "trimmed"
	// Failover means that another Redis server took over, or the same one was restarted: a stream may lack its newest
	// entries.
	Failover Kind = "failover"
	// Recreated means that a stream was deleted and created again. The records after the gap are from the new one.
	Recreated Kind = "recreated"
	// Evicted means that records are no longer in memory.
	Evicted Kind = "evicted"
	// Slow means that a connected viewer was too slow: records were removed from memory before it received them.
	Slow Kind = "slow"
	// Restart means that a viewer's event ID is from another process: Elva was restarted, or this is another instance.
	Restart Kind = "restart"
)

// Gap is a period of time in which records are missing, or may be.
type Gap struct {
	// Seq is the gap's number in the log, absent for a gap that concerns only one viewer.
	Seq  uint64 `json:"seq,omitempty"`
	Kind Kind   `json:"kind"`
	// Lost is the number of missing records, absent when it is unknown.
	Lost uint64 `json:"lost,omitempty"`
	// From and To are when the gap began and ended, by Elva's clock. They are absent if that is unknown.
	From time.Time `json:"from,omitzero"`
	To   time.Time `json:"to,omitzero"`
	// LastRecord is when the last record before the gap arrived, which may be long before From.
	LastRecord time.Time `json:"lastRecord,omitzero"`
	// Connections is the number of connections to Redis that were lost in the gap, absent if it is 0.
	Connections int `json:"connections,omitempty"`
	// Reason is a text about the reason.
	Reason string `json:"reason,omitempty"`
	// Replaces is the number of an earlier gap that this one includes, since no record came between them. A page that shows
	// the earlier gap replaces it by this one.
	Replaces uint64 `json:"replaces,omitempty"`
}

// joinWithin is the maximum duration of a connection between two gaps that are joined.
const joinWithin = 10 * time.Second

// Join extends g to include next, and takes its reason, if a connection was lost in both gaps and the one in between did not
// last. Join reports whether it did so. There must be no record between the gaps.
func (g *Gap) Join(next Gap) bool {
	if g.Connections == 0 || next.Connections == 0 || next.From.Sub(g.To) > joinWithin {
		return false
	}
	g.To, g.Reason = next.To, next.Reason
	g.Connections += next.Connections
	return true
}

// JSON returns the encoding of the gap, on one line.
func (g Gap) JSON() []byte {
	text, err := json.Marshal(g)
	if err != nil { // impossible for strings, numbers and times between the years 0 and 9999
		panic(err)
	}
	return printable.JSON(text)
}
