// Package wire encodes Elva's responses (Server-Sent Events, NDJSON, text) and writes them to the host's
// connection. It works behind any middleware, sets a deadline for each write, and ends streams when the host's
// server shuts down.
//
// # Why nothing is compressed
//
// A compressor for each viewer takes 1.2 MB (compress/flate at its fastest), fifty times the memory of a
// viewer without one. It takes 0.7 µs for each record and viewer, while sending one takes 0.1 µs
// (BenchmarkCompressed, BenchmarkCompressorMemory).
//
// Compressing once for all viewers would be cheap, but would save only bandwidth: a record takes 10 to 50
// bytes instead of 420, and 1,000 records/s take 3.4 Mbit/s without it. It would also be unsafe. Logs hold
// secrets next to text that attackers can choose, and compression leaks such secrets (see BREACH).
//
// A host that serves viewers over a slow line can put its own compressing middleware around the handler:
// the preamble is long enough for it to stream.
package wire
