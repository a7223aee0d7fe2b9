// Package elva shows live logs.
package elva

import (
	"net/http"

	"github.com/redis/go-redis/v9"
)

// Config holds a Handler's settings; its zero value means the defaults.
type Config struct{ Title string }

// Handler serves the page and the stream.
type Handler struct{}

// New is Config{}.New.
func New(client redis.UniversalClient, channels ...string) *Handler {
	return Config{}.New(client, channels...)
}

// New returns a Handler.
func (c Config) New(client redis.UniversalClient, channels ...string) *Handler { return &Handler{} }

// ServeHTTP serves.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {}

// Close ends it.
func (h *Handler) Close() error { return nil }
