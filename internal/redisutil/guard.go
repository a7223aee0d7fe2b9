package redisutil

import "fmt"

// Guard calls call and returns its error, or an error if it panics. go-redis panics on some malformed replies, which would
// end the host's program. call must contain nothing but calls of go-redis, so that Guard doesn't hide bugs of Elva.
func Guard(call func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("malformed reply: %v", p)
		}
	}()
	return call()
}
