// Package soak holds a test that lets Elva run for as long as one likes while Redis and the network
// break every few seconds, with viewers that are slow, stuck or come and go, and checks for each of
// them that each record was shown once or reported as missed:
//
//	go test ./example/soak -v -timeout 2h -args -soak 1h
package soak
