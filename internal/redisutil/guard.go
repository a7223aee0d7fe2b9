package redisutil

import "fmt"

// Guard calls go-redis and returns what call returns, or an error if go-redis panics, as it does on some malformed
// replies: the host's program would end with it. Nothing of Elva's belongs in call. A bug of Elva's must not pass
// for a malformed reply.
func Guard(call func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("malformed reply: %v", p)
		}
	}()
	return call()
}
