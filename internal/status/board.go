package status

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/SupermanScott/Elva/internal/redisutil"
)

const (
	// unansweredAfter is the silence of Redis after which the page reports it: 5 s until a ping and 2 s for its reply.
	unansweredAfter = 7 * time.Second
	// maxNames is how many denied sources a text names at most. Link.Sources has all of them.
	maxNames = 3
	// maxSources is how many sources a status event lists at most, since every viewer receives it every two seconds.
	maxSources = 300
)

// Board is the state of the link, that is, of all connections to Redis. Its methods are safe for concurrent use.
//
// Its parts, each subscription and each stream, have states of their own. The link has the worst of them.
type Board struct {
	log           *slog.Logger
	lag           time.Duration
	started       time.Time
	subscriptions []*Subscription
	channels      int // number of sources of the subscriptions

	keyInput  atomic.Int64 // when Redis last answered about a key, in Unix nanoseconds
	keyRecord atomic.Int64 // when a key last delivered a record

	mu          sync.Mutex
	doc         Link
	parts       []part      // the subscriptions, then the streams
	deniedSince []time.Time // by source, zero if it is not denied
}

// part is the state of a part of the link.
type part struct {
	state, text string
	nextTry     time.Time
}

// NewBoard returns a Board in the state Connecting. subscriptions are the sources of each subscription. streams and list
// are the keys that are read; list may be empty. Changes of the state are logged to log. lag is how long a message may take
// between servers of a cluster: a reply of one server proves nothing about later messages.
func NewBoard(subscriptions [][]redisutil.Channel, streams []string, list string, log *slog.Logger, lag time.Duration) *Board {
	b := &Board{log: log, lag: lag, started: time.Now()}
	b.doc = Link{State: Connecting, Since: b.started.UTC(), Text: "connecting to Redis"}
	add := func(name, kind string) {
		b.doc.Sources = append(b.doc.Sources, Source{Name: redisutil.ShowName(name), Kind: kind})
	}
	for n, sources := range subscriptions {
		subscription := &Subscription{board: b, part: n, first: len(b.doc.Sources), indexes: make(map[redisutil.Channel]int), losses: make([]loss, len(sources))}
		for i, source := range sources {
			subscription.indexes[source] = i
			add(source.Name, kindOf(source))
		}
		b.subscriptions = append(b.subscriptions, subscription)
	}
	b.channels = len(b.doc.Sources)
	for _, key := range streams {
		add(key, Stream)
	}
	if list != "" {
		add(list, List)
	}
	b.deniedSince = make([]time.Time, len(b.doc.Sources))
	b.parts = make([]part, len(subscriptions)+len(streams))
	for i := range b.parts {
		b.parts[i] = part{state: b.doc.State, text: b.doc.Text}
	}
	return b
}

// Subscription returns the part for subscription n.
func (b *Board) Subscription(n int) *Subscription { return b.subscriptions[n] }

// SetAll sets the state of all parts.
func (b *Board) SetAll(state, text string) {
	for i := range b.parts {
		b.set(i, part{state: state, text: text})
	}
}

// severity is the order of states, the worst last.
var severity = []string{Live, Connecting, Denied, Down, Closed}

// set sets the state of a part, and of the link to that of its worst part.
func (b *Board) set(i int, p part) {
	b.mu.Lock()
	b.parts[i] = p
	for _, other := range b.parts {
		if slices.Index(severity, other.state) > slices.Index(severity, p.state) {
			p = other
		}
	}
	before, state, text := b.doc.State, p.state, p.text
	if before != state {
		b.doc.State, b.doc.Since = state, time.Now().UTC()
	}
	b.doc.Text, b.doc.NextTry = text, p.nextTry.UTC()
	b.mu.Unlock()
	if before == state || b.log == nil {
		return
	}
	level := slog.LevelInfo
	if state == Down || state == Denied {
		level = slog.LevelWarn
	}
	b.log.Log(context.Background(), level, "elva: link to redis", "state", state, "text", text)
}

// setReply notes what Redis last replied about a source. The caller holds the lock.
func (b *Board) setReply(i int, confirmed time.Time, denied string) {
	source := &b.doc.Sources[i]
	source.Confirmed, source.Denied, source.DeniedSince = confirmed, denied, time.Time{}
	if denied != "" {
		source.DeniedSince = b.deniedSince[i]
	}
}

// setDenied notes that Redis denies a source. The caller holds the lock.
func (b *Board) setDenied(i int, err error) {
	if b.deniedSince[i].IsZero() {
		b.deniedSince[i] = time.Now().UTC()
	}
	b.setReply(i, time.Time{}, redisutil.Text(err))
}

// describe returns the kind and name of a source. The caller holds the lock.
func (b *Board) describe(i int) string {
	return fmt.Sprintf("the %s %q", b.doc.Sources[i].Kind, b.doc.Sources[i].Name)
}

// nextTry returns when a source is tried again. The caller holds the lock.
func (b *Board) nextTry(i int) time.Time {
	for n, s := range b.subscriptions {
		if i < s.first+len(s.losses) {
			return b.parts[n].nextTry.UTC()
		}
	}
	if n := len(b.subscriptions) + i - b.channels; n < len(b.parts) {
		return b.parts[n].nextTry.UTC()
	}
	return time.Time{} // the list is read only when there is a gap to fill
}

// Snapshot returns the state of the link at the time now.
func (b *Board) Snapshot(now time.Time) Link {
	b.mu.Lock()
	defer b.mu.Unlock()
	doc := b.doc
	doc.Sources = append([]Source{}, b.doc.Sources...)
	for i := range doc.Sources {
		if doc.Sources[i].Denied != "" {
			doc.Sources[i].NextTry = b.nextTry(i)
		}
	}
	input, record := b.keyInput.Load(), b.keyRecord.Load()
	for _, s := range b.subscriptions {
		input, record = max(input, s.lastInput.Load()), max(record, s.lastRecord.Load())
	}
	doc.LastInput, doc.LastRecord = fromNanoseconds(input), fromNanoseconds(record)
	switch unanswered := now.Sub(doc.LastInput); {
	case doc.State == Live && unanswered >= unansweredAfter:
		doc.Text = fmt.Sprintf("Redis has not answered for %d s", int(unanswered.Seconds()))
	case doc.State == Connecting && now.Sub(b.started) >= unansweredAfter:
		doc.Text = fmt.Sprintf("connecting to Redis for %d s", int(now.Sub(b.started).Seconds()))
	}
	return doc
}

// Shorten removes all but maxSources sources. It keeps the streams, which are few, then denied sources, then others.
func (doc *Link) Shorten() {
	if len(doc.Sources) <= maxSources {
		return
	}
	rank := func(s Source) int {
		switch {
		case s.Kind == Stream:
			return 0
		case s.Denied != "":
			return 1
		}
		return 2
	}
	sources := slices.SortedStableFunc(slices.Values(doc.Sources), func(a, b Source) int { return cmp.Compare(rank(a), rank(b)) })
	doc.MoreSources = len(sources) - maxSources
	doc.Sources = sources[:maxSources]
}

// kindOf returns the kind of a source.
func kindOf(src redisutil.Channel) string {
	if src.Pattern {
		return Pattern
	}
	return Channel
}

// fromNanoseconds returns the time of Unix nanoseconds, the zero time for 0.
func fromNanoseconds(nanoseconds int64) time.Time {
	if nanoseconds == 0 {
		return time.Time{}
	}
	return time.Unix(0, nanoseconds).UTC()
}
