package pubsub

import (
	"hash/maphash"
	"time"
)

// maxRecent bounds the messages that are remembered for a move: those of one bus lag at 4,000 messages/s.
const maxRecent = 4096

// moved detects messages that a second node of a cluster delivers again. The cluster's bus delays a message by up to 40 ms on
// its way to some nodes (Nagle's algorithm and delayed acknowledgment), so a subscriber that moves to such a node receives it
// again. A new message that equals such a repeated one is dropped, too. It falls into the gap of the move or shortly after it.
// The zero value detects nothing. It is not safe for concurrent use.
type moved struct {
	lag    time.Duration // how long the bus may delay a message; 0 without a cluster
	seed   maphash.Seed
	recent []arrival // a ring of the last maxRecent messages
	next   int
	again  map[uint64]int // how often each message may still arrive again
	until  time.Time
}

type arrival struct {
	sum uint64
	at  time.Time
}

func newMoved(lag time.Duration) moved { return moved{lag: lag, seed: maphash.MakeSeed()} }

// begin notes that messages arrive over a new connection from the time at on.
func (m *moved) begin(at time.Time) {
	m.again, m.until = nil, time.Time{}
	for _, a := range m.recent {
		if at.Sub(a.at) <= m.lag {
			if m.again == nil {
				m.again, m.until = make(map[uint64]int), at.Add(m.lag)
			}
			m.again[a.sum]++
		}
	}
}

// repeated reports whether the message has arrived before, over the previous connection. If it has not, repeated remembers it.
func (m *moved) repeated(at time.Time, channel, payload string) bool {
	if m.lag == 0 {
		return false
	}
	var h maphash.Hash
	h.SetSeed(m.seed)
	_, _ = h.WriteString(channel)
	_ = h.WriteByte(0)
	_, _ = h.WriteString(payload)
	sum := h.Sum64()
	if m.again[sum] > 0 && at.Before(m.until) {
		m.again[sum]--
		return true
	}
	if len(m.recent) < maxRecent {
		m.recent = append(m.recent, arrival{sum, at})
		return false
	}
	m.recent[m.next] = arrival{sum, at}
	m.next = (m.next + 1) % maxRecent
	return false
}
