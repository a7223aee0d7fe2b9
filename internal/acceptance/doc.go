// Package acceptance tests Elva through its public surface: faults of Redis, clusters, Sentinel, resuming,
// HTTP and the Writer. It has no code of its own.
package acceptance
