package elva_test

import (
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"

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
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			user, password, _ := r.BasicAuth()
			if user != "admin" || subtle.ConstantTimeCompare([]byte(password), []byte(os.Getenv("ADMIN_PASSWORD"))) != 1 {
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

func ExampleExact() {
	fmt.Println(elva.Exact("jobs[1]"))
	// Output: jobs\[1]
}

// A logger that writes to an io.Writer publishes through a Writer, and never waits for Redis.
func ExampleNewWriter() {
	server, err := miniredis.Run() // stands for Redis
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
