//go:build unix

package acceptance_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	elva "github.com/SupermanScott/Elva"
	"github.com/SupermanScott/Elva/internal/redistest"
)

// streamInfo is the reply to XINFO of a stream with one entry.
const streamInfo = "*10\r\n+length\r\n:1\r\n+last-generated-id\r\n+5-0\r\n+entries-added\r\n:1\r\n+first-entry\r\n*2\r\n+5-0\r\n*2\r\n+f\r\n+v\r\n+last-entry\r\n$-1\r\n"

// streamEntry is the reply to XREAD with an entry of the stream s.
func streamEntry(id, fields string) string {
	return fmt.Sprintf("*1\r\n*2\r\n+s\r\n*1\r\n*2\r\n+%s\r\n%s", id, fields)
}

// TestStream_MalformedReplies sends five hostile replies to one of the commands of a reader. After that it reads what comes.
func TestStream_MalformedReplies(t *testing.T) {
	t.Parallel()
	fields := "*2\r\n+f\r\n+v\r\n"
	info := func(old, odd string) string { return strings.Replace(streamInfo, old, odd, 1) }
	for name, c := range map[string]struct{ command, reply string }{
		"an error": {"xread", "-ERR x\r\n"}, "LOADING": {"xread", "-LOADING x\r\n"}, "MOVED": {"xread", "-MOVED 1 127.0.0.1:1\r\n"}, "NOPERM": {"xread", "-NOPERM x\r\n"}, "WRONGTYPE": {"xread", "-WRONGTYPE x\r\n"},
		"a number": {"xread", ":1\r\n"}, "a text": {"xread", "+x\r\n"}, "no stream": {"xread", "*0\r\n"}, "an empty stream": {"xread", "*1\r\n*1\r\n*0\r\n"}, "another key": {"xread", "*1\r\n*2\r\n+z\r\n*0\r\n"},
		"more arrays than memory": {"xread", "*9223372036854775807\r\n"}, "an empty ID": {"xread", streamEntry("", fields)}, "no ID": {"xread", streamEntry("abc", fields)}, "half an ID": {"xread", streamEntry("6", fields)},
		"a large ID": {"xread", streamEntry("99999999999999999999-0", fields)}, "a negative ID": {"xread", streamEntry("-5-0", fields)}, "an ID from before": {"xread", streamEntry("0-0", fields)},
		"the largest ID": {"xread", streamEntry("18446744073709551615-18446744073709551615", fields)}, "the same entry again": {"xread", streamEntry("6-0", fields)},
		"no fields": {"xread", streamEntry("6-0", "$-1\r\n")}, "half a field": {"xread", streamEntry("6-0", "*1\r\n+f\r\n")}, "fields of numbers": {"xread", streamEntry("6-0", "*2\r\n:1\r\n:2\r\n")},
		"nested fields": {"xread", streamEntry("6-0", "*2\r\n*1\r\n+a\r\n*1\r\n+b\r\n")}, "fields of errors": {"xread", streamEntry("6-0", "*2\r\n-ERR a\r\n-ERR b\r\n")},
		"info: an error": {"xinfo", "-ERR x\r\n"}, "info: NOPERM": {"xinfo", "-NOPERM x\r\n"}, "info: nil": {"xinfo", "$-1\r\n"}, "info: a number": {"xinfo", ":1\r\n"}, "info: nothing": {"xinfo", "*0\r\n"}, "info: half": {"xinfo", "*1\r\n+length\r\n"},
		"info: a negative count": {"xinfo", info("added\r\n:1", "added\r\n:-1")}, "info: a huge count": {"xinfo", info("added\r\n:1", "added\r\n:9223372036854775807")},
		"info: a negative length": {"xinfo", info("length\r\n:1", "length\r\n:-9")}, "info: a huge length": {"xinfo", info("length\r\n:1", "length\r\n:9223372036854775807")},
		"info: no ID": {"xinfo", info("id\r\n+5-0", "id\r\n+abc")}, "info: the largest ID": {"xinfo", info("id\r\n+5-0", "id\r\n+18446744073709551615-18446744073709551615")},
		"back: an error": {"xrevrange", "-ERR x\r\n"}, "back: NOPERM": {"xrevrange", "-NOPERM x\r\n"}, "back: nil": {"xrevrange", "$-1\r\n"}, "back: a number": {"xrevrange", ":5\r\n"}, "back: half": {"xrevrange", "*1\r\n*1\r\n+x\r\n"},
		"back: always the same": {"xrevrange", "*16\r\n" + strings.Repeat("*2\r\n+5-0\r\n"+fields, 16)}, "back: forward": {"xrevrange", "*16\r\n" + strings.Repeat("*2\r\n+9-0\r\n"+fields, 16)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var hostile atomic.Int32
			fake := redistest.NewFake(t, func(conn *redistest.FakeConn, _ int) {
				for args, ok := conn.Greet(2); ok; args, ok = conn.Command() {
					sane := map[string]string{"xread": "*-1\r\n", "xinfo": streamInfo, "xrevrange": "*0\r\n", "info": "$-1\r\n", "ping": "+PONG\r\n"}[args[0]]
					at := args[len(args)-1]
					switch {
					case args[0] == c.command && hostile.Add(1) <= 5:
						sane = c.reply
					case args[0] == "xread" && (hostile.Load() > 5 || c.command != "xread") && (len(at) > 19 || !strings.HasPrefix(at, "7-")):
						sane = streamEntry("7-0", "*2\r\n+f\r\n+after\r\n")
					case args[0] == "xread":
						time.Sleep(10 * time.Millisecond) // as if it blocked
					}
					conn.Send(sane)
				}
			})
			client := redis.NewClient(&redis.Options{Addr: fake.Addr, Protocol: 2, MaxRetries: -1})
			t.Cleanup(func() { client.Close() })
			h := hurry(elva.Config{Streams: []string{"s"}, Logger: quiet.Logger}).New(client)
			t.Cleanup(func() { h.Close() })
			waitFor(t, "what comes after them", func() bool {
				answer := httptest.NewRecorder()
				h.ServeHTTP(answer, httptest.NewRequest("GET", "/?records", nil))
				return strings.Contains(answer.Body.String(), `"after"`) && status(t, h).Redis.State == "live"
			})
		})
	}
}
