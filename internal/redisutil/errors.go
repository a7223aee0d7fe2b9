package redisutil

import (
	"errors"
	"net"
	"strings"

	"github.com/redis/go-redis/v9"
)

// Answered reports whether Redis itself answered with an error. The connection is open, then, and is
// not subscribed unless it was before.
func Answered(err error) bool {
	var e redis.Error
	return errors.As(err, &e)
}

// Denied reports whether the error stays until somebody changes a permission or a password. An
// overloaded, loading or failing-over server says no as well, but changes its mind by itself.
func Denied(err error) bool {
	if errors.As(err, new(*DeniedError)) {
		return true
	}
	var said redis.Error
	if !errors.As(err, &said) {
		return false
	}
	for _, passing := range []string{"LOADING", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "MOVED", "ASK ", "BUSY", "ERR max number of clients"} {
		if strings.HasPrefix(said.Error(), passing) {
			return false
		}
	}
	return true
}

// OfConnection reports whether a refusal is about the connection as a whole, not about a name.
func OfConnection(err error) bool {
	return strings.HasPrefix(err.Error(), "WRONGPASS") || strings.HasPrefix(err.Error(), "NOAUTH")
}

// Timeout reports whether the other side was silent for too long.
func Timeout(err error) bool {
	var e net.Error
	return errors.As(err, &e) && e.Timeout()
}

// maxText is how many bytes of an error are shown. Redis's own are a line; one that is not Redis may send megabytes, and
// every gap and every status carries the text.
const maxText = 500

// Text returns the text of an error, as valid UTF-8 of bounded length.
func Text(err error) string {
	text := err.Error()
	if len(text) > maxText {
		text = text[:maxText] + "…"
	}
	return strings.ToValidUTF8(text, "\uFFFD")
}

// Describe says in words why there is no link.
func Describe(err error) string {
	switch text := Text(err); {
	case errors.As(err, new(*DeniedError)):
		return text
	case Denied(err):
		return "Redis refuses the connection: " + text
	case Answered(err):
		return "Redis is not ready: " + text
	case errors.Is(err, redis.ErrClosed):
		return "the host has closed the Redis client"
	case Timeout(err):
		return "Redis does not answer: " + text
	default:
		return "No connection to Redis: " + text
	}
}

// DeniedError says that Redis refuses what was asked for, in words that name it.
type DeniedError struct {
	What string // `the channel "a"`, "2 of 3 names"
	Err  error  // what Redis said
}

func (e *DeniedError) Error() string { return "Redis refuses " + e.What + ": " + Text(e.Err) }

func (e *DeniedError) Unwrap() error { return e.Err }
