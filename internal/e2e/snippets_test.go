package e2e

import (
	"context"
	"log/slog"
	"net/http"

	elva "github.com/SupermanScott/Elva"
	"github.com/redis/go-redis/v9"
)

// The parts of programs that the README shows, so that they compile: a test compares them.

var _ = []any{wrapped, configured, newLogger}

func wrapped(mux *http.ServeMux, requireAdmin func(http.Handler) http.Handler, rdb *redis.Client) {
	mux.Handle("/debug/logs/", requireAdmin(elva.New(rdb, "my:channel")))
}

func configured(rdb *redis.Client) *elva.Handler {
	return elva.Config{Title: "Shop"}.New(rdb, "my:channel")
}

type publisher struct{ rdb *redis.Client }

func (p publisher) Write(record []byte) (int, error) {
	return len(record), p.rdb.Publish(context.Background(), "my:channel", record).Err()
}

func newLogger(rdb *redis.Client) *slog.Logger {
	return slog.New(slog.NewJSONHandler(publisher{rdb}, nil))
}
