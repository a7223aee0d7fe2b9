package pubsub

import "github.com/SupermanScott/Elva/internal/redisutil"

// Overlap tells the copies of one PUBLISH from a second PUBLISH of the same text.
//
// Redis delivers a message once for every subscription that matches it, the copies one behind the
// other with nothing in between. So a message that equals the one before it, by a subscription that
// has not yet brought this text in the run of equal messages, is a copy; the same subscription again
// begins a new message. This needs no glob code and no memory beyond the last message, and holds
// within one connection.
type Overlap struct {
	channel, payload string
	sources          []redisutil.Channel
}

// Copy reports whether a message is a copy of the one before it.
func (o *Overlap) Copy(channel, payload string, by redisutil.Channel) bool {
	if len(o.sources) > 0 && channel == o.channel && payload == o.payload {
		for _, s := range o.sources {
			if s == by {
				o.sources = append(o.sources[:0], by)
				return false
			}
		}
		o.sources = append(o.sources, by)
		return true
	}
	o.channel, o.payload = channel, payload
	o.sources = append(o.sources[:0], by)
	return false
}

// Reset forgets the last message: the next one comes over another connection.
func (o *Overlap) Reset() { *o = Overlap{sources: o.sources[:0]} }
