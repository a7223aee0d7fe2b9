// Package acceptance has tests of Elva through its public API: faults of Redis, clusters, Sentinel, resuming, HTTP and the Writer.
package acceptance
