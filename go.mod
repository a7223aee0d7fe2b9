module github.com/SupermanScott/Elva

go 1.25.0

require (
	// The page's markup, escaped by its context, and the nonce of the host. Only its runtime is imported.
	github.com/a-h/templ v0.3.977
	// The demo's Redis, and the tests'. The package itself does not import it, so no importer builds it.
	github.com/alicebob/miniredis/v2 v2.40.0
	// The log in memory is compressed to a tenth. Only zstd is imported.
	github.com/klauspost/compress v1.20.4
	// The client that a host gives to New. Older ones fail in ways that Elva can't heal.
	github.com/redis/go-redis/v9 v9.22.0
	// Filters find text however its letters are composed. Only unicode/norm is imported.
	golang.org/x/text v0.37.0
)

require (
	github.com/cespare/xxhash/v2 v2.3.0 // indirect
	github.com/yuin/gopher-lua v1.1.1 // indirect
	go.uber.org/atomic v1.11.0 // indirect
	golang.org/x/sys v0.34.0 // indirect
)
