package status

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/SupermanScott/Elva/internal/gap"
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
// It has parts that are up or down by themselves: the subscription, which carries all channels and
// patterns, and each stream. The link is as the worst of them is.
type Board struct {
	log     *slog.Logger
	lag     time.Duration
	started time.Time
	sources []redisutil.Channel       // those of the subscription
	places  map[redisutil.Channel]int // where each is in sources

	lastInput  atomic.Int64 // of the subscription, Unix nanoseconds
	lastRecord atomic.Int64
	keyInput   atomic.Int64 // of the keys
	keyRecord  atomic.Int64

	mu      sync.Mutex
	doc     Link
	parts   []part      // the subscription, then the streams
	live    bool        // the subscription has a connection that serves
	losses  []loss      // by source of the subscription
	refused []time.Time // by source: since when, zero when it is not
	proven  time.Time   // what Redis took before this has been delivered
}

// loss is since when a source's records may be missing; the zero value while none can be.
type loss struct {
	from, lastRecord time.Time
	reason           string
	connection       bool // a connection that served was lost
}

// part is how a part of the link is.
type part struct {
	state, text string
	nextTry     time.Time
}

// NewBoard returns the state of a link that has not been tried yet. Changes of it are logged to log. lag is
// how far back what one server answers proves nothing, since there are others. streams and list are the
// keys that are read beside the subscription; list may be empty.
func NewBoard(sources []redisutil.Channel, streams []string, list string, log *slog.Logger, lag time.Duration) *Board {
	l := &Board{log: log, lag: lag, started: time.Now(), sources: sources, places: make(map[redisutil.Channel]int), losses: make([]loss, len(sources))}
	l.doc = Link{State: Connecting, Since: l.started.UTC(), Text: "connecting to Redis"}
	add := func(name, kind string) {
		l.doc.Sources = append(l.doc.Sources, Source{Name: redisutil.ShowName(name), Kind: kind})
	}
	for i, src := range sources {
		l.places[src] = i
		add(src.Name, kind(src))
	}
	for _, key := range streams {
		add(key, Stream)
	}
	if list != "" {
		add(list, List)
	}
	l.refused = make([]time.Time, len(l.doc.Sources))
	l.parts = make([]part, 1+len(streams))
	for i := range l.parts {
		l.parts[i] = part{state: l.doc.State, text: l.doc.Text}
	}
	if len(sources) == 0 {
		l.parts[0] = part{state: Live, text: "live"}
	}
	return l
}

// Set sets the state of the subscription, and logs the link's when it becomes another one. nextTry may be
// zero.
func (l *Board) Set(state, text string, nextTry time.Time) { l.set(0, part{state, text, nextTry}) }

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

// Input notes a sign of life of the subscription.
func (l *Board) Input(now time.Time) { l.lastInput.Store(now.UnixNano()) }

// LastInput returns the time of the subscription's last sign of life, zero before the first.
func (l *Board) LastInput() time.Time { return clock(l.lastInput.Load()) }

// LastRecord returns the time of the subscription's last record, zero before the first.
func (l *Board) LastRecord() time.Time { return clock(l.lastRecord.Load()) }

// Record notes a record that a source brought.
func (l *Board) Record(now time.Time, by redisutil.Channel) {
	l.lastRecord.Store(now.UnixNano())
	l.mu.Lock()
	defer l.mu.Unlock()
	if i, ok := l.places[by]; ok {
		l.doc.Sources[i].Records++
		l.doc.Sources[i].LastRecord = now.UTC()
	}
}

// Prove notes that everything Redis took before the time at has been delivered: it has answered what
// was sent then, and it answers in order. What arrives is no proof of the moment it arrives, since it
// may have waited in buffers while what came after it was dropped.
func (l *Board) Prove(at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if at.After(l.proven) {
		l.proven = at
	}
}

// Lost notes that contact was lost. Records may be missing since the last proof, or since the start if
// there was none.
func (l *Board) Lost(reason string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range l.sources {
		l.lose(i, reason, l.live)
	}
	l.live = false
}

// lose begins a loss unless one has begun. The caller holds the lock.
func (l *Board) lose(i int, reason string, connection bool) {
	if l.losses[i].from.IsZero() {
		from := l.proven.Add(-l.lag)
		if from.Before(l.started) {
			from = l.started
		}
		l.losses[i] = loss{from: from, lastRecord: l.doc.Sources[i].LastRecord, reason: reason, connection: connection}
	}
}

// Reconnect notes that a new connection begins: nothing is confirmed and nothing refused. What was
// refused before, and is again, was so all the time.
func (l *Board) Reconnect() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range l.sources {
		l.answered(i, time.Time{}, "")
	}
}

// answered notes what Redis says of a source. The caller holds the lock.
func (l *Board) answered(i int, confirmed time.Time, refused string) {
	src := &l.doc.Sources[i]
	src.Confirmed, src.Refused, src.RefusedSince = confirmed, refused, time.Time{}
	if refused != "" {
		src.RefusedSince = l.refused[i]
	}
}

// Place returns a source's number.
func (l *Board) Place(src redisutil.Channel) (i int, ok bool) {
	i, ok = l.places[src]
	return i, ok
}

// Confirm notes that a subscription stands.
func (l *Board) Confirm(now time.Time, i int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refused[i] = time.Time{}
	l.answered(i, now.UTC(), "")
}

// Refuse notes that Redis refuses a subscription, and why.
func (l *Board) Refuse(i int, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refuse(i, err)
	l.lose(i, (&redisutil.DeniedError{What: l.what(i), Err: err}).Error(), false)
}

// refuse notes that Redis refuses a source. The caller holds the lock.
func (l *Board) refuse(i int, err error) {
	if l.refused[i].IsZero() {
		l.refused[i] = time.Now().UTC()
	}
	l.answered(i, time.Time{}, redisutil.Text(err))
}

// Refused returns the sources that are refused.
func (l *Board) Refused() []int {
	l.mu.Lock()
	defer l.mu.Unlock()
	var list []int
	for i, src := range l.doc.Sources[:len(l.sources)] {
		if src.Refused != "" {
			list = append(list, i)
		}
	}
	return list
}

// Refusal returns an error that names what is refused, in words, and nil when nothing is.
func (l *Board) Refusal() *redisutil.DeniedError {
	list := l.Refused()
	if len(list) == 0 {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.sources) == 1 {
		return &redisutil.DeniedError{What: l.what(0), Err: fmt.Errorf("%s", l.doc.Sources[0].Refused)}
	}
	var said []string
	for n, i := range list {
		if n == namesInText {
			said = append(said, fmt.Sprintf("and %d more", len(list)-n))
			break
		}
		said = append(said, l.what(i)+": "+l.doc.Sources[i].Refused)
	}
	return &redisutil.DeniedError{What: fmt.Sprintf("%d of %d subscriptions", len(list), len(l.sources)), Err: fmt.Errorf("%s", strings.Join(said, "; "))}
}

// what names a source in words. The caller holds the lock.
func (l *Board) what(i int) string {
	return fmt.Sprintf("the %s %q", l.doc.Sources[i].Kind, l.doc.Sources[i].Name)
}

// Settle ends the losses of the confirmed sources and returns them as gaps, oldest first. asked is
// when the subscription was asked for.
func (l *Board) Settle(now, asked time.Time) []gap.Gap {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.live = true
	var gaps []gap.Gap
	places := make(map[loss]int)
	proven := now // what is in a gap that ends now needs no other proof
	for i, lost := range l.losses {
		if l.doc.Sources[i].Confirmed.IsZero() {
			continue
		}
		if lost.from.IsZero() {
			proven = asked
			continue
		}
		l.losses[i] = loss{}
		key := loss{from: lost.from, reason: lost.reason, connection: lost.connection}
		n, ok := places[key]
		if !ok {
			n = len(gaps)
			places[key] = n
			gaps = append(gaps, gap.Gap{Kind: gap.Redis, From: lost.from.UTC(), To: now.UTC(), Reason: lost.reason})
			if lost.connection {
				gaps[n].Connections = 1
			}
		}
		if lost.lastRecord.After(gaps[n].LastRecord) {
			gaps[n].LastRecord = lost.lastRecord
		}
	}
	if proven.After(l.proven) {
		l.proven = proven
	}
	slices.SortStableFunc(gaps, func(a, b gap.Gap) int { return cmp.Compare(a.From.UnixNano(), b.From.UnixNano()) })
	return gaps
}

// nextTry returns when a source is asked for again. The caller holds the lock.
func (l *Board) nextTry(i int) time.Time {
	switch key := i - len(l.sources); {
	case key < 0:
		return l.parts[0].nextTry.UTC()
	case 1+key < len(l.parts):
		return l.parts[1+key].nextTry.UTC()
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
	doc.LastInput = clock(max(l.lastInput.Load(), l.keyInput.Load()))
	doc.LastRecord = clock(max(l.lastRecord.Load(), l.keyRecord.Load()))
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
