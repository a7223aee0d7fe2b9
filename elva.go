// Package elva shows the logs of long-running workers, live and together, on one page of a Go server. The
// workers publish their records to Redis Pub/Sub; Elva reads them in the background, keeps the newest in
// memory and serves a page and a stream of Server-Sent Events:
//
//	mux.Handle("/debug/logs/", elva.New(rdb, "my:channel"))
//
// Logs are secrets, and Elva has no login of its own. It is one handler, so one wrapper of the host's covers
// the page, its assets and the stream:
//
//	mux.Handle("/debug/logs/", requireAdmin(elva.New(rdb, "my:channel")))
//
// Any payload is a record: the JSON of python-redis-log, log/slog, zap, zerolog, pino, structlog and others,
// or text. A logger of a Go program publishes through a [Writer].
//
// # When Redis is down
//
// New does no I/O, and a missing Redis is no error: the page says what is wrong, and Elva retries indefinitely.
// What is published meanwhile is lost, and each such gap is a row on the page, with its times. Where that is not
// enough, producers keep a list beside the channel ([Config.HistoryList]) or add to a stream ([Config.Streams]).
//
// # Requests
//
// The path is ignored, so every prefix, router and proxy works, with and without a trailing slash and
// http.StripPrefix. The query decides:
//
//	…                      the page; the stream if the request accepts text/event-stream
//	…?events               the stream; &after=ID resumes as the header Last-Event-ID does
//	…?records[&download]   the records in memory, as NDJSON; &download=text as lines
//	…?histogram            how many records by level and time, as NDJSON; &buckets=N or &step=10s
//	…?patterns, …?facets, …?operations, …?changes
//	                       what is alike, which values there are, what runs, what changed, as JSON; see docs/http.md
//	…?tail[=N][&color]     lines for a terminal, the last N (10) and those that come: curl -N host/debug/logs/?tail
//	…?health               the state of Redis and of what is logged, as JSON; 503 when it is down
//	…?health=document      the same, always with 200
//	…?health=prometheus    the main figures in the Prometheus text format
//	…?raw=ID               one record's payload as it was published
//
// A last path element events, records, tail or health does the same as the query. Events, records and tail
// take a filter, such as level=warning or q=timeout+host:web-1; see docs/filters.md.
package elva

import (
	"crypto/rand"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/SupermanScott/Elva/internal/alert"
	"github.com/SupermanScott/Elva/internal/health"
	"github.com/SupermanScott/Elva/internal/history"
	"github.com/SupermanScott/Elva/internal/ingest"
	"github.com/SupermanScott/Elva/internal/redisutil"
	"github.com/SupermanScott/Elva/internal/resume"
	"github.com/SupermanScott/Elva/internal/wire"
	"github.com/SupermanScott/Elva/view"
)

// Config holds a handler's settings. The zero value means the defaults. It may be used for any number
// of handlers.
type Config struct {
	// Title is the page's heading. Empty means "Elva".
	Title string

	// Home is the address of the link in the page's header that leads back to the host, such as "/admin". Empty means none.
	Home string

	// History is how many records the handler keeps in memory. Zero or less means 1,000,000.
	History int

	// HistoryBytes is how much memory the history may take, in bytes; the bound that is met first holds. An eighth of both
	// is for warnings and worse. 32 MiB hold some 450,000 records of 300 bytes. In a storm, records that were received and
	// are not in the history yet take up to a half of it. With the garbage that Go has not collected yet, the heap grows by
	// about two and a half times as much. Zero or less means 32 MiB.
	HistoryBytes int

	// Streams are the keys of Redis Streams to read beside the channels, or instead of any. Each entry is shown once, in
	// order, over interruptions, restarts and any number of instances; what was trimmed before it was read is a gap with its
	// number (from Redis 7 on). At the start, older entries are read in the background, newest first, until the history is
	// full. An entry with one field is a record of its value, as [NewStreamWriter] adds it; one with several is the object
	// of them. It takes one dedicated connection, in a cluster one for each stream. Nil means none.
	Streams []string

	// HistoryList is the key of a list to which the producers push (RPUSH) the payloads right before they publish them, as
	// python-redis-log's RedisListHandler does. Elva reads it (LRANGE) at the start, older payloads in the background,
	// newest first, until the history is full. After every interruption it reads at most its newest 100,000, and shows what
	// it missed; twice if it is published more than half a second later. A gap stays unless the list proves that nothing is
	// missing. Empty means none.
	HistoryList string

	// Sharded subscribes with SSUBSCRIBE (Redis 7), for producers that use SPUBLISH; see docs/operate.md. Each channel takes
	// a dedicated connection. Patterns do not exist then.
	Sharded bool

	// Redact is called with each payload before anything is decoded, stored or counted, and returns what the payload is to
	// be: what it removes is nowhere in Elva, ?raw included. "" drops the payload, which the metric
	// elva_redact_dropped_records_total counts; so does a panic, of which Logger gets the place and never the value. Records
	// wait for it, and several sources call it at the same time. [RedactSecrets] is one to use. Nil changes nothing.
	Redact func(payload string) string

	// OnChange is called when the state has changed and held: ten seconds if it is worse, a minute if it is better, so that
	// a flap is one call. The first call is for the first state that is neither ok nor unknown. There is one call at a time,
	// in a goroutine of its own; a slow call skips to the newest state. A panic in it is logged. It may still run when Close
	// returns. Nil means no calls.
	OnChange func(Summary)

	// Logger logs changes of the connection to Redis and middlewares that prevent streaming. It never logs
	// records: a host that logs to the channel it shows would feed itself. Nil means slog.Default().
	Logger *slog.Logger

	timing redisutil.Timing // of the subscription; tests shorten it
}

// Handler serves one page and its stream. It is safe for concurrent use.
type Handler struct {
	title     string
	home      string
	log       *slog.Logger
	events    wire.Encoders
	maxAge    time.Duration
	history   *history.History
	health    *health.Health
	alert     *alert.Alert
	ingest    *ingest.Ingest
	feed      *feed
	resumer   *resume.Resumer
	shutdowns wire.Shutdowns
	explorer  *wire.Explorer

	latest                    atomic.Pointer[snapshot]
	viewers                   atomic.Int64
	lost                      atomic.Uint64
	cannotStream, noDeadlines sync.Once // log what a host's middleware prevents

	mu      sync.Mutex     // held while done is closed, and while a request begins
	running sync.WaitGroup // what was started and has not ended, requests included
	done    chan struct{}  // closed by Close
	ended   chan struct{}  // closed when nothing runs any more
}

// New is Config{}.New: a handler with the default settings.
func New(client redis.UniversalClient, channels ...string) *Handler {
	return Config{}.New(client, channels...)
}

// New returns a handler that shows what is published on channels. It begins to read at once, in the
// background, so that there is a history before the first visitor, and never fails because of Redis.
//
// A name with an unescaped *, ? or [ is a pattern (PSUBSCRIBE). Any other is an exact channel, in which a
// backslash escapes the character after it; see [Exact]. Names that overlap deliver once.
//
// The client stays the caller's: the handler never closes it, and takes one connection outside its pool. It
// may be a *redis.Client, a *redis.ClusterClient or a Sentinel failover client, but no *redis.Ring.
//
// It panics on a mistake in the wiring: a nil client, neither a channel nor a stream, an empty name, the
// same stream twice, more than 250 streams, a HistoryList without a channel, Sharded with a pattern, a Title
// or a Home of more than 2,000 bytes.
func (c Config) New(client redis.UniversalClient, channels ...string) *Handler {
	if isNil(client) {
		panic("elva: New with a nil Redis client")
	}
	if mistake := c.mistake(channels); mistake != "" {
		panic("elva: " + mistake)
	}
	c.setDefaults()
	h := &Handler{title: c.Title, home: c.Home, log: c.Logger, maxAge: maxAge, shutdowns: wire.NewShutdowns(), explorer: wire.NewExplorer(), done: make(chan struct{}), ended: make(chan struct{})}
	h.history = history.New(c.History, c.HistoryBytes, flushEvery)
	h.health = health.New(time.Now())
	h.alert = alert.New(c.onChange(), h.log)
	h.latest.Store(&snapshot{next: make(chan struct{})})
	streams := slices.Clone(c.Streams)
	h.events.IDs, h.events.History = resume.NewIDFormat(rand.Text(), streams), h.history
	h.ingest = &ingest.Ingest{History: h.history, Health: h.health, Redact: c.Redact, Log: h.log}
	h.resumer = resume.New(h.events.IDs, h.history, len(channels) > 0)
	h.ingest.Recreated = h.resumer.Recreated
	h.feed = newFeed(client, channels, streams, &c, h.ingest, h.resumer, h.log)
	h.start()
	return h
}

// ServeHTTP answers as the package comment says.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h.begin() {
		defer h.running.Done()
	}
	if v := h.answer(w, r); v != nil { // here, so that while a stream is open only this is on its stack
		v.follow()
	}
}

// answer answers a request, or begins a stream and returns its viewer.
func (h *Handler) answer(w http.ResponseWriter, r *http.Request) *viewer {
	out := wire.NewResponse(w, r)
	request, err := wire.Accept(r)
	if err != nil {
		out.Refuse(err)
		return nil
	}
	switch request.Kind {
	case wire.Records, wire.Histogram, wire.Patterns, wire.Facets, wire.Operations, wire.Changes, wire.Tail, wire.Events:
		return h.search(out, r, &request)
	}
	h.serve(out, r, &request)
	out.Finish()
	return nil
}

// search answers a request that takes a filter. It returns the viewer of a stream.
func (h *Handler) search(out *wire.Response, r *http.Request, request *wire.Request) *viewer {
	f, err := wire.ParseFilter(r.URL.RawQuery, request, time.Now(), h.history.Stats().Oldest)
	if err != nil {
		out.Refuse(&wire.Refusal{Status: http.StatusBadRequest, Reason: err.Error()})
		return nil
	}
	search := wire.NewSearch(h.history, f, r.Context().Done())
	switch request.Kind {
	case wire.Tail:
		return h.serveTail(out, r, request, search)
	case wire.Events:
		return h.serveEvents(out, r, request, search)
	case wire.Histogram:
		wire.ServeHistogram(out, r, h.history, search, request)
		return nil
	case wire.Patterns, wire.Facets, wire.Operations, wire.Changes:
		h.explorer.Serve(out, r, h.history, search, request)
		return nil
	}
	wire.ServeRecords(out, r, h.history, search, request, h.events.IDs)
	return nil
}

// serve renders an answer as a whole and writes it. It is a separate function because it needs a large stack: the goroutine of a
// stream, which passes through answer too, never gives back the stack that it has used.
func (h *Handler) serve(out *wire.Response, r *http.Request, request *wire.Request) {
	switch request.Kind {
	case wire.Asset:
		view.ServeAsset(out, r)
	case wire.Health:
		h.serveHealth(out, request.Query.Get("health"))
	case wire.Payload:
		seq, _, _ := h.events.IDs.Parse(request.Query.Get("raw")) // another epoch's is 0, which no record has
		wire.ServePayload(out, h.history, seq)
	default:
		view.ServePage(out, r, h.page())
	}
}
