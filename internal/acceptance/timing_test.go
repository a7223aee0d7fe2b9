package acceptance_test

import (
	"reflect"
	"time"
	"unsafe"

	elva "github.com/SupermanScott/Elva"
	"github.com/SupermanScott/Elva/internal/redisutil"
)

// hurry returns c with waits of a tenth of the default, so that tests are fast. Tests that depend on the real waits don't use it.
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

// setUnexported sets an unexported field. It panics if the field doesn't exist or has another type.
func setUnexported[S, V any](s *S, name string, value V) {
	field := reflect.ValueOf(s).Elem().FieldByName(name)
	if field.Type() != reflect.TypeFor[V]() {
		panic("field " + name + " has type " + field.Type().String())
	}
	*(*V)(unsafe.Pointer(field.UnsafeAddr())) = value
}
