package redisutil_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/SupermanScott/Elva/internal/redisutil"
)

func TestHint(t *testing.T) {
	plain := redis.NewClient(&redis.Options{})
	defer plain.Close()
	secure := redis.NewClient(&redis.Options{TLSConfig: &tls.Config{}})
	defer secure.Close()
	cluster := redis.NewClusterClient(&redis.ClusterOptions{})
	defer cluster.Close()
	reset := &net.OpError{Op: "read", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
	denied := &redisutil.DeniedError{What: `the channel "a"`, Err: reply("ERR unknown command 'ssubscribe', with args")}
	for _, c := range []struct {
		name   string
		client redis.UniversalClient
		err    error
		served bool
		want   string
	}{
		{"TLS port, end", plain, io.EOF, false, "; does this port speak TLS? Then use rediss://"},
		{"TLS port, reset", plain, fmt.Errorf("dial: %w", reset), false, "; does this port speak TLS? Then use rediss://"},
		{"TLS port, alert", plain, errors.New(`redis: invalid reply: "\x15\x03\x03"`), false, "; does this port speak TLS? Then use rediss://"},
		{"end of a connection that served", plain, io.EOF, true, ""},
		{"end with TLS", secure, io.EOF, false, ""},
		{"no TLS port, silence", secure, context.DeadlineExceeded, false, "; does this port speak TLS? If not, use redis://"},
		{"no TLS port, reply", secure, tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}, false, "; does this port speak TLS? If not, use redis://"},
		{"silence without TLS", plain, context.DeadlineExceeded, false, ""},
		{"certificate", secure, errors.New("tls: failed to verify certificate: x509: unknown authority"), false, "; TLSConfig.RootCAs must have the authority of Redis's certificate"},
		{"web server", plain, errors.New(`redis: can't parse map reply: "HTTP/1.1 400 Bad Request"`), false, "; this port is a web server's"},
		{"page", plain, errors.New(`redis: invalid reply: "<!DOCTYPE HTML>\n"`), false, "; this port is a web server's"},
		{"no password", plain, reply("NOAUTH Authentication required."), false, "; the client needs a user and a password"},
		{"node of a cluster", plain, reply("MOVED 3999 127.0.0.1:6381"), false, "; this is a node of a cluster: use redis.NewClusterClient"},
		{"slot that has moved", cluster, reply("MOVED 3999 127.0.0.1:6381"), false, ""},
		{"old Redis", plain, denied, false, "; Sharded needs Redis 7"},
		{"denial", plain, reply("NOPERM no"), false, ""},
		{"loading", plain, reply("LOADING it"), false, ""},
	} {
		if got := redisutil.Hint(c.client, c.err, c.served); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
