package main

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"time"
)

// The channels of the shop's workers.
const (
	webChannel     = "shop:web"
	paymentChannel = "shop:payments"
	mailChannel    = "shop:mail"
	stockChannel   = "shop:stock"
)

// The story repeats every storyLength: the card gateway slows down, fails, and comes back; the mailer stops for a while; a release of the
// web is rolled out host by host and brings a new type of error until it is mended; and the stock service stops for a while. The first
// trouble comes early, so that a visitor needn't wait for it, and from the mailer's on the last third of a visit differs from what was
// before it, so that there is an answer to what changed. All the time orders go through web, stock, payments and mail, each with its
// request's id, and now and then the gateway is slow.
const (
	storyLength    = 150 * time.Second
	gatewaySlow    = 8 * time.Second
	gatewayDown    = 14 * time.Second
	gatewayBack    = 26 * time.Second
	mailerSilent   = 30 * time.Second
	mailerBack     = 64 * time.Second
	deployBegins   = 54 * time.Second
	deployStep     = 2 * time.Second // from one host to the next
	deployMended   = 98 * time.Second
	stockSilent    = 75 * time.Second
	stockBack      = 130 * time.Second
	webWorkers     = 3
	failuresToOpen = 4 // failed charges until the payment worker stops trying
)

// An entry is one payload on its channel.
type entry struct{ channel, payload string }

// A shop tells what its workers log. The same seed and times give the same records.
type shop struct {
	rng      *rand.Rand
	opened   time.Time
	order    int
	failures int // charges that failed in this round of the story
	waiting  int // orders that wait for the gateway
	hosts    []string
	later    []step // in their order
}

// A step is what a worker logs later about an order: nothing, if its entry has no channel.
type step struct {
	at  time.Time
	log func(at time.Time) entry
}

func newShop(seed uint64, opened time.Time) *shop {
	s := &shop{rng: rand.New(rand.NewPCG(seed, 0)), opened: opened, order: 48_210}
	for i := range webWorkers {
		s.hosts = append(s.hosts, s.host(i, opened))
	}
	return s
}

// release is the release of the web that worker i runs.
func (s *shop) release(i int, at time.Time) int {
	story := at.Sub(s.opened)
	release := 41 + int(story/storyLength)
	if story%storyLength >= deployBegins+time.Duration(i)*deployStep {
		release++
	}
	return release
}

// host is the name of the web's worker i, a container of its release.
func (s *shop) host(i int, at time.Time) string {
	return fmt.Sprintf("web-%d-r%d", i+1, s.release(i, at))
}

// after has log say something later.
func (s *shop) after(at time.Time, log func(at time.Time) entry) {
	i, _ := slices.BinarySearchFunc(s.later, at, func(other step, at time.Time) int { return other.at.Compare(at) })
	s.later = slices.Insert(s.later, i, step{at, log})
}

// opening is what the workers log as they start.
func (s *shop) opening(at time.Time) []entry {
	var entries []entry
	for i, host := range s.hosts {
		started := at.Add(time.Duration(i) * time.Millisecond)
		entries = append(entries,
			web(started, host, "info", site{"gunicorn.error", "/usr/lib/python3/dist-packages/gunicorn/glogging.py", 271, "info"}, "", "Listening at: %s (%d)", "http://0.0.0.0:8000", 7),
			web(started, host, "debug", site{"shop.db.pool", "/srv/shop/db/pool.py", 58, "open"}, "", "pool of %d connections to %s", 20, "postgresql://db-1/shop"),
		)
	}
	return append(entries,
		payment(at, "info", site{"payments", "/srv/payments/__main__.py", 31, "main"}, "", "worker ready, gateway %s", gateway),
		mail(at, "INFO", "mailer.queue", "queue opened, 3 messages left from before"),
		stock(at, slog.LevelInfo, "stock.http", slog.Source{Function: "main.main", File: "/srv/stock/main.go", Line: 44}, "listening", slog.String("addr", ":8080")),
	)
}

// next is one more record of the shop's day, at the time at.
func (s *shop) next(at time.Time) entry {
	for len(s.later) > 0 && !s.later[0].at.After(at) {
		due := s.later[0]
		s.later = s.later[1:]
		if e := due.log(at); e.channel != "" {
			return e
		}
	}
	for i, old := range s.hosts {
		if host := s.host(i, at); host != old {
			s.hosts[i] = host
			process := site{"shop.web", "/srv/shop/web/__main__.py", 20, "main"}
			s.after(at, func(at time.Time) entry {
				return web(at, host, "info", process, "", "started release %d", s.release(i, at))
			})
			return web(at, old, "info", process, "", "shutting down for release %d", s.release(i, at))
		}
	}
	moment := at.Sub(s.opened) % storyLength
	switch n := s.rng.IntN(100); {
	case n < 54:
		return s.webRecord(at, moment)
	case n < 70:
		return s.charge(at, s.order-s.rng.IntN(5))
	case n < 82 && s.mails(at):
		return s.mailRecord(at)
	case s.stocks(at):
		return s.stockRecord(at)
	default:
		return s.webRecord(at, moment)
	}
}

var (
	access    = site{"shop.web.access", "/srv/shop/web/access.py", 41, "log_request"}
	reserved  = slog.Source{Function: "main.(*store).reserve", File: "/srv/stock/reserve.go", Line: 57}
	newErrors = []string{"AttributeError: 'NoneType' object has no attribute 'total'", "decimal.InvalidOperation: [<class 'decimal.ConversionSyntax'>]", "shop.cart.CartExpired: cart 7f2c is from an older release"}
	customers = []string{"ana@example.org", "björn@example.org", "chidi@example.org", "mei@example.org", "zoë@example.org"}
	pages     = []string{"/", "/products/214", "/products/87?size=M", "/search?q=tea+pot", "/cart", "/account/orders", "/static/shop.css"}
)

// webRecord is a Django-like application's, in python-redis-log's form.
func (s *shop) webRecord(at time.Time, moment time.Duration) entry {
	worker := s.rng.IntN(webWorkers)
	host := s.hosts[worker]
	switch n := s.rng.IntN(100); {
	case n < 8 && moment >= gatewayDown && moment < gatewayBack:
		return web(at, host, "error", access, "", "%s %s %d in %d ms", "POST", "/checkout", 502, 5000+s.rng.IntN(40))
	case n < 18:
		return s.checkout(at, host)
	case n < 24:
		return web(at, host, "debug", site{"shop.db.pool", "/srv/shop/db/pool.py", 90, "acquire"}, "", "%d of %d connections in use", 2+s.rng.IntN(9), 20)
	case n < 34:
		return web(at, host, "debug", site{"shop.cache", "/srv/shop/cache.py", 66, "get"}, "", "miss for %r, loaded in %.1f ms", fmt.Sprintf("product:%d", s.rng.IntN(400)), 1+20*s.rng.Float64())
	case n < 37:
		return web(at, host, "warning", site{"shop.db.query", "/srv/shop/db/query.py", 133, "run"}, "", "slow query: %.2f s for %s", 1+2*s.rng.Float64(), "SELECT * FROM orders WHERE customer = $1\n  ORDER BY placed DESC")
	case n < 39:
		return web(at, host, "warning", site{"shop.web.auth", "/srv/shop/web/auth.py", 77, "login"}, "", "%d failed logins for %s from %s", 3+s.rng.IntN(4), pick(s, customers), fmt.Sprintf("203.0.113.%d", s.rng.IntN(250)))
	case n < 70 && moment >= deployBegins+time.Duration(worker)*deployStep && moment < deployMended:
		return web(at, host, "error", site{"shop.web", "/srv/shop/web/errors.py", 29, "handle"}, fmt.Sprintf(newInRelease, newErrors[s.release(worker, at)%len(newErrors)]), "unhandled error in %s %s", "GET", "/cart")
	case n < 40:
		return web(at, host, "error", site{"shop.web", "/srv/shop/web/errors.py", 29, "handle"}, missingPrice, "unhandled error in %s %s", "GET", "/products/391")
	default:
		return web(at, host, "info", access, "", "%s %s %d in %d ms", "GET", pick(s, pages), pick(s, []int{200, 200, 200, 200, 304, 404}), 4+s.rng.IntN(120))
	}
}

// checkout is an order with all that follows from it on other workers, under its request's id and its mail's job id.
func (s *shop) checkout(at time.Time, host string) entry {
	s.order++
	order, request, job := s.order, fmt.Sprintf("%016x", s.rng.Uint64()), fmt.Sprintf("%012x", s.rng.Uint64()>>16)
	took := time.Duration(150+s.rng.IntN(300)) * time.Millisecond
	if s.rng.IntN(6) == 0 { // the gateway is slow now and then
		took += time.Duration(3+s.rng.IntN(4)) * time.Second
	}
	follow := func(after time.Duration, log func(at time.Time) entry) {
		s.after(at.Add(after), func(at time.Time) entry {
			e := log(at)
			if e.channel != "" {
				e = e.with("request_id", request)
			}
			return e
		})
	}
	follow(40*time.Millisecond, func(at time.Time) entry {
		if !s.stocks(at) {
			return entry{}
		}
		return stock(at, slog.LevelInfo, "stock", reserved, "reserved", slog.String("sku", fmt.Sprintf("TEA-%03d", order%400)), slog.Int("count", 1), slog.Int("order", order))
	})
	follow(80*time.Millisecond, func(at time.Time) entry {
		return payment(at, "info", site{"payments.charge", "/srv/payments/charge.py", 70, "charge"}, "", "charging order %d", order)
	})
	follow(80*time.Millisecond+took, func(at time.Time) entry { return s.charge(at, order) })
	follow(100*time.Millisecond+took, func(at time.Time) entry {
		status, level := 200, "info"
		if moment := at.Sub(s.opened) % storyLength; moment >= gatewayDown && moment < gatewayBack {
			status, level = 502, "error"
		}
		return web(at, host, level, access, "", "%s %s %d in %d ms", "POST", "/checkout", status, took.Milliseconds()+100)
	})
	for i, said := range []string{"queued order confirmation %d", "delivered order confirmation %d"} {
		follow(took+time.Duration(200+900*i)*time.Millisecond, func(at time.Time) entry {
			if !s.mails(at) {
				return entry{}
			}
			return mailJob(at, fmt.Sprintf(said, order)).with("job_id", job)
		})
	}
	return web(at, host, "info", site{"shop.checkout", "/srv/shop/checkout.py", 112, "place"}, "", "order %d placed by %s, %d items", order, pick(s, customers), 1+s.rng.IntN(6)).with("request_id", request)
}

// mails reports whether the mailer runs.
func (s *shop) mails(at time.Time) bool {
	moment := at.Sub(s.opened) % storyLength
	return moment < mailerSilent || moment >= mailerBack
}

// stocks reports whether the stock service runs.
func (s *shop) stocks(at time.Time) bool {
	moment := at.Sub(s.opened) % storyLength
	return moment < stockSilent || moment >= stockBack
}

// charge is what the payment worker says of an order. It is the one that the story is about.
func (s *shop) charge(at time.Time, order int) entry {
	moment := at.Sub(s.opened) % storyLength
	charge := site{"payments.charge", "/srv/payments/charge.py", 88, "charge"}
	breaker := site{"payments.breaker", "/srv/payments/breaker.py", 52, "record"}
	switch {
	case moment >= gatewayDown && moment < gatewayBack:
		s.waiting++
		if s.failures++; s.failures < failuresToOpen || s.failures > failuresToOpen && s.rng.IntN(3) == 0 {
			return payment(at, "error", charge, gatewayTimeout, "charge for order %d failed", order)
		}
		if s.failures == failuresToOpen {
			return payment(at, "fatal", breaker, "", "circuit to %s opened after %d failures: orders wait", gateway, s.failures)
		}
		return payment(at, "warning", breaker, "", "circuit open, order %d waits with %d others", order, s.waiting)
	case s.failures > 0:
		waiting := s.waiting
		s.failures, s.waiting = 0, 0
		return payment(at, "info", breaker, "", "circuit closed, charging %d orders that waited", waiting)
	case moment >= gatewaySlow && moment < gatewayDown:
		return payment(at, "warning", charge, "", "gateway slow: %d ms for order %d, try %d of %d", 1800+s.rng.IntN(3000), order, 1+s.rng.IntN(2), 3)
	case s.rng.IntN(12) == 0:
		return payment(at, "warning", charge, "", "card of order %d declined: %s", order, pick(s, []string{"insufficient_funds", "expired_card", "do_not_honor"}))
	case s.rng.IntN(2) == 0:
		return payment(at, "debug", site{"payments.gateway", "/srv/payments/gateway.py", 140, "post"}, "", "%s answered %d in %d ms", gateway, 200, 90+s.rng.IntN(160))
	default:
		return payment(at, "info", charge, "", "charged %.2f %s for order %d", 5+float64(s.rng.IntN(20000))/100, "EUR", order)
	}
}

// mailRecord is a line of plain text, as any program prints.
func (s *shop) mailRecord(at time.Time) entry {
	to := pick(s, customers)
	switch n := s.rng.IntN(20); {
	case n < 2:
		return mail(at, "ERROR", "mailer.smtp", "could not deliver to "+to+"\n"+relayRefused)
	case n < 4:
		return mail(at, "WARNING", "mailer.smtp", fmt.Sprintf("greylisted by mx.example.org, next try in %d s", 60*(1+s.rng.IntN(5))))
	case n < 8:
		return mail(at, "DEBUG", "mailer.template", "rendered order_confirmation for "+to)
	default:
		return mail(at, "INFO", "mailer.smtp", fmt.Sprintf("delivered order confirmation %d to %s", s.order-s.rng.IntN(9), to))
	}
}

// stockRecord is a Go service's, through log/slog.
func (s *shop) stockRecord(at time.Time) entry {
	sku := slog.String("sku", fmt.Sprintf("TEA-%03d", s.rng.IntN(400)))
	switch n := s.rng.IntN(100); {
	case n == 0:
		return entry{stockChannel, stockPanic}
	case n < 6:
		return stock(at, slog.LevelError, "stock.sync", slog.Source{Function: "main.(*feed).pull", File: "/srv/stock/feed.go", Line: 83}, "supplier feed not read", slog.String("err", "dial tcp 10.0.4.17:443: connect: connection refused"), slog.Int("try", 1+s.rng.IntN(3)))
	case n < 14:
		return stock(at, slog.LevelWarn, "stock", reserved, "nearly sold out", sku, slog.Int("left", s.rng.IntN(4)))
	case n < 44:
		return stock(at, slog.LevelDebug, "stock.http", slog.Source{Function: "main.serve", File: "/srv/stock/http.go", Line: 31}, "request", slog.Group("req", slog.String("method", "GET"), slog.String("path", "/stock/"+sku.Value.String())), slog.Duration("took", time.Duration(200+s.rng.IntN(4000))*time.Microsecond))
	default:
		return stock(at, slog.LevelInfo, "stock", reserved, "reserved", sku, slog.Int("count", 1+s.rng.IntN(3)), slog.Int("order", s.order))
	}
}

// pick returns one of choices.
func pick[T any](s *shop, choices []T) T { return choices[s.rng.IntN(len(choices))] }
