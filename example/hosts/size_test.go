package hosts

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// maxAdded is how much Elva may add to a host. It was 3,345 KiB, stripped 2,432, when the filter's grammar and the
// recognition of log formats and traces had come in, and 4,256 KiB with the compressed log: zstd is worth a log that is ten
// times deeper. Patterns, operations and changes over the whole log made it 4,770 KiB, stripped 3,452. What makes it larger
// needs a reason.
const maxAdded = 10 << 19

// TestElva_AddsLittleToAHost builds a host that has go-redis with Elva and without.
func TestElva_AddsLittleToAHost(t *testing.T) {
	source, err := os.ReadFile(filepath.Join("testdata", "size", "main.go"))
	if err != nil {
		t.Fatal(err)
	}
	var without strings.Builder
	for line := range strings.Lines(string(source)) {
		if !strings.Contains(line, "elva") {
			without.WriteString(line)
		}
	}
	size := func(code string, flags ...string) int64 {
		dir := t.TempDir()
		file, binary := filepath.Join(dir, "main.go"), filepath.Join(dir, "host")
		if err := os.WriteFile(file, []byte(code), 0o600); err != nil {
			t.Fatal(err)
		}
		args := append(append([]string{"build", "-o", binary}, flags...), file)
		if out, err := exec.CommandContext(t.Context(), "go", args...).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		info, err := os.Stat(binary)
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	base := size(without.String())
	added := size(string(source)) - base
	stripped := size(string(source), "-ldflags=-s -w") - size(without.String(), "-ldflags=-s -w")
	t.Logf("a host of %d KiB grows by %d KiB; stripped by %d KiB", base>>10, added>>10, stripped>>10)
	if added > maxAdded {
		t.Errorf("Elva adds %d KiB", added>>10)
	}
}
