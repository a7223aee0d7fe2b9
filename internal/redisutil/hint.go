package redisutil

import (
	"errors"
	"io"
	"strings"
	"syscall"

	"github.com/redis/go-redis/v9"
)

// Hint returns what the host may have to change after an error, such as "; does this port speak TLS? …", or "". served is
// whether an earlier connection served, so that the address and the type of the server must be right.
func Hint(client redis.UniversalClient, err error, served bool) string {
	text := err.Error()
	contains := func(part string) bool { return strings.Contains(text, part) }
	switch {
	case contains("NOAUTH"):
		return "; the client needs a user and a password"
	case contains("unknown command") && contains("ssubscribe"):
		return "; Sharded needs Redis 7"
	case contains("MOVED ") && !IsCluster(client):
		return "; this is a node of a cluster: use redis.NewClusterClient"
	case contains(`reply: "<`), contains(`reply: "HTTP/`):
		return "; this port is a web server's"
	case served || Answered(err):
		return ""
	case contains("x509: "):
		return "; TLSConfig.RootCAs must have the authority of Redis's certificate"
	case usesTLS(client) && Timeout(err), contains("does not look like a TLS handshake"):
		return "; does this port speak TLS? If not, use redis://"
	case !usesTLS(client) && (errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) || contains(`reply: "\x15`)):
		return "; does this port speak TLS? Then use rediss://"
	}
	return ""
}

// usesTLS reports whether the client is known to use TLS.
func usesTLS(client redis.UniversalClient) bool {
	single, ok := client.(*redis.Client)
	return ok && single.Options().TLSConfig != nil
}
