package redisutil_test

import (
	"fmt"
	"io"
	"os"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/SupermanScott/Elva/internal/redisutil"
)

func TestErrors_Classes(t *testing.T) {
	for _, c := range []struct {
		err              error
		answered, denied bool
		text             string
	}{
		{reply("NOPERM no"), true, true, "Redis denies the connection: NOPERM no"},
		{fmt.Errorf("failed to authenticate: %w", reply("WRONGPASS no")), true, true, "Redis denies the connection: failed to authenticate: WRONGPASS no"},
		{reply("LOADING it"), true, false, "Redis is not ready: LOADING it"},
		{fmt.Errorf("greeting: %w", reply("LOADING it")), true, false, "Redis is not ready: greeting: LOADING it"},
		{reply("ERR max number of clients reached"), true, false, "Redis is not ready: ERR max number of clients reached"},
		{&redisutil.DeniedError{What: `the channel "a"`, Err: reply("NOPERM no")}, true, true, `Redis denies the channel "a": NOPERM no`},
		{io.EOF, false, false, "No connection to Redis: EOF"},
		{os.ErrDeadlineExceeded, false, false, "Redis does not answer: i/o timeout"},
		{redis.ErrClosed, false, false, "the host has closed the Redis client"},
	} {
		if got := redisutil.Answered(c.err); got != c.answered {
			t.Errorf("%v: answered %v", c.err, got)
		}
		if got := redisutil.Denied(c.err); got != c.denied {
			t.Errorf("%v: denied %v", c.err, got)
		}
		if got := redisutil.Describe(c.err); got != c.text {
			t.Errorf("%v: described as %q", c.err, got)
		}
	}
	for text, want := range map[string]bool{"NOAUTH x": true, "WRONGPASS x": true, "NOPERM x": false} {
		if got := redisutil.ConcernsConnection(reply(text)); got != want {
			t.Errorf("%s: of the connection %v", text, got)
		}
	}
}

func TestDenied_ClusterRedirection(t *testing.T) {
	for _, text := range []string{"MOVED 3999 127.0.0.1:6381", "ASK 3999 127.0.0.1:6381", "TRYAGAIN", "CLUSTERDOWN"} {
		if redisutil.Denied(reply(text)) {
			t.Errorf("%s is a denial", text)
		}
	}
}

// reply is an error reply of Redis.
type reply string

func (r reply) Error() string { return string(r) }
func (r reply) RedisError()   {}
