// Package hosts has one small program per kind of host, each to read first and to copy: Elva in the
// standard mux, in chi, gin, echo, gorilla/mux, httprouter and fiber, beside a service of connect, on a page for debugging, and
// over HTTP/2.
//
//	cd example/hosts && go run ./chi
//
// instances/run.sh runs several instances behind nginx or HAProxy.
//
// Each expects Redis at localhost:6379, shows what is published on the channel my:channel, and has its
// page at http://localhost:8080/debug/logs/. The tests build and run every one, put real proxies, the
// middleware of other people and real clients before Elva, and give its Writer to other loggers.
//
// It is a module of its own, so that none of this is a dependency of Elva.
package hosts
