package internal_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const module = "github.com/SupermanScott/Elva/internal/"

// TestMap_ImportsPointDown compares the imports with the table of packages in README.md: each package is there, and imports only
// packages of later rows, or of its own folder. Those that serve tests are imported by tests only.
func TestMap_ImportsPointDown(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "| package | one line |")
	table, rest, _ := strings.Cut(table, "\n\n")
	row := make(map[string]int)
	for n, line := range strings.Split(table, "\n") {
		cells := strings.Split(line, "|")
		if len(cells) < 2 {
			continue
		}
		for _, name := range names.FindAllStringSubmatch(cells[1], -1) {
			row[name[1]] = n
		}
	}
	tests := make(map[string]bool)
	rest, _, _ = strings.Cut(strings.TrimSpace(rest), "\n\n")
	for _, name := range names.FindAllStringSubmatch(rest, -1) {
		tests[name[1]] = true
	}
	list, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(list)) {
		imports := strings.Fields(line)
		from := folder(imports[0])
		if from == "" {
			continue
		}
		if _, ok := row[from]; !ok && !tests[from] {
			t.Errorf("%s is not on the map", from)
		}
		for _, path := range imports[1:] {
			switch to := folder(path); {
			case to == "" || to == from:
			case tests[to] && !tests[from]:
				t.Errorf("%s imports %s, which is for tests", from, to)
			case !tests[from] && row[to] <= row[from]:
				t.Errorf("%s imports %s, which is above it on the map", from, to)
			}
		}
	}
}

// TestMap_NamedFilesExist checks the files in the table "Where do I change", which are in internal, in view/app or in the root.
func TestMap_NamedFilesExist(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "## Where do I change")
	rows := 0
	for line := range strings.Lines(table) {
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| what |") {
			continue
		}
		rows++
		_, places, _ := strings.Cut(line, " | ")
		folder := ""
		for _, name := range quoted.FindAllStringSubmatch(places, -1) {
			if info, err := os.Stat(name[1]); err == nil && info.IsDir() {
				folder = name[1] + "/" // the names after it are its files
			}
			if !strings.HasSuffix(name[1], ".go") && !strings.HasSuffix(name[1], ".js") {
				continue
			}
			found := false
			for _, in := range []string{"", "../", "../view/app/", folder} {
				files, err := filepath.Glob(in + name[1])
				found = found || err == nil && len(files) > 0
			}
			if !found {
				t.Errorf("%s does not exist: %s", name[1], line)
			}
		}
	}
	if rows < 20 {
		t.Errorf("%d rows", rows)
	}
}

var quoted = regexp.MustCompile("`([^`]+)`")

var names = regexp.MustCompile("`([a-z0-9]+)`")

// folder returns the folder in internal that a package is in, "" for a package of another one.
func folder(path string) string {
	path, ok := strings.CutPrefix(path, module)
	if !ok {
		return ""
	}
	name, _, _ := strings.Cut(path, "/")
	return name
}
