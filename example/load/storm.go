//go:build linux

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"time"
)

const (
	// stormTemplates is how many different tracebacks a storm has. Real ones repeat, too.
	stormTemplates = 100
	// stormCertain is the flow that must come through on any machine that these tests run on, in bytes a second:
	// 5 KB at 5,000 records/s. What is more depends on the machine.
	stormCertain = 25 << 20
)

// storm measures what arrives of a storm of large records, under Redis's default limits: it cuts off a subscriber for
// whom 32 MB wait. It also prints what a reader receives that does nothing with the records, and who had the machine's
// CPU meanwhile: what is lost while none is idle, and Elva has what the others leave, is lost for want of CPU.
func storm(ctx context.Context, p *plan) (err error) {
	p.report.title("Storm: tracebacks, under Redis's default limits for subscribers")
	redis, err := startRedis(ctx, "32mb 8mb 60")
	if err != nil {
		return err
	}
	own := p.redis
	p.redis = redis
	defer func() { p.redis, err = own, errors.Join(err, redis.stop()) }()
	storms := p.storms
	switch {
	case p.quick:
		storms = []stormOf{{5000, 5000, 0}, {5000, 5000, 1}}
	case storms == nil:
		storms = allStorms()
	}
	var all, certain results
	bare := map[stormOf]float64{}
	for range min(p.rounds, 3) { // each takes long, and the gaps are no matter of chance
		for _, of := range storms {
			s, err := p.storm(ctx, "elva", of, 2*p.seconds)
			if err != nil {
				return err
			}
			alone := stormOf{of.size, of.rate, 0}
			if _, ok := bare[alone]; !ok {
				b, err := p.storm(ctx, "bare", alone, 2*p.seconds)
				if err != nil {
					return err
				}
				bare[alone] = 100 * b["received"] / b["published"]
			}
			s["bare"] = bare[alone]
			all.add(fmt.Sprintf("%d kB x %d/s, viewers: %d", of.size/1000, of.rate, of.viewers), s)
			if of.size*of.rate <= stormCertain && of.viewers <= 1 {
				certain.add("elva", s)
			}
		}
	}
	p.report.table("storm", &all, []column{
		{figure: "published", title: "published", format: "%.0f"}, {figure: "rate", title: "records/s", format: "%.0f"},
		{figure: "received", title: "received", format: "%.0f"}, {figure: "lost", title: "lost", format: "%.0f", worst: true},
		{figure: "gaps", title: "gaps", format: "%.0f", worst: true}, {figure: "connections", title: "connections lost", format: "%.0f", worst: true},
		{figure: "bare", title: "% that a bare reader receives", format: "%.0f"}, {figure: "skipped", title: "% that viewers skipped", format: "%.1f"},
		{figure: "idle", title: "% of CPU idle", format: "%.0f"}, {figure: "of server", title: "elva", format: "%.0f"},
		{figure: "of redis", title: "redis", format: "%.0f"}, {figure: "of load", title: "publisher, viewers", format: "%.0f"},
		{figure: "of others", title: "others", format: "%.0f"}, {figure: "cpu", title: "CPU µs/record", format: "%.1f"},
		{figure: "behind", title: "s until all was received", format: "%.2f"},
	})
	p.report.line()
	p.report.note("CPU is in %% of all cores, during the storm; the bare reader has no viewers")
	p.report.none(&certain, "records lost of storms up to 25 MB/s, all rounds' worst", "lost", "elva")
	p.report.none(&certain, "gaps in them", "gaps", "elva")
	return nil
}

// stormOf is one storm: records of so many bytes, so many a second, and so many viewers.
type stormOf struct{ size, rate, viewers int }

func allStorms() (storms []stormOf) {
	for _, size := range []int{1000, 5000, 10_000, 30_000} {
		for _, rate := range []int{1000, 5000, 20_000} {
			for _, viewers := range []int{0, 1, 50} {
				storms = append(storms, stormOf{size, rate, viewers})
			}
		}
	}
	return storms
}

func parseStorms(text string) (storms []stormOf, err error) {
	for storm := range strings.SplitSeq(text, ",") {
		var s stormOf
		if _, err := fmt.Sscanf(storm, "%dx%dx%d", &s.size, &s.rate, &s.viewers); err != nil {
			return nil, fmt.Errorf("read the storm %q: %w", storm, err)
		}
		storms = append(storms, s)
	}
	return storms, nil
}

// storm measures one storm on one server.
func (p *plan) storm(ctx context.Context, server string, of stormOf, length time.Duration) (s sample, err error) {
	t, err := p.begin(ctx, setup{Server: server}, audience{viewers: of.viewers})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, t.end()) }()
	t.publish.payloads = newTracebacks(of.size)
	before, err := t.child.usage()
	if err != nil {
		return nil, err
	}
	from, err := p.shares(before)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	if err := t.publish.steadily(ctx, of.rate, length); err != nil {
		return nil, err
	}
	published, took := t.publish.sent, time.Since(began)
	during, err := t.child.usage()
	if err != nil {
		return nil, err
	}
	to, err := p.shares(during)
	if err != nil {
		return nil, err
	}
	after, err := t.waitQuiet(ctx, before.Received+published)
	if err != nil {
		return nil, err
	}
	behind := max(time.Since(began)-took, 0)
	var d document
	if server == "elva" {
		if d, err = t.child.document(ctx); err != nil {
			return nil, err
		}
	}
	received := after.Received - before.Received
	s = sample{
		"published": float64(published), "rate": float64(published) / took.Seconds(), "received": float64(received), "lost": float64(published - received),
		"gaps": float64(d.Gaps), "connections": float64(d.Connections), "behind": behind.Seconds(),
		"cpu": float64(after.since(before).CPU.Nanoseconds()) / 1e3 / float64(max(received, 1)),
	}
	maps.Copy(s, to.since(from))
	if of.viewers > 0 {
		if err := t.viewers.settle(ctx, published); err != nil {
			return nil, err
		}
		s["skipped"] = 100 * (1 - float64(t.viewers.total(records))/float64(published)/float64(of.viewers))
	}
	return s, nil
}

// waitQuiet waits until the server has taken n records from Redis, or takes no more.
func (t *trial) waitQuiet(ctx context.Context, n uint64) (usage, error) {
	last, since := uint64(0), time.Now()
	for {
		u, err := t.child.usage()
		if err != nil || u.Received >= n {
			return u, err
		}
		if u.Received > last {
			last, since = u.Received, time.Now()
		}
		if ctx.Err() != nil || time.Since(since) > 3*time.Second {
			return u, ctx.Err()
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// document is what Elva says of itself.
type document struct {
	Gaps        uint64
	Connections uint64
}

func (c *child) document(ctx context.Context) (d document, err error) {
	request, err := http.NewRequestWithContext(ctx, "GET", "http://"+c.addr+"/?health=document", nil)
	if err != nil {
		return d, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return d, fmt.Errorf("ask elva: %w", err)
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(&d); err != nil {
		return d, fmt.Errorf("ask elva: %w", err)
	}
	return d, nil
}

// newTracebacks returns records of an exception, each of so many bytes.
func newTracebacks(size int) *payloads {
	p := &payloads{}
	for i := range stormTemplates {
		r := newRecord(i)
		r.Level, r.Msg = "error", "payment of order %s by %s failed after %d ms"
		var trace strings.Builder
		trace.WriteString("Traceback (most recent call last):\n")
		for n := 0; trace.Len() < size-600; n++ {
			fmt.Fprintf(&trace, "  File \"/srv/app/shop/%s.py\", line %d, in %s\n    return self.%s(order, amount=amount, \"tries\"=%d)\n",
				words[(i+n)%len(words)], 10+(7*i+13*n)%900, words[(i+3*n)%len(words)], words[(i+5*n)%len(words)], n)
		}
		fmt.Fprintf(&trace, "TimeoutError: the gateway %s did not answer in %d ms", words[i%len(words)], 1000+i)
		text := trace.String()
		r.Traceback = &text
		p.add(r)
	}
	return p
}

var words = strings.Fields("charge refund settle authorize capture reserve ship invoice notify retry dispatch deliver connect acquire commit rollback flush")
