// Command pipe sends what a program prints to Redis, where Elva shows it live:
//
//	myprog 2>&1 | go run ./example/pipe my:channel
//	tail -qF app.log | go run ./example/pipe -redis redis://localhost:6379 my:channel
//	journalctl -fo json | go run ./example/pipe my:channel
//	docker logs -f shop 2>&1 | go run ./example/pipe -tee my:channel
//
// A line is a record, a JSON object too; indented lines and tracebacks join theirs. The program is never stopped for long: records wait in
// a bounded memory while Redis is away, and what no longer fits is dropped and counted. At the end of its input pipe publishes what waits. Its
// exit status is 0 if everything was published, and 1 if not.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/signal"
	"syscall"
	"time"

	elva "github.com/SupermanScott/Elva"
	"github.com/redis/go-redis/v9"
)

// lastWords is how long pipe reads on after a signal: Ctrl-C goes to the program too, and it may log why it ends.
const lastWords = 3 * time.Second

// errUsage is a command line that is wrong; what is wrong has been said.
var errUsage = errors.New("usage")

// options is the command line.
type options struct {
	redis           *redis.Options
	channel, stream string
	maxLen          int64
	join, wait      time.Duration
	tee             bool
}

func main() {
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE) // so that writing to a closed stdout is an error, and not the end
	ctx, stop := signal.NotifyContext(context.Background(), signals()...)
	context.AfterFunc(ctx, stop) // a second signal kills
	switch err := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr); {
	case err == nil || errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errUsage):
		os.Exit(2)
	default:
		fmt.Fprintln(os.Stderr, "pipe:", err)
		os.Exit(1)
	}
}

// signals returns those that end pipe, but for the ones that it was started to ignore, as nohup does.
func signals() (list []os.Signal) {
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} {
		if !signal.Ignored(s) {
			list = append(list, s)
		}
	}
	return list
}

// run publishes what it reads from in until its end, or until soon after the end of ctx.
func run(ctx context.Context, args []string, in io.Reader, out, stderr io.Writer) error {
	opts, err := parse(args, stderr)
	if err != nil {
		return err
	}
	client := redis.NewClient(opts.redis)
	defer client.Close()
	writer := elva.NewWriter
	if opts.stream != "" {
		opts.channel = opts.stream
		writer = func(c redis.UniversalClient, key string) *elva.Writer {
			return elva.NewStreamWriter(c, key, opts.maxLen)
		}
	}
	q := &queue{out: writer(client, opts.channel), wait: opts.wait, stderr: stderr}
	defer q.out.Close()
	if !opts.tee {
		out = io.Discard
	}
	err = pump(ctx, q, opts.join, in, out)
	return errors.Join(err, q.end())
}

// pump reads in, copies it to out and publishes its records by q. It returns the error of reading or writing.
func pump(ctx context.Context, q *queue, wait time.Duration, in io.Reader, out io.Writer) error {
	chunks, taken, failed := make(chan []byte), make(chan bool), make(chan error, 1)
	defer close(taken)
	go func() { failed <- read(in, out, chunks, taken) }() // after a signal it may be left in a Read, which ends with the program
	j := joiner{publish: q.publish}
	defer j.End()
	idle, state := time.NewTimer(wait), time.NewTicker(time.Second)
	defer state.Stop()
	ended := ctx.Done()
	var deadline <-chan time.Time
	for {
		select {
		case chunk := <-chunks:
			j.Write(chunk)
			taken <- true
			idle.Reset(wait)
		case err := <-failed:
			return err
		case <-idle.C:
			j.Flush()
		case <-state.C:
			q.reportState()
		case <-ended:
			ended, deadline = nil, time.After(lastWords)
		case <-deadline:
			return nil
		}
	}
}

// read copies in to out and to chunks. It waits until each chunk was taken.
func read(in io.Reader, out io.Writer, chunks chan<- []byte, taken <-chan bool) error {
	buffer := make([]byte, 64<<10) // what the system's pipes hold
	for {
		n, err := in.Read(buffer)
		if n > 0 {
			_, failure := out.Write(buffer[:n])
			select {
			case chunks <- buffer[:n]:
				<-taken
			case <-taken: // closed: the reader has ended
				return nil
			}
			if failure != nil {
				return fmt.Errorf("pass on the input: %w", failure)
			}
		}
		if err == io.EOF {
			return nil
		} else if err != nil {
			return fmt.Errorf("read the input: %w", err)
		}
	}
}

// parse reads the command line and REDIS_URL.
func parse(args []string, stderr io.Writer) (opts options, err error) {
	flags := flag.NewFlagSet("pipe", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(stderr, "usage: program 2>&1 | pipe [flags] channel\n\n")
		flags.PrintDefaults()
	}
	address := flags.String("redis", "", "`URL` of Redis (default: REDIS_URL, which other users of the machine can't see, or redis://localhost:6379)")
	flags.StringVar(&opts.stream, "stream", "", "`key` of a Redis Stream to add to, instead of a channel")
	flags.Int64Var(&opts.maxLen, "maxlen", 0, "`entries` that the stream keeps, about (default 100,000)")
	flags.DurationVar(&opts.join, "join", 300*time.Millisecond, "how long a line waits for lines that belong to it")
	flags.DurationVar(&opts.wait, "wait", time.Second, "how long the program may be stopped when too many records wait for Redis, before records are dropped; and how long to try at the end, at least 3s")
	flags.BoolVar(&opts.tee, "tee", false, "pass the input on to stdout")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return opts, err
		}
		return opts, errUsage // flag has said what is wrong
	}
	wrong := func(what string) (options, error) {
		fmt.Fprintln(stderr, "pipe: "+what)
		return opts, errUsage
	}
	opts.channel = flags.Arg(0)
	switch {
	case flags.NArg() > 1:
		return wrong("one channel only, and flags come before it")
	case (opts.channel == "") == (opts.stream == ""):
		return wrong("name a channel, or a stream by -stream")
	case opts.join <= 0 || opts.wait < 0:
		return wrong("-join must be positive, and -wait not negative")
	}
	if *address == "" {
		*address = os.Getenv("REDIS_URL")
	}
	if *address == "" {
		*address = "redis://localhost:6379"
	}
	if opts.redis, err = redis.ParseURL(*address); errors.As(err, new(*url.Error)) { // its text has the password
		return wrong("the URL of Redis looks like redis://user:password@host:6379, with % escapes in the password")
	} else if err != nil {
		return wrong(fmt.Sprintf("the URL of Redis: %v", err))
	}
	return opts, nil
}
