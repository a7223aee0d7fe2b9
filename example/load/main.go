//go:build linux

// Command load measures what Elva costs its host, beside what else could be done with the same records:
//
//	cd example/load && go run .
//
// It starts a redis-server of its own, publishes the records of python-redis-log to it, some 350 bytes each, and
// reads what a server makes of them with raw TCP viewers that check the number and the order of every
// record. Each server is a child process of this one and says itself what it has used: CPU time
// (getrusage), writes, resident memory, allocations. The servers take turns, round by round, and each
// figure is the median of the rounds: 5, or 3 in idle, slow, filters and growth.
//
//	bare       reads the socket and counts, in the mode storm only: what Redis can deliver on this machine
//	count      go-redis Receive in a loop, and nothing else: what ingest can't go below
//	limit      the same, each record framed once, the shared bytes written (writev) to raw connections
//	naive      a channel and a goroutine a viewer, Fprintf and Flush a record, over net/http
//	go-sse     github.com/tmaxmax/go-sse
//	elva       Elva with its default settings: it decodes, judges health and keeps a history, as none else does
//
// The modes, all of them in this order unless -mode names some:
//
//	ingest      no viewer: records/s flat out, and CPU at 1,000 records/s
//	throughput  20 viewers, flat out with a window of 800 records
//	latency     50 viewers at 1,000 records/s, and single records after a pause
//	idle        resident memory of 1,000 and 10,000 viewers after traffic, and CPU when nothing comes
//	slow        15 viewers at 3,000 records/s, of which 5 stop reading
//	filters     up to 10,000 viewers at 1,000 records/s, each with a filter that takes one in a hundred
//	storm       tracebacks of 1 to 30 KB at up to 20,000/s, under Redis's default limits: what arrives of them
//	growth      CPU against viewers, rate and history size
//
// Generator, Redis and server share the machine's cores. So deliveries/s are those of the whole machine,
// and CPU a delivery is the figure to trust; both mean something only beside the others of the same run.
// The load average is printed with each table: above 1 at the start, somebody else is at work.
//
// It runs on Linux, and needs redis-server on the PATH.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"
)

// plan is what a run does.
type plan struct {
	rounds  int
	seconds time.Duration // of each measurement
	quick   bool          // see that everything works, and judge nothing by time
	profile string        // folder for the profiles of elva, or ""
	trials  int           // so far, for their names
	servers []string      // only these, or nil for each mode's own
	storms  []stormOf     // only these, or nil for all
	redis   *redisServer
	report  *report
}

type mode struct {
	name string
	run  func(context.Context, *plan) error
}

func modes() []mode {
	return []mode{
		{"ingest", ingest}, {"throughput", throughput}, {"latency", latency}, {"idle", idle}, {"slow", slow},
		{"filters", filters}, {"storm", storm}, {"growth", growth},
	}
}

func main() {
	if serveChild() {
		return
	}
	var p plan
	only := flag.String("mode", "", "comma-separated modes; empty for all")
	servers := flag.String("servers", "", "comma-separated servers; empty for all that a mode compares")
	flag.Func("storms", "comma-separated `storms` of the mode storm, each BYTESxRATExVIEWERS as 5000x20000x50; empty for all", func(text string) (err error) {
		p.storms, err = parseStorms(text)
		return err
	})
	flag.IntVar(&p.rounds, "rounds", 5, "how often each server is measured")
	flag.DurationVar(&p.seconds, "time", 2*time.Second, "how long each measurement takes")
	flag.BoolVar(&p.quick, "quick", false, "a small run that shows that everything works, and judges nothing by time")
	flag.StringVar(&p.profile, "profile", "", "write elva's CPU, allocation, mutex and block profiles to this `folder`")
	flag.Parse()
	if *servers != "" {
		p.servers = strings.Split(*servers, ",")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	failed, err := run(ctx, &p, *only, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(2)
	}
	if failed > 0 {
		os.Exit(1)
	}
}

// run runs the modes and returns how many targets were missed.
func run(ctx context.Context, p *plan, only string, out io.Writer) (failed int, err error) {
	if p.quick {
		p.rounds, p.seconds = 1, 300*time.Millisecond
	}
	all := modes()
	if only != "" {
		for _, name := range strings.Split(only, ",") {
			if !slices.ContainsFunc(all, func(m mode) bool { return m.name == name }) {
				return 0, fmt.Errorf("there is no mode %q", name)
			}
		}
		all = slices.DeleteFunc(all, func(m mode) bool { return !slices.Contains(strings.Split(only, ","), m.name) })
	}
	p.redis, err = startRedis(ctx, "0 0 0") // a slow subscriber is measured, not disconnected
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, p.redis.stop()) }()
	p.report = newReport(out, p.quick)
	p.report.machine(p.redis.version)
	for _, m := range all {
		if err := m.run(ctx, p); err != nil {
			return 0, fmt.Errorf("%s: %w", m.name, err)
		}
	}
	return p.report.total(), nil
}

// compared returns the servers that are to be measured of those that a mode compares.
func (p *plan) compared(names ...string) []string {
	if p.servers == nil {
		return names
	}
	return slices.DeleteFunc(names, func(name string) bool { return !slices.Contains(p.servers, name) })
}
