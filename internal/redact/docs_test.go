package redact_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestDocumentation checks that each line of code in the documentation comes from a tested example, and that the size of the corpus is right.
func TestDocumentation(t *testing.T) {
	read := func(path string) string {
		text, err := os.ReadFile("../../" + path)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	page := read("docs/redaction.md")
	examples := map[string]string{"go": read("example_test.go"), "python": read("example/python/test_redact.py")}
	blocks := regexp.MustCompile("(?ms)^```([a-z]+)\n(.*?)^```$").FindAllStringSubmatch(page, -1)
	if len(blocks) < 3 {
		t.Fatalf("%d blocks of code", len(blocks))
	}
	for _, block := range blocks {
		for line := range strings.Lines(block[2]) {
			if line = strings.TrimSpace(line); !strings.Contains(examples[block[1]], line) {
				t.Errorf("no example has: %s", line)
			}
		}
	}
	if want := fmt.Sprintf("has %d payloads", len(corpus(t))); !strings.Contains(page, want) {
		t.Errorf("the corpus %s", want)
	}
}
