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
	// silentAfter is when the page says that Redis does not answer: a ping after 5 s and 2 s for it.
	silentAfter = 7 * time.Second
	// namesInText is how many refused names a text lists. The sources have them all.
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

	mu      sync.Mutex
	doc     Link
	parts   []part      // the subscriptions, then the streams
	refused []time.Time // by source: since when, zero when it is not
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
	l := &Board{log: log, lag: lag, started: time.Now()}
	l.doc = Link{State: Connecting, Since: l.started.UTC(), Text: "connecting to Redis"}
	add := func(name, kind string) {
		l.doc.Sources = append(l.doc.Sources, Source{Name: redisutil.ShowName(name), Kind: kind})
	}
	for n, sources := range subscriptions {
		s := &Subscription{board: l, part: n, first: len(l.doc.Sources), places: make(map[redisutil.Channel]int), losses: make([]loss, len(sources))}
		for i, src := range sources {
			s.places[src] = i
			add(src.Name, kind(src))
		}
		l.subscriptions = append(l.subscriptions, s)
	}
	l.channels = len(l.doc.Sources)
	for _, key := range streams {
		add(key, Stream)
	}
	if list != "" {
		add(list, List)
	}
	l.refused = make([]time.Time, len(l.doc.Sources))
	l.parts = make([]part, len(subscriptions)+len(streams))
	for i := range l.parts {
		l.parts[i] = part{state: l.doc.State, text: l.doc.Text}
	}
	return l
}

// Subscription returns the part of subscription n.
func (l *Board) Subscription(n int) *Subscription { return l.subscriptions[n] }

// SetAll sets the state of all parts.
func (l *Board) SetAll(state, text string) {
	for i := range l.parts {
		l.set(i, part{state: state, text: text})
	}
}

// severity orders states, the worst last: what is down for a moment hides no refusal that stays, but a
// closed client or handler is the end of all.
var severity = []string{Live, Connecting, Refused, Down, Closed}

func (l *Board) set(i int, p part) {
	l.mu.Lock()
	l.parts[i] = p
	for _, other := range l.parts {
		if slices.Index(severity, other.state) > slices.Index(severity, p.state) {
			p = other
		}
	}
	before, state, text := l.doc.State, p.state, p.text
	if before != state {
		l.doc.State, l.doc.Since = state, time.Now().UTC()
	}
	l.doc.Text, l.doc.NextTry = text, p.nextTry.UTC()
	l.mu.Unlock()
	if before == state || l.log == nil {
		return
	}
	level := slog.LevelInfo
	if state == Down || state == Refused {
		level = slog.LevelWarn
	}
	l.log.Log(context.Background(), level, "elva: link to redis", "state", state, "text", text)
}

// answered notes what Redis says of a source. The caller holds the lock.
func (l *Board) answered(i int, confirmed time.Time, refused string) {
	src := &l.doc.Sources[i]
	src.Confirmed, src.Refused, src.RefusedSince = confirmed, refused, time.Time{}
	if refused != "" {
		src.RefusedSince = l.refused[i]
	}
}

// refuse notes that Redis refuses a source. The caller holds the lock.
func (l *Board) refuse(i int, err error) {
	if l.refused[i].IsZero() {
		l.refused[i] = time.Now().UTC()
	}
	l.answered(i, time.Time{}, redisutil.Text(err))
}

// what names a source in words. The caller holds the lock.
func (l *Board) what(i int) string {
	return fmt.Sprintf("the %s %q", l.doc.Sources[i].Kind, l.doc.Sources[i].Name)
}

// nextTry returns when a source is asked for again. The caller holds the lock.
func (l *Board) nextTry(i int) time.Time {
	for n, s := range l.subscriptions {
		if i < s.first+len(s.losses) {
			return l.parts[n].nextTry.UTC()
		}
	}
	if n := len(l.subscriptions) + i - l.channels; n < len(l.parts) {
		return l.parts[n].nextTry.UTC()
	}
	return time.Time{} // the list is read when there is something to fill
}

// Snapshot returns the state at the time now.
func (l *Board) Snapshot(now time.Time) Link {
	l.mu.Lock()
	defer l.mu.Unlock()
	doc := l.doc
	doc.Sources = append([]Source{}, l.doc.Sources...)
	for i := range doc.Sources {
		if doc.Sources[i].Refused != "" {
			doc.Sources[i].NextTry = l.nextTry(i)
		}
	}
	input, record := l.keyInput.Load(), l.keyRecord.Load()
	for _, s := range l.subscriptions {
		input, record = max(input, s.lastInput.Load()), max(record, s.lastRecord.Load())
	}
	doc.LastInput, doc.LastRecord = clock(input), clock(record)
	switch silent := now.Sub(doc.LastInput); {
	case doc.State == Live && silent >= silentAfter:
		doc.Text = fmt.Sprintf("Redis has not answered for %d s", int(silent.Seconds()))
	case doc.State == Connecting && now.Sub(l.started) >= silentAfter:
		doc.Text = fmt.Sprintf("connecting to Redis for %d s", int(now.Sub(l.started).Seconds()))
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
		case s.Refused != "":
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
