// Package wire encodes what Elva answers (Server-Sent Events, NDJSON, text) and writes it to the host's
// connection: through whatever middleware wraps it, with a deadline for each write, until the host's
// server shuts down.
//
// # Why nothing is compressed
//
// A compressor for each viewer takes 1.2 MB (compress/flate at its fastest), fifty times what a viewer
// takes otherwise, and 0.7 µs for each record and viewer, where sending it costs 0.1 µs (BenchmarkCompressed,
// BenchmarkCompressorMemory). Compressing once for all viewers would be cheap, but its gain is the
// wire's alone: 10 to 50 bytes a record instead of 420, of which 1,000 records/s make 3.4 Mbit/s, and logs
// hold secrets beside text that others may choose, which is what compression leaks (as BREACH does). A
// host that serves viewers over a thin line can put its own compressing middleware around the handler:
// the preamble is long enough for it to stream.
package wire
