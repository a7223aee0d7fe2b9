module github.com/SupermanScott/Elva/example/load

go 1.25.0

replace github.com/SupermanScott/Elva => ../..

require (
	github.com/SupermanScott/Elva v0.0.0
	github.com/r3labs/sse/v2 v2.10.0
	github.com/redis/go-redis/v9 v9.22.0
	github.com/tmaxmax/go-sse v0.12.0
)
