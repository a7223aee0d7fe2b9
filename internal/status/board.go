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
	// unansweredAfter is when the page says that Redis does not answer: a ping after 5 s and 2 s for it.
	unansweredAfter = 7 * time.Second
	// namesInText is how many denied names a text lists. The sources have them all.
	namesInText = 3
	// shownSources is how many sources a status event lists. It goes to every viewer every two seconds.
	shownSources = 300
)

// Board is the state of the connection to Redis, its "link". Its methods are safe for concurrent use.
//
// It has parts that are up or down by themselves: each subscription and each stream. The link is as the worst of them is.
type Board struct {
	log           *slog.Logger
	lag           time.Duration
	started       time.Time
	subscriptions []*Subscription
	channels      int // how many sources the subscriptions have

	keyInput  atomic.Int64 // of the keys, Unix nanoseconds
	keyRecord atomic.Int64

	mu     sync.Mutex
	doc    Link
	parts  []part      // the subscriptions, then the streams
	denied []time.Time // by source: since when, zero when it is not
}

// part is how a part of the link is.
type part struct {
	state, text string
	nextTry     time.Time
}

// NewBoard returns the state of a link that has not been tried yet. Changes of it are logged to log. lag is
// how far back what one server answers proves nothing, since there are others. subscriptions are the sources of each
// subscription. streams and list are the keys that are read beside them; list may be empty.
func NewBoard(subscriptions [][]redisutil.Channel, streams []string, list string, log *slog.Logger, lag time.Duration) *Board {
	b := &Board{log: log, lag: lag, started: time.Now()}
	b.doc = Link{State: Connecting, Since: b.started.UTC(), Text: "connecting to Redis"}
	add := func(name, kind string) {
		b.doc.Sources = append(b.doc.Sources, Source{Name: redisutil.ShowName(name), Kind: kind})
	}
	for n, sources := range subscriptions {
		s := &Subscription{board: b, part: n, first: len(b.doc.Sources), indexes: make(map[redisutil.Channel]int), losses: make([]loss, len(sources))}
		for i, src := range sources {
			s.indexes[src] = i
			add(src.Name, kind(src))
		}
		b.subscriptions = append(b.subscriptions, s)
	}
	b.channels = len(b.doc.Sources)
	for _, key := range streams {
		add(key, Stream)
	}
	if list != "" {
		add(list, List)
	}
	b.denied = make([]time.Time, len(b.doc.Sources))
	b.parts = make([]part, len(subscriptions)+len(streams))
	for i := range b.parts {
		b.parts[i] = part{state: b.doc.State, text: b.doc.Text}
	}
	return b
}

// Subscription returns the part of subscription n.
func (b *Board) Subscription(n int) *Subscription { return b.subscriptions[n] }

// SetAll sets the state of all parts.
func (b *Board) SetAll(state, text string) {
	for i := range b.parts {
		b.set(i, part{state: state, text: text})
	}
}

// severity orders states, the worst last: what is down for a moment hides no denial that stays, but a
// closed client or handler is the end of all.
var severity = []string{Live, Connecting, Denied, Down, Closed}

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

// answered notes what Redis says of a source. The caller holds the lock.
func (b *Board) answered(i int, confirmed time.Time, denied string) {
	src := &b.doc.Sources[i]
	src.Confirmed, src.Denied, src.DeniedSince = confirmed, denied, time.Time{}
	if denied != "" {
		src.DeniedSince = b.denied[i]
	}
}

// deny notes that Redis denies a source. The caller holds the lock.
func (b *Board) deny(i int, err error) {
	if b.denied[i].IsZero() {
		b.denied[i] = time.Now().UTC()
	}
	b.answered(i, time.Time{}, redisutil.Text(err))
}

// what names a source in words. The caller holds the lock.
func (b *Board) what(i int) string {
	return fmt.Sprintf("the %s %q", b.doc.Sources[i].Kind, b.doc.Sources[i].Name)
}

// nextTry returns when a source is asked for again. The caller holds the lock.
func (b *Board) nextTry(i int) time.Time {
	for n, s := range b.subscriptions {
		if i < s.first+len(s.losses) {
			return b.parts[n].nextTry.UTC()
		}
	}
	if n := len(b.subscriptions) + i - b.channels; n < len(b.parts) {
		return b.parts[n].nextTry.UTC()
	}
	return time.Time{} // the list is read when there is something to fill
}

// Snapshot returns the state at the time now.
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
	doc.LastInput, doc.LastRecord = clock(input), clock(record)
	switch unanswered := now.Sub(doc.LastInput); {
	case doc.State == Live && unanswered >= unansweredAfter:
		doc.Text = fmt.Sprintf("Redis has not answered for %d s", int(unanswered.Seconds()))
	case doc.State == Connecting && now.Sub(b.started) >= unansweredAfter:
		doc.Text = fmt.Sprintf("connecting to Redis for %d s", int(now.Sub(b.started).Seconds()))
	}
	return doc
}

// Shorten leaves at most shownSources of the sources in doc: all streams, which are few, then those that Redis denies,
// then the first of the others.
func (doc *Link) Shorten() {
	if len(doc.Sources) <= shownSources {
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
	doc.MoreSources = len(sources) - shownSources
	doc.Sources = sources[:shownSources]
}

func kind(src redisutil.Channel) string {
	if src.Pattern {
		return Pattern
	}
	return Channel
}

// clock turns Unix nanoseconds into a time, 0 into the zero time.
func clock(nanoseconds int64) time.Time {
	if nanoseconds == 0 {
		return time.Time{}
	}
	return time.Unix(0, nanoseconds).UTC()
}
