package e2e

import (
	"log/slog"
	"net/http"

	"github.com/redis/go-redis/v9"

	elva "github.com/SupermanScott/Elva"
)

// The parts of programs that the README shows, so that they compile: a test compares them.

var _ = []any{wrapped, configured, lossless, logTo}

func wrapped(mux *http.ServeMux, requireAdmin func(http.Handler) http.Handler, rdb *redis.Client) {
	mux.Handle("/debug/logs/", requireAdmin(elva.New(rdb, "my:channel")))
}

func configured(rdb *redis.Client) *elva.Handler {
	return elva.Config{Title: "Shop"}.New(rdb, "my:channel")
}

func lossless(rdb *redis.Client) (*elva.Handler, *elva.Handler, *elva.Writer) {
	return elva.Config{HistoryList: "my:list"}.New(rdb, "my:channel"),
		elva.Config{Streams: []string{"my:stream"}}.New(rdb),
		elva.NewStreamWriter(rdb, "my:stream", 100_000)
}

func logTo(rdb *redis.Client, use func(*slog.Logger)) {
	out := elva.NewWriter(rdb, "my:channel")
	defer out.Close() // publishes what still waits
	logger := slog.New(slog.NewJSONHandler(out, nil))
	use(logger)
}
