// Command debug mounts Elva on a page of links below /debug/, beside net/http/pprof, in the way of tailscale.com/tsweb: there it is
//
//	tsweb.Debugger(mux).Handle("logs/", "Logs", logs)
//
// with the same headers on every answer. That module asks for hundreds of others, so this program does without it.
package main

import (
	"fmt"
	"html"
	"log"
	"net/http"
	"net/http/pprof"

	elva "github.com/SupermanScott/Elva"
	"github.com/redis/go-redis/v9"
)

func main() {
	rdb := redis.NewClient(&redis.Options{Addr: "localhost:6379"})
	logs := elva.New(rdb, "my:channel")

	mux := http.NewServeMux()
	debug := newDebugger(mux)
	debug.Handle("logs/", "Logs", logs)
	debug.Handle("pprof/", "Profiles", http.HandlerFunc(pprof.Index))
	log.Fatal(http.ListenAndServe("localhost:8080", mux))
}

// debugger is the page at /debug/ and what it links to.
type debugger struct {
	mux   *http.ServeMux
	links string
}

func newDebugger(mux *http.ServeMux) *debugger {
	d := &debugger{mux: mux}
	mux.Handle("/debug/", withHeaders(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, "<!DOCTYPE html><title>debug</title><ul>%s</ul>", d.links)
	})))
	return d
}

// Handle mounts a handler below /debug/ and links to it.
func (d *debugger) Handle(name, description string, handler http.Handler) {
	d.mux.Handle("/debug/"+name, withHeaders(handler))
	d.links += fmt.Sprintf(`<li><a href="/debug/%s">%s</a></li>`, name, html.EscapeString(description))
}

// withHeaders sets the headers of tsweb.AddBrowserHeaders. Elva keeps a policy that its host has set.
func withHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
		w.Header().Set("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'; form-action 'self'; base-uri 'self'; block-all-mixed-content; object-src 'none'")
		w.Header().Set("X-Frame-Options", "DENY")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		next.ServeHTTP(w, r)
	})
}
