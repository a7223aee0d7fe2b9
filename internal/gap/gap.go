// Package gap describes stretches in which records are missing, or may be.
package gap

import (
	"encoding/json"
	"time"

	"github.com/SupermanScott/Elva/internal/printable"
)

// Kind is the reason for a gap, as it stands in the JSON.
type Kind string

const (
	// Redis means that contact with Redis was lost. Pub/Sub delivers only to subscribers, so what was published in
	// between was not received.
	Redis Kind = "redis"
	// Trimmed means that entries were removed from a stream before they were read.
	Trimmed Kind = "trimmed"
	// Failover means that another Redis server took over, or the same one was restarted: a stream may lack its newest
	// entries.
	Failover Kind = "failover"
	// Recreated means that a stream was deleted and created again: what follows is the new one.
	Recreated Kind = "recreated"
	// Evicted means that records are no longer in memory.
	Evicted Kind = "evicted"
	// Slow means that records left the memory before a connected viewer had taken them.
	Slow Kind = "slow"
	// Restart means that a viewer's event ID is of another process: Elva was restarted, or this is another instance.
	Restart Kind = "restart"
)

// Gap is a stretch in which records are missing, or may be.
type Gap struct {
	// Seq is the gap's number in the log, absent for a gap that concerns one viewer only.
	Seq  uint64 `json:"seq,omitempty"`
	Kind Kind   `json:"kind"`
	// Lost is the number of missing records, absent when it is unknown.
	Lost uint64 `json:"lost,omitempty"`
	// From and To are when the stretch began and ended, by Elva's clock. They are absent when that is unknown.
	From time.Time `json:"from,omitzero"`
	To   time.Time `json:"to,omitzero"`
	// LastRecord is when the last record before the gap arrived: a publisher or a failover can have been
	// silent long before contact was lost.
	LastRecord time.Time `json:"lastRecord,omitzero"`
	// Connections is the number of connections to Redis that were lost in the gap, absent when none was.
	Connections int `json:"connections,omitempty"`
	// Reason says why, in words.
	Reason string `json:"reason,omitempty"`
	// Replaces is the number of an earlier gap that is part of this one, since no record came between them. A page
	// that shows the earlier one shows this one in its place.
	Replaces uint64 `json:"replaces,omitempty"`
}

// joinWithin is how soon after a gap another one continues it: a connection that lasted longer was of use.
const joinWithin = 10 * time.Second

// Join extends g by next and reports whether next continues it: a connection was lost in both, and the one between them
// did not last. The caller knows that no record came between them. The reason is that of next.
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
	if err != nil { // strings, numbers and times between the years 0 and 9999: there is no such error
		panic(err)
	}
	return printable.JSON(text)
}
