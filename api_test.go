package elva_test

import (
	"bytes"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestThePublicSurfaceChangesOnlyOnPurpose compares every exported declaration with testdata/api.txt.
// Comments are left out: what they say may get better at any time.
func TestThePublicSurfaceChangesOnlyOnPurpose(t *testing.T) {
	golden := filepath.Join("testdata", "api.txt")
	got := surface(t)
	if os.Getenv("ELVA_RENEW") != "" {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != strings.ReplaceAll(string(want), "\r\n", "\n") {
		t.Errorf("the exported declarations are\n\n%s\nand %s has\n\n%s\nIf that is meant, say it in CHANGELOG.md and renew the file:\n\n"+
			"\tELVA_RENEW=1 go test -run TestThePublicSurface .", got, golden, want)
	}
}

// surface returns the package's exported declarations, without bodies, comments and what is unexported.
func surface(t *testing.T) string {
	t.Helper()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.FileExports(file)
		for _, d := range file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Recv != nil && !exportedType(d.Recv.List[0].Type) {
					continue
				}
				d.Body = nil
			case *ast.GenDecl:
				if d.Tok == token.IMPORT {
					continue
				}
			}
			var text bytes.Buffer
			if err := format.Node(&text, fset, d); err != nil {
				t.Fatal(err)
			}
			found = append(found, withoutBlankLines(text.String()))
		}
	}
	slices.Sort(found)
	return strings.Join(found, "\n")
}

func exportedType(e ast.Expr) bool {
	if star, ok := e.(*ast.StarExpr); ok {
		e = star.X
	}
	name, ok := e.(*ast.Ident)
	return ok && name.IsExported()
}

// withoutBlankLines drops the lines that comments leave behind.
func withoutBlankLines(text string) string {
	var kept strings.Builder
	for line := range strings.Lines(text + "\n") {
		if strings.TrimSpace(line) != "" {
			kept.WriteString(line)
		}
	}
	return kept.String()
}
