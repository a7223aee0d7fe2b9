// Package redistest causes faults of real Redis servers and checks what becomes of every record. Only tests import it.
//
// A [Server] is a redis-server process that can be killed, frozen and restarted. A [Proxy] is a network that stalls and
// breaks. A [Fake] is a server with arbitrary replies. A [Publisher] publishes numbered records, a [Viewer] reads Elva's
// stream like a browser, and [Check] compares the two: the viewer must see every record exactly once and in order, unless it
// was published within a gap that the viewer was shown.
package redistest

import "time"

// patience bounds every wait. It is long because a loaded machine may take seconds for what normally takes a millisecond.
const patience = 30 * time.Second
