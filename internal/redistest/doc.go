// Package redistest makes faults on real Redis servers and checks what became of every record. Only
// tests import it.
//
// A [Server] is a redis-server process on a free loopback port that can be killed, frozen and started
// again; a [Proxy] is a network that stalls and breaks; a [Fake] is a server that answers what it
// shouldn't. A [Publisher] numbers what it publishes and notes when, a [Viewer] reads Elva's stream as
// a browser does, and [Check] compares the two: every record is seen exactly once and in order, or was
// published inside a gap that the viewer was shown.
package redistest

import "time"

// patience bounds every wait. It is no measure of speed: a loaded machine takes seconds for what an
// idle one does in a millisecond.
const patience = 30 * time.Second
