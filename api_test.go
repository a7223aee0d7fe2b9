package elva_test

import (
	"bytes"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// public is every exported declaration. Comments are left out: what they say may get better at any time.
const public = `func (c Config) New(client redis.UniversalClient, channels ...string) *Handler

func (h *Handler) Close() error

func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request)

func (w *Writer) Close() error

func (w *Writer) Stats() WriterStats

func (w *Writer) Sync() error

func (w *Writer) Write(p []byte) (int, error)

func Exact(name string) string

func New(client redis.UniversalClient, channels ...string) *Handler

func NewShardedWriter(client redis.UniversalClient, channel string) *Writer

func NewStreamWriter(client redis.UniversalClient, key string, maxLen int64) *Writer

func NewWriter(client redis.UniversalClient, channel string) *Writer

func RedactSecrets(payload string) string

type Cause struct {
	Kind string
	State string
	Text string
	Service, Worker, Group string
	Since time.Time
	Value, Baseline float64
	Filter string
}

type Config struct {
	Title string
	Home string
	History int
	HistoryBytes int
	Streams []string
	HistoryList string
	Sharded bool
	Redact func(payload string) string
	OnChange func(Summary)
	Logger *slog.Logger
	// contains filtered or unexported fields
}

type Handler struct {
	// contains filtered or unexported fields
}

type Summary struct {
	State string
	Text string
	Since time.Time
	Causes []Cause
}

type Writer struct {
	// contains filtered or unexported fields
}

type WriterStats struct {
	Waiting uint64
	Dropped uint64
	Err     error
}
`

func TestAPI_Surface(t *testing.T) {
	if got := surface(t); got != public {
		t.Errorf("the exported declarations are\n\n%s\nwhere\n\n%s\nwas meant. If it is meant now, say it in CHANGELOG.md and change the constant.", got, public)
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
