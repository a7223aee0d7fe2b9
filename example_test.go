package elva_test

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	elva "github.com/SupermanScott/Elva"
)

// The examples ask the handler by themselves what a browser would. They need no Redis: without one the
// page says so.

func ExampleNew() {
	rdb := redis.NewClient(&redis.Options{Addr: "localhost:6379"})
	defer rdb.Close()
	logs := elva.New(rdb, "my:channel")
	defer logs.Close()

	mux := http.NewServeMux()
	mux.Handle("/debug/logs/", logs)
	// log.Fatal(http.ListenAndServe("localhost:8080", mux))

	answer := httptest.NewRecorder()
	mux.ServeHTTP(answer, httptest.NewRequest("GET", "/debug/logs/", nil))
	fmt.Println(answer.Code, answer.Header().Get("Content-Type"))
	// Output: 200 text/html; charset=utf-8
}

// Logs are secrets. Elva is one handler, so one wrapper covers its page, its assets and its stream.
func ExampleNew_behindALogin() {
	requireAdmin := func(next http.Handler) http.Handler {
		want := []byte(os.Getenv("ADMIN_PASSWORD"))
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			user, password, _ := r.BasicAuth()
			if len(want) == 0 || user != "admin" || subtle.ConstantTimeCompare([]byte(password), want) != 1 {
				w.Header().Set("WWW-Authenticate", `Basic realm="logs"`)
				http.Error(w, "who are you?", http.StatusUnauthorized)
				return
			}
			next.ServeHTTP(w, r)
		})
	}

	rdb := redis.NewClient(&redis.Options{Addr: "localhost:6379"})
	defer rdb.Close()
	logs := elva.New(rdb, "my:channel")
	defer logs.Close()

	mux := http.NewServeMux()
	mux.Handle("/debug/logs/", requireAdmin(logs))

	for _, path := range []string{"/debug/logs/", "/debug/logs/?events", "/debug/logs/?records"} {
		answer := httptest.NewRecorder()
		mux.ServeHTTP(answer, httptest.NewRequest("GET", path, nil))
		fmt.Println(path, answer.Code)
	}
	// Output:
	// /debug/logs/ 401
	// /debug/logs/?events 401
	// /debug/logs/?records 401
}

// A name with *, ? or [ is a pattern. A channel whose own name has one goes through Exact.
func ExampleNew_severalChannels() {
	rdb := redis.NewClient(&redis.Options{Addr: "localhost:6379"})
	defer rdb.Close()
	logs := elva.New(rdb, "my:channel", "job:*", elva.Exact("odd[1]"))
	defer logs.Close()

	answer := httptest.NewRecorder()
	logs.ServeHTTP(answer, httptest.NewRequest("GET", "/?health", nil))
	var health struct {
		Redis struct{ Sources []struct{ Kind, Name string } }
	}
	if err := json.Unmarshal(answer.Body.Bytes(), &health); err != nil {
		fmt.Println(err)
	}
	for _, source := range health.Redis.Sources {
		fmt.Println(source.Kind, source.Name)
	}
	// Output:
	// channel my:channel
	// pattern job:*
	// channel odd[1]
}

func ExampleConfig() {
	rdb := redis.NewClient(&redis.Options{Addr: "localhost:6379"})
	defer rdb.Close()
	logs := elva.Config{
		Title:        "Shop",
		History:      100_000,   // records
		HistoryBytes: 128 << 20, // or 128 MiB, whichever comes first
		Logger:       slog.New(slog.NewTextHandler(os.Stderr, nil)),
	}.New(rdb, "my:channel")
	defer logs.Close()

	mux := http.NewServeMux()
	mux.Handle("/debug/shop/", logs)
	// Output:
}

// Nothing is missing over interruptions and restarts when the records are in a stream.
func ExampleConfig_streams() {
	server, err := miniredis.Run() // in place of Redis
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	rdb := redis.NewClient(&redis.Options{Addr: server.Addr()})
	defer rdb.Close()

	out := elva.NewStreamWriter(rdb, "my:stream", 100_000) // in another program
	fmt.Fprintln(out, "logged before Elva was started")
	out.Close()

	logs := elva.Config{Streams: []string{"my:stream"}}.New(rdb)
	defer logs.Close()
	for {
		answer := httptest.NewRecorder()
		logs.ServeHTTP(answer, httptest.NewRequest("GET", "/?records", nil))
		if answer.Body.Len() == 0 {
			time.Sleep(time.Millisecond) // it reads in the background
			continue
		}
		var record struct{ Message string }
		fmt.Println(json.Unmarshal(answer.Body.Bytes(), &record), record.Message)
		return
	}
	// Output: <nil> logged before Elva was started
}

// A list beside the channel fills the gaps of the subscription. python-redis-log's RedisListHandler keeps one; others
// push what they then publish: RPUSH, LTRIM and PUBLISH.
func ExampleConfig_historyList() {
	rdb := redis.NewClient(&redis.Options{Addr: "localhost:6379"})
	defer rdb.Close()
	logs := elva.Config{HistoryList: "my:list"}.New(rdb, "my:channel")
	defer logs.Close()
	// Output:
}

// OnChange is called once for each change that has held, with all that is wrong.
func ExampleConfig_onChange() {
	rdb := redis.NewClient(&redis.Options{Addr: "localhost:6379"})
	defer rdb.Close()
	logs := elva.Config{OnChange: func(s elva.Summary) {
		fmt.Printf("%s since %v: %s\n", s.State, s.Since, s.Text) // or post it to a webhook
		for _, c := range s.Causes {
			fmt.Println(c.Text, "/debug/logs/?"+c.Filter)
		}
	}}.New(rdb, "my:channel")
	defer logs.Close()
	// Output:
}

// What Redact removes is nowhere in Elva. It may be a function of one's own, too; "" drops the payload.
func ExampleConfig_redact() {
	rdb := redis.NewClient(&redis.Options{Addr: "localhost:6379"})
	defer rdb.Close()
	logs := elva.Config{Redact: elva.RedactSecrets}.New(rdb, "my:channel")
	defer logs.Close()
	// Output:
}

func ExampleRedactSecrets() {
	fmt.Println(elva.RedactSecrets(`{"msg":"login","user":"al","password":"hunter2","attempt":3}`))
	fmt.Println(elva.RedactSecrets("cannot reach postgres://shop:hunter2@db-1/shop?sslmode=off&token=a1b2c3d4"))
	// Output:
	// {"msg":"login","user":"al","password":"[redacted]","attempt":3}
	// cannot reach postgres://shop:[redacted]@db-1/shop?sslmode=off&token=[redacted]
}

// A slog handler leaves secrets out before they reach Redis: ReplaceAttr sees each attribute, and the message as one.
func ExampleRedactSecrets_replaceAttr() {
	redact := func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{} // this example prints the same every time
		}
		object, _ := json.Marshal(map[string]string{a.Key: a.Value.String()}) // a secret is found by its name, too
		if redacted := elva.RedactSecrets(string(object)); redacted != string(object) {
			var value map[string]string
			_ = json.Unmarshal([]byte(redacted), &value)
			a.Value = slog.StringValue(value[a.Key])
		}
		return a
	}

	out := os.Stdout // or elva.NewWriter(rdb, "my:channel")
	logger := slog.New(slog.NewJSONHandler(out, &slog.HandlerOptions{ReplaceAttr: redact}))
	logger.Info("sent Bearer a1b2c3d4e5f6", "user", "al", "password", "correct horse", "order", 7)
	// Output: {"level":"INFO","msg":"sent Bearer [redacted]","user":"al","password":"[redacted]","order":7}
}

// Any logger that writes to an io.Writer will do. The heavier ones are in comments, so that Elva does not depend on
// them; example/hosts/loggers has each as a whole program.
func ExampleWriter() {
	rdb := redis.NewClient(&redis.Options{Addr: "localhost:6379"})
	defer rdb.Close()
	out := elva.NewWriter(rdb, "my:channel")
	defer out.Close()
	// zap:     zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()), out, zap.InfoLevel))
	// zerolog: zerolog.New(out).With().Timestamp().Logger()
	// logrus:  logrus.SetOutput(out); logrus.SetFormatter(&logrus.JSONFormatter{})
	logger := slog.New(slog.NewJSONHandler(out, nil))

	fmt.Println(logger.Enabled(context.Background(), slog.LevelInfo), out.Stats().Waiting)
	// Output: true 0
}

func ExampleExact() {
	fmt.Println(elva.Exact("jobs[1]"))
	// Output: jobs\[1]
}

// A logger that writes to an io.Writer publishes through a Writer, and never waits for Redis.
func ExampleNewWriter() {
	server, err := miniredis.Run() // in place of Redis
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()

	rdb := redis.NewClient(&redis.Options{Addr: server.Addr()})
	defer rdb.Close()
	out := elva.NewWriter(rdb, "my:channel")
	logger := slog.New(slog.NewJSONHandler(out, nil))
	logger.Warn("nearly sold out", "order", 4711)

	fmt.Println(out.Close()) // nil: everything was published
	// Output: <nil>
}
