package redisutil

import (
	"errors"
	"io"
	"strings"
	"syscall"

	"github.com/redis/go-redis/v9"
)

// Hint returns what the host may have to change after an error, as "; does this port speak TLS? …", or "". served says
// that a connection has served before, so that the address and the kind of the server are right.
func Hint(client redis.UniversalClient, err error, served bool) string {
	text := err.Error()
	says := func(part string) bool { return strings.Contains(text, part) }
	switch {
	case says("NOAUTH"):
		return "; the client needs a user and a password"
	case says("unknown command") && says("ssubscribe"):
		return "; Sharded needs Redis 7"
	case says("MOVED ") && !Many(client):
		return "; this is a node of a cluster: use redis.NewClusterClient"
	case says(`reply: "<`), says(`reply: "HTTP/`):
		return "; this port is a web server's"
	case served || Answered(err):
		return ""
	case says("x509: "):
		return "; TLSConfig.RootCAs must have the authority of Redis's certificate"
	case usesTLS(client) && Timeout(err), says("does not look like a TLS handshake"):
		return "; does this port speak TLS? If not, use redis://"
	case !usesTLS(client) && (errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) || says(`reply: "\x15`)):
		return "; does this port speak TLS? Then use rediss://"
	}
	return ""
}

// usesTLS reports whether the client speaks TLS, as far as that can be seen.
func usesTLS(client redis.UniversalClient) bool {
	one, ok := client.(*redis.Client)
	return ok && one.Options().TLSConfig != nil
}
