module github.com/SupermanScott/Elva/example/load

go 1.25.0

replace github.com/SupermanScott/Elva => ../..

require (
	github.com/SupermanScott/Elva v0.0.0
	github.com/redis/go-redis/v9 v9.22.0
	github.com/tmaxmax/go-sse v0.11.0 // v0.12.0 needs Go 1.26
)

require (
	github.com/a-h/templ v0.3.977 // indirect
	github.com/cespare/xxhash/v2 v2.3.0 // indirect
	github.com/klauspost/compress v1.20.4 // indirect
	go.uber.org/atomic v1.11.0 // indirect
	golang.org/x/sys v0.34.0 // indirect
	golang.org/x/text v0.37.0 // indirect
)
