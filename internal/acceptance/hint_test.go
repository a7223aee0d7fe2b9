//go:build unix

package acceptance_test

import (
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	elva "github.com/SupermanScott/Elva"
)

// TestSubscribe_WrongPort connects to ports with another protocol. The text must say which.
func TestSubscribe_WrongPort(t *testing.T) {
	t.Parallel()
	secure := httptest.NewUnstartedServer(nil)
	secure.StartTLS()
	t.Cleanup(secure.Close)
	// A Redis with TLS closes the connection of a client that begins without; a web server with TLS answers in HTTP.
	closing, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closing.Close() })
	go func() {
		for {
			conn, err := closing.Accept()
			if err != nil {
				return
			}
			_, _ = io.ReadFull(conn, make([]byte, 1))
			conn.Close()
		}
	}()
	web := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(web.Close)
	for name, c := range map[string]struct {
		options redis.Options
		want    string
	}{
		"TLS, no TLS in the client": {redis.Options{Addr: closing.Addr().String()}, "Then use rediss://"},
		"no TLS, TLS in the client": {redis.Options{Addr: web.Listener.Addr().String(), TLSConfig: &tls.Config{InsecureSkipVerify: true}}, "If not, use redis://"},
		"a web server":              {redis.Options{Addr: web.Listener.Addr().String()}, "a web server's"},
		"an unknown certificate":    {redis.Options{Addr: secure.Listener.Addr().String(), TLSConfig: &tls.Config{}}, "TLSConfig.RootCAs"},
	} {
		for kind, config := range map[string]elva.Config{"channel": {}, "stream": {Streams: []string{"s"}}} {
			t.Run(name+", "+kind, func(t *testing.T) {
				options := c.options
				options.DialerRetries = 1
				client := redis.NewClient(&options)
				defer client.Close()
				var channels []string
				if kind == "channel" {
					channels = append(channels, "app")
				}
				config.Logger = quiet.Logger
				h := hurry(config).New(client, channels...)
				defer h.Close()
				waitFor(t, "the hint", func() bool { return strings.Contains(status(t, h).Redis.Text, c.want) })
			})
		}
	}
}
