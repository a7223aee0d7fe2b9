// Command example runs Elva by itself: a page of live logs at http://localhost:8888/.
//
//	go run ./example                                                a demo: a small shop, its Redis inside the program
//	go run ./example -redis redis://localhost:6379 app:log 'job:*'  your own channels and patterns
//	go run ./example -redis redis://localhost:6379 -stream app      a Redis Stream; -list names a list that fills gaps
//
// It is also a host to copy from: the page is at /debug/logs/ beside an ordinary handler, as it would in
// any Go server. Ctrl-C ends it; a second Ctrl-C ends it at once.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	elva "github.com/SupermanScott/Elva"
	"github.com/redis/go-redis/v9"
)

// shutdownGrace is how long ordinary requests may take to end after Ctrl-C. Elva ends its streams by itself, so
// what is left then are sockets that browsers keep open without a request, which Shutdown would wait 5 s for.
const shutdownGrace = 400 * time.Millisecond

// A usageError is what is wrong with the command line, in one line.
type usageError string

func (e usageError) Error() string { return "example: " + string(e) }

func main() {
	interrupted, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	ctx, cancel := context.WithCancel(context.Background())
	context.AfterFunc(interrupted, func() {
		stop() // before anything ends, so that a second Ctrl-C kills
		cancel()
	})
	err := run(ctx, os.Args[1:], os.Stdout)
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return
	}
	fmt.Fprintln(os.Stderr, err)
	if wrong := usageError(""); errors.As(err, &wrong) {
		os.Exit(2)
	}
	os.Exit(1)
}

// run serves until ctx ends.
func run(ctx context.Context, args []string, out io.Writer) error {
	opts, err := parse(args, out)
	if err != nil {
		return err
	}
	listener, err := listen(opts.addr)
	if err != nil {
		return err
	}
	defer listener.Close()

	channels := opts.channels
	var client *redis.Client
	if opts.redis != nil {
		client = redis.NewClient(opts.redis)
	} else {
		demo, err := startDemo(opts.demoRate)
		if err != nil {
			return err
		}
		defer demo.Close()
		client, channels = demo.client(), demo.channels()
	}
	defer client.Close()

	// These two lines are all that a host needs (elva.New, without a Config); the rest of this file is a program
	// around them.
	logs := elva.Config{Streams: opts.streams, HistoryList: opts.list}.New(client, channels...)
	defer logs.Close()

	mux := http.NewServeMux()
	mux.Handle("/debug/logs/", logs) // in a host, inside whatever checks who may see logs
	mux.HandleFunc("/hello", hello)  // the host's own work
	mux.Handle("/", logs)            // one handler serves any number of places
	fmt.Fprintf(out, "Elva shows the logs at %s\n", browserURL(opts.addr, listener.Addr()))
	return serve(ctx, listener, onlyHosts(opts.hosts, mux))
}

// onlyHosts refuses requests to host names other than localhost and names. Without it a web site could resolve its own name to this
// machine, and its pages could read the logs (DNS rebinding). IP addresses are not names, and pass.
func onlyHosts(names []string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil { // without a port
			host = r.Host
		}
		host = strings.ToLower(strings.TrimSuffix(host, "."))
		isAddress := net.ParseIP(strings.Trim(host, "[]")) != nil
		if !isAddress && host != "localhost" && !strings.HasSuffix(host, ".localhost") && !slices.Contains(names, host) {
			http.Error(w, fmt.Sprintf("example: %.100q is not a name of this machine; if it should be, start the example with -host %.100[1]q", host), http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// hello is an example of the handlers that a host already has.
func hello(w http.ResponseWriter, _ *http.Request) {
	fmt.Fprintln(w, "Hello. The logs are at /debug/logs/.")
}

func listen(addr string) (net.Listener, error) {
	listener, err := net.Listen("tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("example: %s is in use: name another address with -addr", addr)
	} else if err != nil {
		return nil, fmt.Errorf("example: %w", err)
	}
	return listener, nil
}

// serve serves handler until ctx ends, then stops in shutdownGrace.
func serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return fmt.Errorf("example: %w", err)
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.Background(), shutdownGrace)
	defer cancel()
	if server.Shutdown(grace) != nil {
		server.Close()
	}
	return nil
}

// browserURL is what to type into a browser on this machine: addr as it was asked for, with the port that was got.
func browserURL(addr string, got net.Addr) string {
	host, _, _ := net.SplitHostPort(addr) // net.Listen has taken it
	_, port, _ := net.SplitHostPort(got.String())
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port) + "/"
}

// options is the command line, understood. Its redis is nil for the demo.
type options struct {
	addr     string
	redis    *redis.Options
	channels []string
	streams  []string
	list     string
	hosts    []string // in lower case
	demoRate float64
}

// parse reads the command line and REDIS_URL.
func parse(args []string, out io.Writer) (options, error) {
	var opts options
	flags := flag.NewFlagSet("example", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // errors are printed once, by main
	flags.StringVar(&opts.addr, "addr", "localhost:8888", "`address` to serve at; logs are secrets, so only this machine by default")
	redisURL := flags.String("redis", "", "`URL` of the Redis to read, e.g. redis://localhost:6379 (default: REDIS_URL, or else the demo)")
	flags.Func("stream", "`key` of a Redis Stream to read; may be given more than once", func(key string) error {
		opts.streams = append(opts.streams, key)
		return nil
	})
	flags.StringVar(&opts.list, "list", "", "`key` of a list to which producers push what they publish on the channels")
	flags.Func("host", "`name` of this machine in browsers, in addition to localhost, its host name and that in -addr; may be given more than once", func(name string) error {
		opts.hosts = append(opts.hosts, strings.ToLower(name))
		return nil
	})
	flags.Float64Var(&opts.demoRate, "demo-rate", 6, "`records` per second that the demo logs")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(out, "usage: example [flags] [channel or pattern ...]\n\n")
		flags.SetOutput(out)
		flags.PrintDefaults()
		return opts, err
	} else if err != nil {
		return opts, usage("%v (-help lists the flags)", err)
	}
	opts.hosts = append(opts.hosts, ownNames(opts.addr)...)
	hint := ""
	if *redisURL == "" {
		*redisURL = os.Getenv("REDIS_URL")
		hint = " (REDIS_URL is set; without it the demo runs)"
	}
	opts.channels = flags.Args()
	for _, name := range opts.channels {
		if strings.HasPrefix(name, "-") {
			return opts, usage("%s comes after a channel: flags come first", name)
		}
	}

	switch {
	case !(opts.demoRate >= 0 && opts.demoRate <= maxDemoRate): // NaN too
		return opts, usage("-demo-rate %v: must be 0 to %d", opts.demoRate, maxDemoRate)
	case *redisURL == "" && len(opts.channels)+len(opts.streams)+len(opts.list) > 0:
		return opts, usage("channels or keys are named but no Redis: add -redis redis://localhost:6379, or leave them out for the demo")
	case *redisURL == "":
		return opts, nil
	case len(opts.channels)+len(opts.streams) == 0:
		return opts, usage("name at least one channel or pattern to read, e.g. my:channel or 'app:*', or a -stream%s", hint)
	case len(opts.channels) == 0 && opts.list != "":
		return opts, usage("-list fills the gaps of channels, and none is named")
	case slices.Contains(opts.channels, "") || slices.Contains(opts.streams, ""):
		return opts, usage("the name of a channel or a stream is empty")
	}
	var err error
	if opts.redis, err = redis.ParseURL(*redisURL); errors.As(err, new(*url.Error)) {
		// What url.Parse says quotes the URL, which may hold a password.
		return opts, usage("the URL of Redis is none: it looks like redis://user:password@host:6379, with %% escapes in the password")
	} else if err != nil {
		return opts, usage("the URL of Redis: %v; it looks like redis://host:6379", err)
	}
	return opts, nil
}

// ownNames returns the machine's host name and the name in addr in lower case, which the Host of a request may have.
func ownNames(addr string) (names []string) {
	if name, err := os.Hostname(); err == nil {
		names = append(names, strings.ToLower(name))
	}
	if name, _, err := net.SplitHostPort(addr); err == nil && name != "" {
		names = append(names, strings.ToLower(name))
	}
	return names
}

func usage(format string, args ...any) error {
	return usageError(fmt.Sprintf(format, args...))
}
