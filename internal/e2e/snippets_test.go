package e2e

import (
	"log"
	"log/slog"
	"net/http"

	"github.com/redis/go-redis/v9"

	elva "github.com/SupermanScott/Elva"
)

// The parts of programs that the README shows, so that they compile: a test compares them.

var _ = []any{mounted, configured, lossless, logTo, framed, byRole}

func mounted(requireAdmin func(http.Handler) http.Handler) {
	rdb := redis.NewClient(&redis.Options{Addr: "localhost:6379"})
	http.Handle("/debug/logs/", requireAdmin(elva.New(rdb, "my:channel")))
	log.Fatal(http.ListenAndServe("localhost:8080", nil))
}

func framed(logs http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Sec-Fetch-Dest") == "iframe" { // Elva refuses what pages of other sites ask for
			r.Header.Set("Sec-Fetch-Site", "same-origin")
		}
		w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; "+
			"img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self' https://portal.example; "+
			"require-trusted-types-for 'script'; trusted-types elva")
		w.Header().Del("X-Frame-Options")
		logs.ServeHTTP(w, r)
	})
}

func byRole(mux *http.ServeMux, rdb *redis.Client, require func(role string, next http.Handler) http.Handler) {
	mux.Handle("/debug/logs/", require("admin", elva.New(rdb, "shop:*")))
	mux.Handle("/support/logs/", require("support", elva.New(rdb, "shop:orders")))
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
