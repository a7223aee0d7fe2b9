package redisutil

import (
	"errors"
	"net"
	"strings"

	"github.com/redis/go-redis/v9"
)

// Answered reports whether err is an error reply of Redis, so that the connection is still open.
func Answered(err error) bool {
	var e redis.Error
	return errors.As(err, &e)
}

// Denied reports whether err will persist until somebody changes a permission or a password. The error replies of a server
// that is overloaded, loading or failing over are temporary.
func Denied(err error) bool {
	if errors.As(err, new(*DeniedError)) {
		return true
	}
	var reply redis.Error
	if !errors.As(err, &reply) {
		return false
	}
	for _, temporary := range []string{"LOADING", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "MOVED", "ASK ", "BUSY", "ERR max number of clients"} {
		if strings.HasPrefix(reply.Error(), temporary) {
			return false
		}
	}
	return true
}

// ConcernsConnection reports whether a denial concerns the connection as a whole, not a single name.
func ConcernsConnection(err error) bool {
	return strings.HasPrefix(err.Error(), "WRONGPASS") || strings.HasPrefix(err.Error(), "NOAUTH")
}

// Timeout reports whether err is a timeout.
func Timeout(err error) bool {
	var e net.Error
	return errors.As(err, &e) && e.Timeout()
}

// maxErrorText is how many bytes of an error are shown at most. Another server than Redis may send megabytes, and every gap
// and status document contains the text.
const maxErrorText = 500

// Text returns the text of an error, as valid UTF-8 of bounded length.
func Text(err error) string {
	text := err.Error()
	if len(text) > maxErrorText {
		text = text[:maxErrorText] + "…"
	}
	return strings.ToValidUTF8(text, "\uFFFD")
}

// Describe returns a text that says why there is no connection.
func Describe(err error) string {
	switch text := Text(err); {
	case errors.As(err, new(*DeniedError)):
		return text
	case Denied(err):
		return "Redis denies the connection: " + text
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

// DeniedError is the error for something that Redis denies.
type DeniedError struct {
	What string // what it denies, such as `the channel "a"`
	Err  error  // the error of Redis
}

func (e *DeniedError) Error() string { return "Redis denies " + e.What + ": " + Text(e.Err) }

func (e *DeniedError) Unwrap() error { return e.Err }
