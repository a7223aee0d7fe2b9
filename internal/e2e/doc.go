// Package e2e tests Elva as its users meet it: the example program, a real redis-server, and Chromium.
//
//	cd internal/e2e && go test ./...
//
// It is a module of its own, so that a browser's driver is no dependency of Elva.
// Tests without redis-server or Chromium on the machine are skipped; with ELVA_NO_SKIP set they fail.
package e2e
