// Command fleet plays simulated fleets through the real health package and prints the `?health`
// documents that come of it, by name, so that the browser checks show what the server would say. Their
// times are such that they end now.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"sort"
	"time"

	"github.com/SupermanScott/Elva/internal/health"
	"github.com/SupermanScott/Elva/internal/record"
	"github.com/SupermanScott/Elva/internal/status"
)

// said is one record of a fleet; at counts from the start.
type said struct {
	at                           time.Duration
	host, logger, message, trace string
	level                        record.Level
	skew                         time.Duration
}

// fleet is what speaks, for how long, and what the link is like at the end.
type fleet struct {
	length time.Duration
	down   time.Duration // how long Redis has been down at the end
	said   []said
}

const trace = `Traceback (most recent call last):
  File "/srv/shop/main.py", line 10, in run
    charge(order)
  File "/srv/shop/payment.py", line 12, in charge
    client.post(order)
%s: order 4711`

// every lets a host speak about every gap between two times.
func (f *fleet) every(gap, from, to time.Duration, s said) *fleet {
	r := rand.New(rand.NewPCG(7, uint64(len(f.said))))
	for at := from; at < to; at += time.Duration(float64(gap) * (0.7 + 0.6*r.Float64())) {
		s.at = at
		f.said = append(f.said, s)
	}
	return f
}

// hosts is so many web workers with some warnings and errors, all well.
func hosts(n int, length, stop3 time.Duration) *fleet {
	f := &fleet{length: length}
	for i := 1; i <= n; i++ {
		end := length
		if i == 3 {
			end = stop3
		}
		host := fmt.Sprint("web-", i)
		f.every(2*time.Second, 0, end, said{host: host, logger: "shop.web.request", level: record.Info, message: "order accepted"})
		f.every(5*time.Second, 0, end, said{host: host, logger: "shop.db.pool", level: record.Debug, message: "connection taken"})
		f.every(70*time.Second, 10*time.Second, end, said{host: host, logger: "shop.cart", level: record.Warning, message: "cart is slow"})
	}
	f.every(3*time.Minute, 20*time.Second, length, said{host: "web-1", logger: "shop.mail", level: record.Error, message: "mail to customer 12 refused"})
	return f
}

func (f *fleet) document(now time.Time) status.Document {
	start := now.Add(-f.length)
	sort.SliceStable(f.said, func(i, j int) bool { return f.said[i].at < f.said[j].at })
	h := health.New(start)
	link := status.Link{State: status.Live, Since: start, Text: "Live.", Sources: []status.Source{{Name: "shop:log", Kind: "channel", Confirmed: start}}}
	for i, s := range f.said {
		if s.at > f.length-f.down {
			break
		}
		at := start.Add(s.at)
		r := record.Record{Time: at.Add(s.skew), Level: s.level, Host: s.host, Logger: s.logger, Message: s.message, Trace: s.trace}
		h.Observe(at, "shop:log", &r, uint64(i+1))
		link.LastRecord, link.Sources[0].Records = at, uint64(i+1)
	}
	if f.down > 0 {
		link.State, link.Since = status.Down, now.Add(-f.down)
		link.Text = "No connection to Redis at localhost:6379: connection refused; trying again"
	}
	d := status.Document{Epoch: "FLEET", Title: "Shop", Redis: link, Viewers: 1}
	h.FillAll(&d, now)
	return d
}

func main() {
	log.SetFlags(0)
	const hour = time.Hour
	storm := hosts(7, hour, hour)
	storm.every(300*time.Millisecond, hour-4*time.Minute, hour, said{host: "web-2", logger: "shop.payment", level: record.Error, message: "charge failed", trace: fmt.Sprintf(trace, "PaymentRefused")})
	storm.every(700*time.Millisecond, hour-4*time.Minute, hour, said{host: "web-5", logger: "shop.payment", level: record.Error, message: "charge failed", trace: fmt.Sprintf(trace, "PaymentRefused")})
	storm.every(20*time.Second, hour-3*time.Minute, hour, said{host: "web-5", logger: "shop.db", level: record.Critical, message: "pool exhausted"})
	skewed := hosts(7, hour, hour-4*time.Minute)
	skewed.every(2*time.Second, 0, hour, said{host: "web-8", logger: "shop.web", level: record.Info, message: "order accepted", skew: 12 * time.Second})
	skewed.every(90*time.Second, hour-6*time.Minute, hour, said{host: "web-4", logger: "shop.search", level: record.Error, message: "index failed", trace: fmt.Sprintf(trace, "IndexError")})
	down := hosts(7, hour, hour)
	down.down = 3 * time.Minute
	hostile := hosts(2, hour, hour)
	hostile.every(time.Minute, hour-5*time.Minute, hour, said{host: `<img src=x onerror=alert(1)>`, logger: "</script><b>x", level: record.Error, message: "<svg onload=alert(1)> \u202e \x1b[31m failed"})
	fleets := map[string]*fleet{
		"calm": hosts(7, hour, hour), "quiet": skewed, "storm": storm, "down": down, "hostile": hostile,
		"restart": hosts(7, 12*time.Second, hour), "forty": hosts(40, hour, hour-2*time.Minute), "none": {length: 3 * time.Minute},
	}
	out := make(map[string]status.Document, len(fleets))
	now := time.Now()
	for name, f := range fleets {
		out[name] = f.document(now)
	}
	if err := json.NewEncoder(os.Stdout).Encode(out); err != nil {
		log.Fatalf("fleet: %v", err)
	}
}
