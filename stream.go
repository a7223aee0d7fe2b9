package elva

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/SupermanScott/Elva/internal/entry"
	"github.com/SupermanScott/Elva/internal/gap"
	"github.com/SupermanScott/Elva/internal/history"
	"github.com/SupermanScott/Elva/internal/printable"
	"github.com/SupermanScott/Elva/internal/status"
	"github.com/SupermanScott/Elva/internal/wire"
	"github.com/SupermanScott/Elva/view"
)

const (
	// flushEvery is how often a viewer gets new records while many arrive. Half of it would double the cost of rendering
	// in the page, and nobody reads faster.
	flushEvery = 100 * time.Millisecond
	// heartbeatEvery is short enough for the page to notice a dead connection within seconds, and far
	// below what proxies wait for (nginx 60 s).
	heartbeatEvery = 2 * time.Second
	// maxAge ends a stream, so that the host's authorization is checked again when the viewer resumes. It varies by
	// ageSpread, so that viewers don't all return at once.
	maxAge    = 15 * time.Minute
	ageSpread = 0.2
	// greetingAge is how old the first status of a stream may be: nobody notices it, and a status of a thousand workers
	// takes a millisecond.
	greetingAge = 100 * time.Millisecond
	// yieldFor is how long a viewer waits before each run while channels bring more than can be handled. 50 viewers take 16 MB/s
	// then, a tenth of a processor, and a page still moves.
	yieldFor = 200 * time.Millisecond
)

// encoder writes to one viewer.
type encoder interface {
	Begin(status []byte) error
	Records(run *history.Run, s *wire.Search) error
	Gap(run *history.Run, s *wire.Search) error                          // a gap in the history
	Report(g gap.Gap) error                                              // a gap that only this viewer has
	Heartbeat(status []byte, c *history.Cursor) (*history.Cursor, error) // returns the cursor to continue with
	CaughtUp() bool                                                      // whether the viewer has seen nothing that follows
	Stop(before uint64, last []entry.Entry, reason error) error          // ends the stream after the number before; last as in Cursor.Last
}

// viewer is one open stream: a cursor in the history and an encoder.
type viewer struct {
	h        *Handler
	cursor   *history.Cursor
	view     *history.View // what all viewers with this filter share; nil without a filter
	search   *wire.Search  // nil without a filter
	out      *wire.Response
	encoder  encoder
	run      history.Run // the last one that was read; a field, so that reading allocates nothing
	caughtUp bool

	snapshot       *snapshot // the last one that was written
	end            time.Time // when the stream reaches its maximal age
	gone, shutdown <-chan struct{}
}

// errEnd means that a stream must end.
var errEnd = errors.New("the stream ends")

// snapshot is the status event of one heartbeat, encoded once for all viewers.
type snapshot struct {
	status []byte
	at     time.Time     // when it was encoded
	next   chan struct{} // closed when the next snapshot is ready
}

// serveEvents is `?events`.
func (h *Handler) serveEvents(out *wire.Response, r *http.Request, request *wire.Request, search *wire.Search) *viewer {
	id := r.Header.Get("Last-Event-ID")
	if id == "" { // a browser that reconnects by itself sends the header, and its query is the old one
		id = request.Query.Get("after")
	}
	return h.serveStream(out, r, "text/event-stream", func(v *viewer) error {
		start := h.resumer.Start(id, v.gone)
		if id == "" && request.Last > 0 {
			start.Cursor = wire.TailCursor(h.history, request.Last, search)
		}
		v.startAt(start.Cursor, search)
		v.encoder = h.events.NewSSE(v.out, start)
		if err := v.encoder.Begin(h.greeting()); err != nil {
			return err
		}
		for _, g := range start.Gaps {
			if err := v.encoder.Report(g); err != nil {
				return err
			}
		}
		return nil
	})
}

// serveTail is `?tail`.
func (h *Handler) serveTail(out *wire.Response, r *http.Request, request *wire.Request, search *wire.Search) *viewer {
	printer := wire.Printer{Color: request.Query.Has("color")}
	lines := request.Lines
	return h.serveStream(out, r, "text/plain; charset=utf-8", func(v *viewer) error {
		v.startAt(wire.TailCursor(h.history, lines, search), search)
		v.encoder = wire.NewText(v.out, printer)
		return nil
	})
}

// startAt sets the cursor and the filter of the viewer. Viewers with the same filter share a view, which they use
// once they have caught up.
func (v *viewer) startAt(cursor *history.Cursor, search *wire.Search) {
	if f := search.Filter(); f != nil {
		v.view = v.h.history.View(f.Key(), f.Match)
	}
	v.cursor, v.search = cursor, search
}

// serveStream starts a response that stays open and returns its viewer, to which begin has written. It returns nil if the
// request was rejected, or the viewer has left already.
func (h *Handler) serveStream(out *wire.Response, r *http.Request, mime string, begin func(*viewer) error) *viewer {
	select {
	case <-h.done:
		out.Refuse(&wire.Refusal{Status: http.StatusServiceUnavailable, Reason: "the handler is closed"})
		return nil
	default:
	}
	if err := out.CanStream(r.Method); err != nil {
		h.cannotStream.Do(func() { h.log.Error("elva: "+err.Error(), "path", r.URL.Path) })
		out.Refuse(err)
		return nil
	}
	if r.Method == http.MethodHead {
		out.BeginStream(r, mime)
		return nil
	}
	if err := out.HidesDeadlines(); err != nil {
		h.noDeadlines.Do(func() { h.log.Warn("elva: "+err.Error(), "path", r.URL.Path) })
	}
	v := &viewer{h: h, out: out, gone: r.Context().Done(), shutdown: h.shutdowns.Done(r)}
	spread := 1 - ageSpread + 2*ageSpread*rand.Float64()
	v.end = time.Now().Add(time.Duration(float64(h.maxAge) * spread))
	h.viewers.Add(1)
	open := false
	defer func() {
		if !open {
			v.close()
		}
	}()
	out.BeginStream(r, mime)
	if begin(v) != nil || out.Flush() != nil {
		return nil
	}
	open = true
	v.snapshot = h.latest.Load()
	return v
}

// close releases what an open stream holds.
func (v *viewer) close() {
	v.view.Release()
	v.out.End()
	v.h.viewers.Add(-1)
}

// follow writes what the history holds and then new records, until the viewer leaves or the stream must end.
func (v *viewer) follow() {
	defer v.close()
	for v.catchUp() == nil {
		select { // catchUp checks what ended the wait
		case <-v.run.Wake:
		case <-v.snapshot.next:
		case <-v.gone:
		case <-v.shutdown:
		case <-v.h.done:
		}
	}
}

// catchUp writes everything that the viewer has not got yet. It returns an error when the stream has ended or must end.
func (v *viewer) catchUp() error {
	for {
		select {
		case <-v.gone:
			return errEnd
		case <-v.shutdown:
			return errEnd
		case <-v.h.done:
			return errEnd
		case <-v.snapshot.next: // a viewer that never catches up gets heartbeats, too
			v.snapshot = v.h.latest.Load()
			if time.Now().After(v.end) {
				return errEnd
			}
			var err error
			if v.cursor, err = v.encoder.Heartbeat(v.snapshot.status, v.cursor); err != nil {
				return err
			}
		default:
		}
		v.yield()
		before, last := v.cursor.Pos(), v.cursor.Last()
		if err := v.search.Err(); errors.Is(err, wire.ErrSearchTime) { // the cursor begins where the search has ended
			return v.stop(before, last, err)
		}
		view, passed := v.view, v.search.Filter()
		if !v.encoder.CaughtUp() {
			view, passed = nil, nil
		}
		if v.run = v.cursor.Follow(view).SkipUnselected(passed).Read(); v.run.Skipped {
			continue
		}
		wrote, err := v.write()
		if errors.Is(err, wire.ErrSearchTime) {
			return v.stop(before, v.run.Last(0), err)
		}
		if err != nil {
			return err
		}
		if !wrote {
			v.caughtUp = true
			return v.out.Flush()
		}
	}
}

// stop ends the stream after the record with the number before, and says why. It returns the error that ends the stream.
func (v *viewer) stop(before uint64, last []entry.Entry, reason error) error {
	if err := v.encoder.Stop(before, last, reason); err != nil {
		return err
	}
	_ = v.out.Flush() // if that fails, the viewer has left
	return errEnd
}

// yield waits while channels bring more than can be handled, so that receiving comes first: Redis closes the connection of a
// subscriber that reads too slowly, and its records are lost, while a viewer can read them later.
func (v *viewer) yield() {
	if _, behind := v.h.feed.waiting(); !behind {
		return
	}
	timer := time.NewTimer(yieldFor)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-v.gone:
	case <-v.shutdown:
	case <-v.h.done:
	}
}

// write writes the run that was read and reports whether it had anything.
func (v *viewer) write() (bool, error) {
	run := &v.run
	switch {
	case run.Lost > 0:
		g := gap.Gap{Kind: gap.Evicted, Lost: run.Lost, From: run.From, To: run.To, Reason: "these records are no longer in memory"}
		if v.caughtUp {
			g.Kind, g.Reason = gap.Slow, "this viewer read too slowly: these records are no longer in memory"
			v.h.lost.Add(run.Lost)
		}
		return true, v.encoder.Report(g)
	case run.Len() == 0:
		return false, nil
	case run.Gap:
		return true, v.encoder.Gap(run, v.search)
	}
	search := v.search
	if run.Selected {
		search = nil
	}
	return true, v.encoder.Records(run, search)
}

// heartbeat evaluates the health every heartbeatEvery and, while there are viewers, encodes one status for all of them.
func (h *Handler) heartbeat() {
	ticker := time.NewTicker(heartbeatEvery)
	defer ticker.Stop()
	for {
		select {
		case <-h.done:
			return
		case <-ticker.C:
		}
		d := h.status(h.health.Fill)
		h.alert.Observe(time.Now(), d.Health)
		if h.viewers.Load() == 0 {
			continue
		}
		next := &snapshot{status: statusEvent(&d), at: time.Now(), next: make(chan struct{})}
		close(h.latest.Swap(next).next)
	}
}

// statusEvent returns the event for a status. It lists at most a few hundred sources.
func statusEvent(d *status.Document) []byte {
	d.Redis.Shorten()
	return wire.StatusEvent(encode(d))
}

// greeting returns the status that a stream begins with. Viewers that arrive at about the same time, as after a restart,
// share one.
func (h *Handler) greeting() []byte {
	last := h.latest.Load()
	if now := time.Now(); now.Sub(last.at) > greetingAge {
		d := h.status(h.health.Fill)
		next := &snapshot{status: statusEvent(&d), at: now, next: last.next}
		if !h.latest.CompareAndSwap(last, next) { // a heartbeat was faster
			return h.latest.Load().status
		}
		return next.status
	}
	return last.status
}

const (
	// firstRows is how many records the page shows before its script runs. firstBytes bounds the size of their encodings:
	// decoding that much takes 60 ms, and long records are cut, so the first paint could not show more.
	firstRows  = 100
	firstBytes = 8 << 20
)

// page returns what the page shows before its script runs.
func (h *Handler) page() view.Page {
	d := h.status(h.health.Fill)
	p := view.Page{Title: h.title, Home: h.home, State: d.Health.State, Summary: d.Health.Text, Now: d.At}
	for _, encoded := range wire.NewestRecords(h.history, firstRows, firstBytes) {
		var row view.Row
		// The encoding is Elva's own, and the script shows it in any case.
		if json.Unmarshal(encoded, &row) == nil {
			p.Rows = append(p.Rows, row)
		}
	}
	return p
}

// serveHealth is `?health`, in one of its formats.
func (h *Handler) serveHealth(w http.ResponseWriter, format string) {
	switch format {
	case "prometheus":
		d := h.status(h.health.Fill)
		wire.ServePrometheus(w, &d, h.health.Records())
	case "status": // the small document of the status event, for a hidden page
		d := h.status(h.health.Fill)
		d.Redis.Shorten()
		wire.ServeDocument(w, &d)
	case "document":
		d := h.status(h.health.FillAll)
		wire.ServeDocument(w, h.addGapList(&d))
	default:
		d := h.status(h.health.FillAll)
		wire.ServeHealth(w, h.addGapList(&d))
	}
}

// addGapList adds the newest gaps to a document that has lists.
func (h *Handler) addGapList(d *status.Document) *status.Document {
	for _, g := range h.ingest.GapList() {
		d.GapList = append(d.GapList, status.Gap{Kind: string(g.Kind), From: g.From, To: g.To})
	}
	return d
}

// status returns the document that `?health` and the status event share. fill adds the health, whole or in short.
func (h *Handler) status(fill func(*status.Document, time.Time)) status.Document {
	now := time.Now()
	kept := h.history.Stats()
	d := status.Document{
		Epoch: h.events.IDs.Epoch, Build: view.Build(), Title: h.title, Redis: h.feed.link.Snapshot(now),
		Viewers: int(h.viewers.Load()), Gaps: h.ingest.Gaps(), Connections: h.ingest.Connections(), Lost: h.lost.Load(), Dropped: h.ingest.Dropped(),
		History: status.History{Records: kept.Records, Bytes: kept.Bytes, FirstSeq: kept.First, LastSeq: kept.Last, Oldest: kept.Oldest, Loading: h.history.Older() != nil, Complete: kept.Complete},
	}
	fill(&d, now)
	return d
}

// encode returns a status as one line of JSON.
func encode(d *status.Document) []byte {
	text, err := json.Marshal(d)
	if err != nil { // strings, numbers and times between the years 0 and 9999 can be encoded
		panic(err)
	}
	return printable.JSON(text)
}

// Summary is the health of everything that logs.
type Summary struct {
	// State is "ok", "degraded", "down" or "unknown".
	State string
	// Text describes it in a few sentences, the worst cause first. Its times are in the time zone of this host.
	Text string
	// Since is when the state began.
	Since time.Time
	// Causes are all causes, the worst first; Text has the first two.
	Causes []Cause
}

// Cause is one thing that is wrong. Fields that don't apply to its kind are empty.
type Cause struct {
	// Kind is one of redis, all, service, storm, half, worker, restarts, critical, hang, slow, errors, new, flood,
	// warnings, duplicates, clock, source.
	Kind string
	// State is "degraded" or "down".
	State string
	// Text is one sentence.
	Text string
	// Service, Worker and Group name what it is about; Group is the title of an error group.
	Service, Worker, Group string
	// Since is when it began.
	Since time.Time
	// Value is the measured value, and Baseline the normal one: seconds of quiet, records or errors a minute, a share, or
	// seconds that a clock is off.
	Value, Baseline float64
	// Filter is the query of an address on Elva's page that shows the records, such as "level=error&logger=a".
	Filter string
}

// onChange adapts OnChange to the summary of the status document. It returns nil without OnChange.
func (c *Config) onChange() func(status.Summary) {
	call := c.OnChange
	if call == nil {
		return nil
	}
	return func(s status.Summary) {
		out := Summary{State: s.State, Text: s.Text, Since: s.Since}
		for _, x := range s.Causes {
			out.Causes = append(out.Causes, Cause{
				Kind: x.Kind, State: x.State, Text: x.Text, Service: x.Service, Worker: x.Worker, Group: x.Group,
				Since: x.Since, Value: x.Value, Baseline: x.Baseline, Filter: x.Filter,
			})
		}
		call(out)
	}
}
