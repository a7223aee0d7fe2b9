package explore_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/SupermanScott/Elva/internal/group"
	"github.com/SupermanScott/Elva/internal/record"
)

// A world is a few services that log for 45 minutes, with rates that vary, and rare records. An incident changes it from a minute or two
// into the last ten minutes on.
type world struct {
	rng      *rand.Rand
	begin    time.Time
	sources  []*source
	after    []event
	dead     map[string]float64 // worker: the minute from which on it logs nothing
	clock    map[string]time.Duration
	rise     float64 // how much the rates rise over all of the time
	incident float64 // the minute in which it begins
}

const (
	worldMinutes = 45
	rangeMinutes = 10
)

// A source is one call of a logger: a message with values, at a rate per minute, on some workers of a service.
type source struct {
	service string
	workers []string
	level   string
	message func(*rand.Rand) string                                  // members of the payload
	say     func(rng *rand.Rand, minute float64, host string) string // in place of message
	rate    float64
	from    float64 // minutes
	to      float64
	factor  func(minute float64) float64
	every   float64 // minutes from one burst to the next; 0 for an even flow
	clock   float64 // minutes from one record to the next, as by a clock; 0 for a flow
	wave    float64 // the phase of a slow wave
}

// An event is one record at a time.
type event struct {
	minute  float64
	worker  string
	payload string
}

// fmsg returns a message with random values: %d a number, %s an id.
func fmsg(format string, fields string) func(*rand.Rand) string {
	return func(rng *rand.Rand) string {
		return fmt.Sprintf(`"msg":%q%s`, fill(rng, format), fill(rng, fields))
	}
}

func fill(rng *rand.Rand, format string) string {
	for strings.Contains(format, "%d") {
		format = strings.Replace(format, "%d", fmt.Sprint(rng.IntN(900)+10), 1)
	}
	for strings.Contains(format, "%s") {
		format = strings.Replace(format, "%s", fmt.Sprintf("%08x", rng.Uint32()), 1)
	}
	for strings.Contains(format, "%u") {
		format = strings.Replace(format, "%u", "user"+fmt.Sprint(rng.IntN(300)), 1)
	}
	for strings.Contains(format, "%t") {
		format = strings.Replace(format, "%t", []string{"acme", "globex", "initech", "umbrella", "hooli", "stark", "wayne", "tyrell", "cyberdyne", "wonka"}[rng.IntN(10)], 1)
	}
	return format
}

// thrown returns a message with a traceback of an exception in a function of a file.
func thrown(message, exception, file, function string) func(*rand.Rand) string {
	return func(rng *rand.Rand) string {
		trace := fmt.Sprintf("Traceback (most recent call last):\n  File \"/srv/app/shop/%s\", line %d, in %s\n    x()\n%s: value %d", file, 31, function, exception, rng.IntN(1000))
		return fmt.Sprintf(`"msg":%q,"exc_info":%q`, fill(rng, message), trace)
	}
}

var (
	webs   = []string{"web-1", "web-2", "web-3"}
	pays   = []string{"pay-1", "pay-2"}
	stocks = []string{"stock-1", "stock-2"}
	mails  = []string{"mail-1", "mail-2"}
	auths  = []string{"auth-1"}
	finds  = []string{"search-1", "search-2"}
	dbs    = []string{"db-1", "db-2"}
)

// newWorld returns a world in which nothing is wrong.
func newWorld(seed uint64) *world {
	w := &world{rng: rand.New(rand.NewPCG(seed, 18)), begin: time.Date(2026, 11, 29, 15, 0, 0, 0, time.UTC), dead: make(map[string]float64), clock: make(map[string]time.Duration)}
	w.incident = worldMinutes - rangeMinutes + 0.5 + 2*w.rng.Float64()
	add := func(service string, workers []string, level string, rate float64, message func(*rand.Rand) string) {
		w.add(&source{service: service, workers: workers, level: level, message: message, rate: rate})
	}
	add("web", webs, "info", 90, fmsg("GET /orders/%d 200 in %d ms", `,"path":"/orders","status":200,"tenant":"%t","took":%d`))
	add("web", webs, "info", 30, fmsg("POST /checkout 201 in %d ms", `,"path":"/checkout","status":201,"tenant":"%t","took":%d`))
	add("web", webs, "info", 4, fmsg("GET /export 200 in %d ms", `,"path":"/export","status":200,"tenant":"%t","took":%d`))
	add("web", webs, "warning", 3, fmsg("GET /orders/%d 404 in %d ms", `,"path":"/orders","status":404,"tenant":"%t"`))
	add("web", webs, "error", 0.6, fmsg("request of tenant %t failed: upstream reset", `,"tenant":"%t"`))
	add("web", webs, "warning", 1, fmsg("retrying request to stock, attempt %d", ``))
	add("web", webs, "warning", 1, fmsg("cache key contended", `,"key":"%u"`))
	add("payments", pays, "info", 30, fmsg("charged %d EUR for order %d", `,"took":%d,"tenant":"%t"`))
	add("payments", pays, "warning", 0.3, fmsg("gateway slow: %d ms", ``))
	add("payments", pays, "warning", 3, fmsg("card of order %d declined", ``))
	add("payments", pays, "error", 0.2, thrown("charge of order %d failed", "ConnectionResetError", "gateway.py", "post"))
	add("stock", stocks, "info", 40, fmsg("reserved %d items of order %d", `,"sku":"%s"`))
	add("stock", stocks, "debug", 20, fmsg("cache hit for sku %s", ``))
	add("stock", stocks, "error", 0.3, fmsg("job %d failed: bad quantity", `,"job_id":%d`))
	add("stock", stocks, "info", 2, fmsg("import finished: %d rows", ``))
	add("stock", stocks, "info", 2, fmsg("queue has %d jobs waiting", `,"queue":"default"`))
	add("mail", mails, "info", 12, fmsg("sent mail to %u in %d ms", ``))
	add("mail", mails, "warning", 0.2, fmsg("greylisted by %s, trying again in %d s", ``))
	add("auth", auths, "info", 25, fmsg("token of %u renewed", ``))
	add("auth", auths, "warning", 2, fmsg("invalid password for %u", `,"ip":"10.0.%d.7"`))
	add("search", finds, "info", 20, fmsg("query took %d ms, %d hits", `,"took":%d`))
	add("search", finds, "warning", 0.1, fmsg("429 from maps api, waiting %d s", ``))
	add("db", dbs, "info", 6, fmsg("checkpoint complete: wrote %d buffers", ``))
	add("db", dbs, "warning", 1, fmsg("slow query: %d ms", `,"table":"orders"`))
	add("db", dbs, "info", 4, fmsg("heap at %d MB", ``))
	for i := range 40 { // rare records of all kinds: some of them are seen in the last ten minutes only
		s := [][]string{webs, pays, stocks, mails, auths, finds, dbs}[i%7]
		level := []string{"info", "info", "warning", "debug", "error"}[w.rng.IntN(5)]
		add([]string{"web", "payments", "stock", "mail", "auth", "search", "db"}[i%7], s, level, 0.01+0.04*w.rng.Float64(), fmsg(rareTexts[i%len(rareTexts)]+" of "+rareThings[i/7%len(rareThings)]+" %d", ``))
	}
	return w
}

var rareTexts = []string{"lease renewed", "config reloaded", "slow start", "worker idle", "buffer grown", "ping lost", "index rebuilt", "session dropped", "lock waited", "page split", "token rotated"}
var rareThings = []string{"shard", "tenant", "pool", "region", "replica", "batch"}

func (w *world) add(s *source) *source {
	if s.to == 0 {
		s.to = worldMinutes
	}
	s.wave = w.rng.Float64() * 2 * math.Pi
	w.sources = append(w.sources, s)
	return s
}

// find returns the source whose message begins with a text.
func (w *world) find(text string) *source {
	for _, s := range w.sources {
		if s.message != nil && strings.Contains(s.message(rand.New(rand.NewPCG(1, 1))), text) {
			return s
		}
	}
	panic("no source says " + text)
}

// fault adds what an incident makes workers log.
func (w *world) fault(service string, workers []string, level string, rate float64, message func(*rand.Rand) string) *source {
	return w.add(&source{service: service, workers: workers, level: level, message: message, rate: rate, from: w.incident})
}

// times changes the rate of a source from the incident on.
func (w *world) times(text string, factor float64) {
	w.find(text).factor = func(minute float64) float64 {
		if minute < w.incident {
			return 1
		}
		return factor
	}
}

// once adds one record.
func (w *world) once(minute float64, host, service, level, text string) {
	w.after = append(w.after, event{minute, host, fmt.Sprintf(`{"level":%q,"hostname":%q,"logger":%q,"msg":%q}`, level, host, service, text)})
}

// A line is one record as the history encodes it.
type line struct {
	at      time.Time
	level   record.Level
	encoded []byte
}

// lines returns everything that the world logs, in order.
func (w *world) lines() []line {
	var events []event
	for _, s := range w.sources {
		events = append(events, w.run(s)...)
	}
	events = append(events, w.after...)
	slices.SortStableFunc(events, func(a, b event) int {
		switch {
		case a.minute < b.minute:
			return -1
		case a.minute > b.minute:
			return 1
		}
		return 0
	})
	var patterns group.Patterns
	var lines []line
	for i, e := range events {
		if dead, ok := w.dead[e.worker]; ok && e.minute >= dead {
			continue
		}
		at := w.begin.Add(time.Duration(e.minute * float64(time.Minute)))
		r := record.Decode(e.payload)
		r.Time = at
		if e.minute >= w.incident {
			r.Time = at.Add(w.clock[e.worker])
		}
		lines = append(lines, line{at, r.Level, encode(i+1, at, &r, &patterns)})
	}
	return lines
}

// encode encodes a record as the history does.
func encode(seq int, at time.Time, r *record.Record, patterns *group.Patterns) []byte {
	text := fmt.Appendf(nil, `{"seq":%d,"at":"%s","channel":"app","worker":`, seq, at.Format("2006-01-02T15:04:05.000000Z"))
	start := len(text)
	if text = r.AppendWorker(text); len(text) == start {
		text = append(text, `"app"`...)
	}
	text = append(r.AppendMembers(text), `,"pattern":"`...)
	return append(group.AppendPattern(text, patterns.Hash(r)), `"}`...)
}

// run returns the records of a source: a flow whose rate varies from minute to minute and in waves, or bursts.
func (w *world) run(s *source) (events []event) {
	text := func(minute float64, host string) string {
		if s.say != nil {
			return s.say(w.rng, minute, host)
		}
		return s.message(w.rng)
	}
	payload := func(minute float64, host string) string {
		return fmt.Sprintf(`{"level":%q,"hostname":%q,"logger":%q,"pid":%d,%s}`, s.level, host, s.service, 100+len(host), text(minute, host))
	}
	for minute := s.from + s.clock/2; s.clock > 0 && minute < s.to; minute += s.clock {
		at, host := minute+0.02*w.rng.Float64(), s.workers[0]
		events = append(events, event{at, host, payload(at, host)})
	}
	for minute := math.Floor(s.from); s.clock == 0 && minute < s.to; minute++ {
		rate := s.rate * (1 + w.rise*minute/worldMinutes) * math.Exp(w.rng.NormFloat64()*0.2) * (1 + 0.15*math.Sin(s.wave+minute/9))
		if s.every > 0 {
			rate = 0
			if math.Mod(minute+math.Floor(s.wave), s.every) < 1 {
				rate = s.rate
			}
		}
		if s.factor != nil {
			rate *= s.factor(minute + 0.5)
		}
		for range w.poisson(rate) {
			at := minute + w.rng.Float64()
			host := s.workers[w.rng.IntN(len(s.workers))]
			if at >= s.from && at < s.to {
				events = append(events, event{at, host, payload(at, host)})
			}
		}
	}
	return events
}

func (w *world) poisson(mean float64) int {
	n, p, limit := 0, 1.0, math.Exp(-mean)
	if mean > 500 {
		return int(mean + math.Sqrt(mean)*w.rng.NormFloat64())
	}
	for p *= w.rng.Float64(); p > limit; p *= w.rng.Float64() {
		n++
	}
	return n
}

// An incident is something that goes wrong. One of the first sentences must contain all words of one of its lists.
type incident struct {
	name  string
	begin func(*world)
	names []string
}

func one(host string) []string { return []string{host} }

// incidents were written before the statistics.
var incidents = []incident{
	{"bad deploy on one host", func(w *world) {
		w.once(w.incident, "web-2", "web", "info", "starting shop release r42")
		w.fault("web", one("web-2"), "error", 8, thrown("cart %d can't be shown", "KeyError", "cart.py", "show"))
	}, []string{"KeyError web-2", "cart web-2"}},
	{"slow dependency", func(w *world) { w.times("gateway slow", 50) }, []string{"gateway slow"}},
	{"poison message", func(w *world) {
		w.fault("stock", one("stock-1"), "error", 10, fmsg("job 4711 failed: bad quantity", `,"job_id":4711`))
	}, []string{"4711", "job failed"}},
	{"expired certificate", func(w *world) {
		w.fault("mail", mails, "error", 9, fmsg("TLS handshake with smtp-%d failed: certificate has expired", ``))
	}, []string{"certificate has expired"}},
	{"full disk", func(w *world) {
		w.fault("payments", one("pay-2"), "error", 5, fmsg("write of %d bytes failed: no space left on device", ``))
	}, []string{"no space left pay-2"}},
	{"retry storm", func(w *world) { w.times("retrying request", 60) }, []string{"retrying request"}},
	{"clock off", func(w *world) {
		w.clock["web-3"] = -12 * time.Minute
		w.fault("auth", auths, "error", 6, fmsg("token of %u was issued in the future", ``))
	}, []string{"issued in the future", "web-3"}},
	{"one tenant", func(w *world) {
		w.fault("web", webs, "error", 4, fmsg("request of tenant acme failed: upstream reset", `,"tenant":"acme"`))
	}, []string{"acme"}},
	{"a worker stuck", func(w *world) { w.dead["stock-1"] = w.incident }, []string{"stock-1"}},
	{"a queue that piles up", func(w *world) {
		w.fault("stock", stocks, "warning", 6, fmsg("job %d waited %d s for a worker", ``))
	}, []string{"waited"}},
	{"config typo", func(w *world) {
		for _, host := range mails {
			w.once(w.incident, host, "mail", "warning", "unknown option smtp_hots, using localhost")
		}
		w.fault("mail", mails, "error", 7, fmsg("connect to localhost:25: connection refused", ``))
		w.times("sent mail", 0)
	}, []string{"connection refused", "smtp_hots"}},
	{"leaking memory", func(w *world) {
		w.fault("db", one("db-1"), "warning", 7, fmsg("GC paused for %d ms", ``))
		w.once(worldMinutes-1, "db-1", "db", "critical", "killed: out of memory")
	}, []string{"GC db-1", "out of memory"}},
	{"a chatty debug flag", func(w *world) {
		w.fault("search", one("search-2"), "debug", 150, fmsg("scored document %d with %d", ``))
	}, []string{"scored document"}},
	{"DNS", func(w *world) {
		w.fault("web", webs, "error", 5, fmsg("lookup stock.internal: no such host", ``))
		w.fault("payments", pays, "error", 2, fmsg("lookup stock.internal: no such host", ``))
	}, []string{"no such host"}},
	{"a hot key", func(w *world) {
		w.fault("web", webs, "warning", 15, fmsg("cache key contended", `,"key":"user1"`))
	}, []string{"contended", "user1"}},
	{"deadlocks", func(w *world) {
		w.fault("payments", pays, "error", 2, thrown("charge of order %d failed", "DeadlockDetected", "ledger.py", "book"))
	}, []string{"DeadlockDetected"}},
	{"a pool that is exhausted", func(w *world) {
		w.fault("web", webs, "error", 6, thrown("Unhandled exception", "PoolTimeout", "db.py", "acquire"))
	}, []string{"PoolTimeout"}},
	{"a bad release everywhere", func(w *world) {
		for i, host := range webs {
			w.once(w.incident+float64(i)/2, host, "web", "info", "starting shop release r42")
		}
		w.fault("web", webs, "error", 3, thrown("Unhandled exception", "TypeError", "views.py", "show"))
	}, []string{"TypeError"}},
	{"rate limit of another's API", func(w *world) { w.times("429 from maps", 60) }, []string{"429 from maps"}},
	{"guessed passwords", func(w *world) {
		w.fault("auth", auths, "warning", 30, fmsg("invalid password for %u", `,"ip":"203.0.113.9"`))
	}, []string{"invalid password", "203.0.113.9"}},
	{"a job that no longer runs", func(w *world) { w.times("import finished", 0) }, []string{"import finished"}},
	{"a service that is gone", func(w *world) {
		for _, host := range mails {
			w.dead[host] = w.incident
		}
	}, []string{"mail"}},
	{"no traffic", func(w *world) {
		for _, s := range w.sources {
			if s.service == "web" {
				s.factor = func(minute float64) float64 {
					if minute < w.incident {
						return 1
					}
					return 0.15
				}
			}
		}
	}, []string{"web", "GET"}},
	{"a crash loop", func(w *world) {
		for i := range 8 {
			w.once(w.incident+float64(i), "pay-1", "payments", "info", fmt.Sprintf("starting payments, pid %d", 4000+i))
			w.once(w.incident+float64(i)+0.8, "pay-1", "payments", "critical", "panic: invalid memory address")
		}
	}, []string{"panic pay-1", "starting payments pay-1", "restarted pay-1"}},
	{"a column that is missing", func(w *world) {
		w.fault("payments", pays, "error", 4, fmsg("column \"vat\" does not exist", ``))
	}, []string{"does not exist"}},
	{"another format of messages", func(w *world) {
		w.fault("stock", stocks, "error", 8, fmsg("can't parse event %d: unexpected end of JSON", ``))
	}, []string{"can't parse event"}},
	{"a slow disk", func(w *world) {
		w.fault("db", one("db-1"), "warning", 20, fmsg("slow query: %d ms", `,"table":"orders"`))
	}, []string{"slow query"}},
	{"one endpoint fails", func(w *world) {
		w.fault("web", webs, "error", 3, fmsg("GET /export 500 in %d ms", `,"path":"/export","status":500,"tenant":"%t"`))
	}, []string{"/export"}},
	{"declined cards", func(w *world) { w.times("declined", 8) }, []string{"declined"}},
	{"a failover of Redis", func(w *world) {
		for _, x := range []struct {
			service string
			workers []string
		}{{"web", webs}, {"stock", stocks}} {
			s := w.fault(x.service, x.workers, "error", 120, fmsg("READONLY You can't write against a read only replica", ``))
			s.to = w.incident + 0.4
		}
	}, []string{"READONLY"}},
}

// A quietHour is a world in which nothing is wrong, with something natural.
type quietHour struct {
	name  string
	begin func(*world)
}

var quietHours = []quietHour{
	{"nothing", func(*world) {}},
	{"the daily rise", func(w *world) { w.rise = 0.8 }},
	{"the evening", func(w *world) { w.rise = -0.5 }},
	{"a batch job every ten minutes", func(w *world) {
		w.add(&source{service: "stock", workers: stocks, level: "info", rate: 80, every: 10, message: fmsg("imported row %d of file %d", ``)})
		w.add(&source{service: "db", workers: dbs, level: "warning", rate: 15, every: 10, message: fmsg("lock on orders held for %d ms", ``)})
	}},
	{"a rolling deploy", func(w *world) {
		for i, host := range webs {
			w.once(w.incident+float64(i), host, "web", "info", "stopping shop")
			w.once(w.incident+float64(i)+0.2, host, "web", "info", "starting shop release r42")
			w.once(w.incident+float64(i)+0.25, host, "web", "info", "connected to database")
		}
	}},
	{"a few retries", func(w *world) {
		w.find("retrying").every, w.find("retrying").rate = 4, 6
	}},
}
