package elva

import "time"

// SetMaxAge sets how long the handler's streams live. It must be called before the first one opens.
func SetMaxAge(h *Handler, age time.Duration) { h.maxAge = age }
