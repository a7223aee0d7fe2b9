// Command bundle writes the page's scripts and style sheets (view/static) from their modules (view/app). It runs in its own
// folder: go run -C _dev/bundle .
//
// The scripts are bundled because relative imports would not survive a page that is served without its trailing slash. A
// bundle per file would repeat the modules that several files need. Here every module of the first file is in that file only:
// it puts the functions that the other files use into one array, globalThis.elva, and those take them from there by number.
package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

const (
	app    = "../../app"
	static = "../../static"
)

// scripts are the files that load after the first one, with their entry modules.
var scripts = map[string]string{
	"elva-later.js":   "later.js",         // what nobody needs before coming near the table
	"elva-health.js":  "health-drawer.js", // the health drawer
	"elva-explore.js": "explore.js",       // what takes the place of the table
	"elva-past.js":    "past.js",          // the head, the timeline and older records, once the newest are shown
}

// alone are the files that share nothing with the first one: this one is a worker too, where no page is.
var alone = map[string]string{
	"elva-query.js": "search.js", // filters
}

var sheets = map[string]string{
	"elva.css":         "page.css",
	"elva-later.css":   "later.css",
	"elva-health.css":  "health-drawer.css",
	"elva-explore.css": "explore.css",
	"elva-past.css":    "past.css",
}

// A name is one function that the first file shares.
type name struct{ module, export string }

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bundle:", err)
		os.Exit(1)
	}
}

func run() error {
	first, err := modules(options("main.js"))
	if err != nil {
		return err
	}
	used := make(map[string][]name, len(scripts))
	var all []name
	for file, entry := range scripts {
		if used[file], err = shared(entry, first); err != nil {
			return err
		}
		all = append(all, used[file]...)
	}
	slices.SortFunc(all, compare)
	all = slices.Compact(all)
	if err := write("elva.js", firstFile(all)); err != nil {
		return err
	}
	for file, entry := range scripts {
		o := options(entry)
		o.Plugins = []api.Plugin{fromFirst(first, used[file], all)}
		if err := write(file, o); err != nil {
			return err
		}
	}
	for file, entry := range alone {
		if err := write(file, options(entry)); err != nil {
			return err
		}
	}
	for file, entry := range sheets {
		if err := write(file, options(entry)); err != nil {
			return err
		}
	}
	return nil
}

func compare(a, b name) int {
	return cmp.Or(strings.Compare(a.module, b.module), strings.Compare(a.export, b.export))
}

func options(entry string) api.BuildOptions {
	o := api.BuildOptions{
		EntryPoints:       []string{filepath.Join(app, entry)},
		Bundle:            true,
		MinifyWhitespace:  true,
		MinifyIdentifiers: true,
		MinifySyntax:      true,
		Charset:           api.CharsetUTF8,
		LegalComments:     api.LegalCommentsNone,
		Metafile:          true,
	}
	if filepath.Ext(entry) == ".css" {
		// The oldest that know all that the sheets use.
		o.Engines = []api.Engine{{Name: api.EngineChrome, Version: "123"}, {Name: api.EngineFirefox, Version: "120"}, {Name: api.EngineSafari, Version: "17.5"}}
	} else {
		o.Format = api.FormatESModule
		o.Target = api.ES2022
	}
	return o
}

// modules returns the names of the modules that a bundle consists of.
func modules(o api.BuildOptions) (map[string]bool, error) {
	r := api.Build(o)
	if len(r.Errors) > 0 {
		return nil, problem(r.Errors)
	}
	var meta struct {
		Inputs map[string]struct{} `json:"inputs"`
	}
	if err := json.Unmarshal([]byte(r.Metafile), &meta); err != nil {
		return nil, err
	}
	names := make(map[string]bool, len(meta.Inputs))
	for path := range meta.Inputs {
		names[filepath.Base(path)] = true
	}
	return names, nil
}

var (
	imported = regexp.MustCompile(`(?m)^import \{([^}]*)\} from "\./([^"]+)";$`)
	comments = regexp.MustCompile(`(?s)/\*.*?\*/`)
)

// shared returns what the bundle of an entry module imports from the modules of the first file.
func shared(entry string, first map[string]bool) ([]name, error) {
	all, err := modules(options(entry))
	if err != nil {
		return nil, err
	}
	var names []name
	for module := range all {
		if first[module] {
			continue
		}
		source, err := os.ReadFile(filepath.Join(app, module))
		if err != nil {
			return nil, err
		}
		for _, m := range imported.FindAllStringSubmatch(comments.ReplaceAllString(string(source), ""), -1) {
			if !first[m[2]] {
				continue
			}
			for one := range strings.SplitSeq(m[1], ",") {
				export, _, _ := strings.Cut(strings.TrimSpace(one), " as ")
				if export != "" {
					names = append(names, name{m[2], export})
				}
			}
		}
	}
	slices.SortFunc(names, compare)
	return slices.Compact(names), nil
}

// firstFile is the page itself, which also shares these names.
func firstFile(all []name) api.BuildOptions {
	var source, list strings.Builder
	source.WriteString("import './main.js';\n")
	for i, n := range all {
		fmt.Fprintf(&source, "import {%s as s%d} from './%s';\n", n.export, i, n.module)
		fmt.Fprintf(&list, "s%d,", i)
	}
	fmt.Fprintf(&source, "globalThis.elva = [%s];\n", list.String())
	o := options("main.js")
	o.EntryPoints = nil
	o.Stdin = &api.StdinOptions{Contents: source.String(), ResolveDir: app}
	return o
}

// fromFirst takes the modules of the first file from there.
func fromFirst(first map[string]bool, used, all []name) api.Plugin {
	return api.Plugin{Name: "from the first file", Setup: func(b api.PluginBuild) {
		b.OnResolve(api.OnResolveOptions{Filter: `^\./`}, func(a api.OnResolveArgs) (api.OnResolveResult, error) {
			module := filepath.Base(a.Path)
			if !first[module] {
				return api.OnResolveResult{}, nil
			}
			return api.OnResolveResult{Path: module, Namespace: "first"}, nil
		})
		b.OnLoad(api.OnLoadOptions{Filter: ".*", Namespace: "first"}, func(a api.OnLoadArgs) (api.OnLoadResult, error) {
			var source strings.Builder
			for _, n := range used {
				if n.module == a.Path {
					i, _ := slices.BinarySearchFunc(all, n, compare)
					fmt.Fprintf(&source, "export const %s = globalThis.elva[%d];\n", n.export, i)
				}
			}
			contents := source.String()
			return api.OnLoadResult{Contents: &contents}, nil
		})
	}}
}

// write builds a file.
func write(file string, o api.BuildOptions) error {
	r := api.Build(o)
	if len(r.Errors)+len(r.Warnings) > 0 {
		return problem(append(r.Errors, r.Warnings...))
	}
	return os.WriteFile(filepath.Join(static, file), r.OutputFiles[0].Contents, 0o644)
}

func problem(messages []api.Message) error {
	return fmt.Errorf("%s", strings.Join(api.FormatMessages(messages, api.FormatMessagesOptions{}), ""))
}
