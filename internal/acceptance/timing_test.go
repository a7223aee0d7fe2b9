package acceptance_test

import (
	"reflect"
	"time"
	"unsafe"

	elva "github.com/SupermanScott/Elva"
	"github.com/SupermanScott/Elva/internal/redisutil"
)

// hurry returns c with a subscription that waits a tenth as long as it does by default, where waiting
// is what would make a test slow. What depends on the real constants does not use it.
func hurry(c elva.Config) elva.Config { return hurryBy(10, c) }

// hurryBy divides the waits by n.
func hurryBy(n time.Duration, c elva.Config) elva.Config {
	t := redisutil.DefaultTiming()
	for _, d := range []*time.Duration{&t.IdlePing, &t.FlowPing, &t.Dead, &t.Stuck, &t.Steady, &t.DeniedWait, &t.DeniedWaitMax} {
		*d /= n
	}
	setUnexported(&c, "timing", t)
	return c
}

// setMaxAge sets how long the handler's streams live. It must be called before the first one opens.
func setMaxAge(h *elva.Handler, age time.Duration) { setUnexported(h, "maxAge", age) }

// setUnexported sets a field that no user may set, since the public API has no name for it. It panics when the field
// is gone or has another type.
func setUnexported[S, V any](s *S, name string, value V) {
	field := reflect.ValueOf(s).Elem().FieldByName(name)
	if field.Type() != reflect.TypeFor[V]() {
		panic("field " + name + " has type " + field.Type().String())
	}
	*(*V)(unsafe.Pointer(field.UnsafeAddr())) = value
}
