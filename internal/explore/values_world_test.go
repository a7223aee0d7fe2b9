package explore_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"
)

// The incidents and quiet hours of this file were written before the statistics of values: what goes wrong shows in fields, in silence and
// in shares, without a warning.

// spread returns a number with a median, as durations have it: a few are many times as large.
func spread(rng *rand.Rand, median float64) int {
	return int(median * math.Exp(0.7*rng.NormFloat64()))
}

// pick returns a value by weights.
func pick(rng *rand.Rand, values []string, weights []float64) string {
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	at := rng.Float64() * sum
	for i, w := range weights {
		if at -= w; at < 0 {
			return values[i]
		}
	}
	return values[len(values)-1]
}

// flow adds a source whose records depend on the time and the host.
func (w *world) flow(service string, workers []string, level string, rate float64, say func(rng *rand.Rand, minute float64, host string) string) *source {
	return w.add(&source{service: service, workers: workers, level: level, rate: rate, say: say})
}

// since returns one number before the incident, and another one from then on.
func (w *world) since(minute, before, then float64) float64 {
	if minute < w.incident {
		return before
	}
	return then
}

var tenants = []string{"acme", "globex", "initech", "umbrella", "hooli", "stark", "wayne", "tyrell", "cyberdyne", "wonka"}

var valueIncidents = []incident{
	{"a slow dependency that only its duration shows", func(w *world) {
		w.flow("payments", pays, "info", 30, func(rng *rand.Rand, minute float64, _ string) string {
			return fmt.Sprintf(`"msg":"gateway answered","elapsed_ms":%d,"attempt":1`, spread(rng, w.since(minute, 80, 400)))
		})
	}, []string{"elapsed_ms gateway answered"}},
	{"a configuration that flips", func(w *world) {
		w.flow("stock", stocks, "info", 20, func(_ *rand.Rand, minute float64, _ string) string {
			return fmt.Sprintf(`"msg":"read replica chosen","region":%q`, []string{"eu-west-1", "us-east-1"}[int(w.since(minute, 0, 1))])
		})
	}, []string{"region us-east-1", "region eu-west-1"}},
	{"a cron job that no longer runs", func(w *world) {
		w.add(&source{service: "db", workers: one("db-1"), level: "info", clock: 2, to: w.incident, message: fmsg("vacuum of orders done, %d pages", ``)})
	}, []string{"vacuum of orders"}},
	{"a tenant with ten times its traffic", func(w *world) {
		w.flow("web", webs, "info", 60, func(rng *rand.Rand, minute float64, _ string) string {
			weights := []float64{w.since(minute, 1, 10), 1, 1, 1, 1, 1, 1, 1, 1, 1}
			return fmt.Sprintf(`"msg":"GET /search 200","customer":%q`, pick(rng, tenants, weights))
		}).factor = func(minute float64) float64 { return w.since(minute, 1, 1.9) }
	}, []string{"customer acme"}},
	{"a cache that no longer hits", func(w *world) {
		w.flow("web", webs, "debug", 50, func(rng *rand.Rand, minute float64, _ string) string {
			return fmt.Sprintf(`"msg":"looked up cart %d","cache":%q`, rng.IntN(9000), pick(rng, []string{"hit", "miss"}, []float64{w.since(minute, 0.92, 0.35), w.since(minute, 0.08, 0.65)}))
		})
	}, []string{"cache miss", "cache hit"}},
	{"another version on one host", func(w *world) {
		w.flow("web", webs, "info", 40, func(rng *rand.Rand, minute float64, host string) string {
			version := "1.42.0"
			if host == "web-2" && minute >= w.incident {
				version = "1.43.0-rc1"
			}
			return fmt.Sprintf(`"msg":"page of product %d rendered","version":%q`, rng.IntN(900), version)
		})
	}, []string{"version 1.43.0-rc1"}},
	{"retries that nobody warns of", func(w *world) {
		w.flow("stock", stocks, "info", 30, func(rng *rand.Rand, minute float64, _ string) string {
			attempt := 1
			for attempt < 6 && rng.Float64() < w.since(minute, 0.04, 0.7) {
				attempt++
			}
			return fmt.Sprintf(`"msg":"called supplier","try":%d`, attempt)
		})
	}, []string{"try called supplier", "try="}},
	{"a clock that is set back", func(w *world) { w.clock["web-3"] = -12 * time.Minute }, []string{"web-3"}},
	{"a noisy neighbor of one host", func(w *world) {
		w.flow("search", finds, "info", 50, func(rng *rand.Rand, minute float64, host string) string {
			median := 30.0
			if host == "search-1" {
				median = w.since(minute, 30, 150)
			}
			return fmt.Sprintf(`"msg":"shard %d read","read_us":%d`, rng.IntN(12), spread(rng, median))
		})
	}, []string{"read_us search-1"}},
	{"one worker that logs at debug", func(w *world) {
		for _, text := range []string{"parsed query %d", "opened segment %d", "ranked %d candidates", "evicted page %d", "merged %d lists"} {
			w.fault("search", one("search-2"), "debug", 40, fmsg(text, ``))
		}
	}, []string{"search-2"}},
}

var valueQuietHours = []quietHour{
	{"durations with a long tail", func(w *world) {
		w.flow("payments", pays, "info", 30, func(rng *rand.Rand, _ float64, _ string) string {
			return fmt.Sprintf(`"msg":"gateway answered","elapsed_ms":%d`, int(80*math.Exp(1.5*rng.NormFloat64())))
		})
	}},
	{"durations in waves", func(w *world) {
		w.flow("web", webs, "info", 60, func(rng *rand.Rand, minute float64, _ string) string {
			return fmt.Sprintf(`"msg":"page rendered","render_ms":%d`, spread(rng, 40*(1+0.3*math.Sin(minute/7+float64(rng.IntN(2))))))
		})
	}},
	{"a mix of tenants that drifts", func(w *world) {
		w.flow("web", webs, "info", 60, func(rng *rand.Rand, minute float64, _ string) string {
			weights := make([]float64, len(tenants))
			for i := range weights {
				weights[i] = 1 / float64(i+1) * (1 + 0.3*math.Sin(minute/15+float64(i)))
			}
			return fmt.Sprintf(`"msg":"GET /search 200","customer":%q`, pick(rng, tenants, weights))
		})
	}},
	{"a batch of slow rows every eight minutes", func(w *world) {
		w.flow("db", dbs, "info", 40, func(rng *rand.Rand, minute float64, _ string) string {
			median := 20.0
			if math.Mod(minute, 8) < 1.5 {
				median = 300
			}
			return fmt.Sprintf(`"msg":"statement done","exec_ms":%d`, spread(rng, median))
		})
	}},
	{"numbers that only rise", func(w *world) {
		n := 40_000
		w.flow("web", webs, "info", 40, func(rng *rand.Rand, minute float64, _ string) string {
			n += 1 + rng.IntN(3)
			return fmt.Sprintf(`"msg":"order created","order_no":%d,"ts":%d,"offset":%d`, n, w.begin.Unix()+int64(60*minute), int(90_000*minute))
		})
	}},
	{"a heap that fills and is swept", func(w *world) {
		w.flow("stock", stocks, "info", 20, func(rng *rand.Rand, minute float64, _ string) string {
			return fmt.Sprintf(`"msg":"runtime","heap_mb":%d,"goroutines":%d,"uptime_s":%d`, 100+int(40*math.Mod(minute, 6))+rng.IntN(9), 300+rng.IntN(60), 86_400+int(60*minute))
		})
	}},
	{"a rolling deploy with counters that restart at zero", func(w *world) {
		w.flow("web", webs, "info", 30, func(_ *rand.Rand, minute float64, host string) string {
			uptime := 4000 + 60*minute
			if since := minute - w.incident - float64(host[len(host)-1]-'1'); since > 0 {
				uptime = 60 * since
			}
			return fmt.Sprintf(`"msg":"served","uptime_s":%d,"served":%d`, int(uptime), int(uptime*3))
		})
		for i, host := range webs {
			w.once(w.incident+float64(i)+0.2, host, "web", "info", "starting shop")
		}
	}},
	{"products in fashion for a few minutes", func(w *world) {
		w.flow("web", webs, "info", 60, func(rng *rand.Rand, minute float64, _ string) string {
			sku := fmt.Sprintf("TEA-%d", rng.IntN(400))
			if rng.Float64() < 0.3 {
				sku = fmt.Sprintf("HOT-%d", int(minute/3))
			}
			return fmt.Sprintf(`"msg":"product shown","sku":%q,"user":"u%d","session":"%08x"`, sku, rng.IntN(5000), rng.Uint32())
		})
	}},
	{"a crawler that comes every nine minutes", func(w *world) {
		w.flow("web", webs, "info", 40, func(rng *rand.Rand, minute float64, _ string) string {
			if phase := math.Mod(minute, 9); phase < 2 && rng.Float64() < 0.5 {
				return fmt.Sprintf(`"msg":"GET / 200","agent":"crawler","bytes":%d`, spread(rng, 90_000))
			}
			return fmt.Sprintf(`"msg":"GET / 200","agent":%q,"bytes":%d`, pick(rng, []string{"chrome", "safari", "firefox"}, []float64{6, 3, 1}), spread(rng, 9000))
		})
	}},
	{"an experiment with two arms, and durations of two kinds", func(w *world) {
		w.flow("web", webs, "info", 50, func(rng *rand.Rand, _ float64, _ string) string {
			median := pick(rng, []string{"fast", "slow"}, []float64{0.8, 0.2})
			return fmt.Sprintf(`"msg":"checkout shown","arm":%q,"path_kind":%q,"ms":%d`, pick(rng, []string{"a", "b"}, []float64{1, 1}), median, spread(rng, map[string]float64{"fast": 20, "slow": 700}[median]))
		})
		w.add(&source{service: "db", workers: one("db-1"), level: "info", clock: 5, message: fmsg("vacuum of orders done, %d pages", ``)})
	}},
}
