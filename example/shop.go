package main

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"
)

// The channels of the shop's workers.
const (
	webChannel     = "shop:web"
	paymentChannel = "shop:payments"
	mailChannel    = "shop:mail"
	stockChannel   = "shop:stock"
)

// The story repeats every storyLength: the card gateway slows down, fails, and comes back; later the mailer
// falls silent for a while. The first trouble comes early, so that a visitor needn't wait for it.
const (
	storyLength    = 90 * time.Second
	gatewaySlow    = 8 * time.Second
	gatewayDown    = 14 * time.Second
	gatewayBack    = 26 * time.Second
	mailerSilent   = 50 * time.Second
	mailerBack     = 75 * time.Second
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
}

func newShop(seed uint64, opened time.Time) *shop {
	return &shop{rng: rand.New(rand.NewPCG(seed, 0)), opened: opened, order: 48_210}
}

// opening is what the workers log as they start.
func (s *shop) opening(at time.Time) []entry {
	var entries []entry
	for i, host := range webHosts {
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
	moment := at.Sub(s.opened) % storyLength
	switch n := s.rng.IntN(100); {
	case n < 54:
		return s.webRecord(at, moment)
	case n < 70:
		return s.paymentRecord(at, moment)
	case n < 82 && (moment < mailerSilent || moment >= mailerBack):
		return s.mailRecord(at)
	default:
		return s.stockRecord(at)
	}
}

var (
	webHosts  = []string{"web-1", "web-2", "web-3"}
	customers = []string{"ana@example.org", "björn@example.org", "chidi@example.org", "mei@example.org", "zoë@example.org"}
	pages     = []string{"/", "/products/214", "/products/87?size=M", "/search?q=tea+pot", "/cart", "/account/orders", "/static/shop.css"}
)

// webRecord is a Django-like application's, in python-redis-log's form.
func (s *shop) webRecord(at time.Time, moment time.Duration) entry {
	host := pick(s, webHosts)
	access := site{"shop.web.access", "/srv/shop/web/access.py", 41, "log_request"}
	switch n := s.rng.IntN(100); {
	case n < 8 && moment >= gatewayDown && moment < gatewayBack:
		return web(at, host, "error", access, "", "%s %s %d in %d ms", "POST", "/checkout", 502, 5000+s.rng.IntN(40))
	case n < 12:
		s.order++
		return web(at, host, "info", site{"shop.checkout", "/srv/shop/checkout.py", 112, "place"}, "", "order %d placed by %s, %d items", s.order, pick(s, customers), 1+s.rng.IntN(6))
	case n < 24:
		return web(at, host, "debug", site{"shop.db.pool", "/srv/shop/db/pool.py", 90, "acquire"}, "", "%d of %d connections in use", 2+s.rng.IntN(9), 20)
	case n < 34:
		return web(at, host, "debug", site{"shop.cache", "/srv/shop/cache.py", 66, "get"}, "", "miss for %r, loaded in %.1f ms", fmt.Sprintf("product:%d", s.rng.IntN(400)), 1+20*s.rng.Float64())
	case n < 37:
		return web(at, host, "warning", site{"shop.db.query", "/srv/shop/db/query.py", 133, "run"}, "", "slow query: %.2f s for %s", 1+2*s.rng.Float64(), "SELECT * FROM orders WHERE customer = $1\n  ORDER BY placed DESC")
	case n < 39:
		return web(at, host, "warning", site{"shop.web.auth", "/srv/shop/web/auth.py", 77, "login"}, "", "%d failed logins for %s from %s", 3+s.rng.IntN(4), pick(s, customers), fmt.Sprintf("203.0.113.%d", s.rng.IntN(250)))
	case n < 40:
		return web(at, host, "error", site{"shop.web", "/srv/shop/web/errors.py", 29, "handle"}, missingPrice, "unhandled error in %s %s", "GET", "/products/391")
	default:
		return web(at, host, "info", access, "", "%s %s %d in %d ms", "GET", pick(s, pages), pick(s, []int{200, 200, 200, 200, 304, 404}), 4+s.rng.IntN(120))
	}
}

// paymentRecord is the payment worker's, the one that the story is about.
func (s *shop) paymentRecord(at time.Time, moment time.Duration) entry {
	charge := site{"payments.charge", "/srv/payments/charge.py", 88, "charge"}
	breaker := site{"payments.breaker", "/srv/payments/breaker.py", 52, "record"}
	order := s.order - s.rng.IntN(5)
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
	case n == 0:
		return mail(at, "ERROR", "mailer.smtp", "could not deliver to "+to+"\n"+relayRefused)
	case n < 3:
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
	reserve := slog.Source{Function: "main.(*store).reserve", File: "/srv/stock/reserve.go", Line: 57}
	switch n := s.rng.IntN(100); {
	case n == 0:
		return entry{stockChannel, stockPanic}
	case n < 6:
		return stock(at, slog.LevelError, "stock.sync", slog.Source{Function: "main.(*feed).pull", File: "/srv/stock/feed.go", Line: 83}, "supplier feed not read", slog.String("err", "dial tcp 10.0.4.17:443: connect: connection refused"), slog.Int("try", 1+s.rng.IntN(3)))
	case n < 14:
		return stock(at, slog.LevelWarn, "stock", reserve, "nearly sold out", sku, slog.Int("left", s.rng.IntN(4)))
	case n < 44:
		return stock(at, slog.LevelDebug, "stock.http", slog.Source{Function: "main.serve", File: "/srv/stock/http.go", Line: 31}, "request", slog.Group("req", slog.String("method", "GET"), slog.String("path", "/stock/"+sku.Value.String())), slog.Duration("took", time.Duration(200+s.rng.IntN(4000))*time.Microsecond))
	default:
		return stock(at, slog.LevelInfo, "stock", reserve, "reserved", sku, slog.Int("count", 1+s.rng.IntN(3)), slog.Int("order", s.order))
	}
}

// pick returns one of choices.
func pick[T any](s *shop, choices []T) T { return choices[s.rng.IntN(len(choices))] }
