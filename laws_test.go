package postern_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/postern-go/postern"

// mayImport is who may import whom within the module, tests aside. A new room is added here on purpose, or fails.
var mayImport = map[string][]string{
	"polar":              {},
	"polar/portalauth":   {"polar"},
	"internal/fault":     {},
	"internal/token":     {"internal/fault"},
	"internal/session":   {"internal/fault", "internal/token"},
	"internal/directory": {"internal/fault", "internal/token", "internal/session"},
	"internal/accent":    {},
	"internal/locale":    {},
	"internal/locale/localetest": {
		"internal/locale",
	},
	"internal/login":   {"internal/fault", "internal/token", "internal/session", "internal/directory", "internal/locale", "internal/mail"},
	"internal/leak":    {"internal/fault", "internal/token", "internal/session", "internal/directory"},
	"internal/webhook": {"internal/fault", "internal/token", "internal/session", "internal/wirejson", "polar"},
	"internal/store": {
		"internal/fault", "internal/token", "internal/session", "internal/directory", "internal/login", "internal/webhook", "internal/wirejson",
	},
	"internal/store/storetest": {
		"internal/fault", "internal/token", "internal/session", "internal/directory", "internal/login", "internal/webhook",
	},
	"internal/store/pgtest": {},
	"internal/wirejson":     {},
	"internal/body":         {"internal/fault", "internal/wirejson", "internal/session", "internal/directory", "polar"},
	"internal/web":          {"internal/fault"},
	"internal/mail":         {"internal/accent", "internal/fault", "internal/locale"},
	"internal/openapi":      {},
	"internal/openapi/openapitest": {
		"internal/openapi",
	},
	"internal/openapi/generate": {"internal/api", "internal/body"},
	"internal/testserver": {
		"internal/directory", "internal/openapi", "internal/openapi/openapitest", "internal/server", "internal/store/pgtest", "internal/token", "polar",
	},
	"internal/wiretest": {},
	"internal/api": {
		"internal/fault", "internal/token", "internal/session", "internal/directory", "internal/leak", "internal/locale", "internal/login", "internal/mail",
		"internal/web", "internal/webhook", "internal/body", "internal/wirejson", "internal/openapi", "polar",
	},
	"internal/page": {"internal/accent", "internal/directory", "internal/fault", "internal/login", "internal/session", "internal/token", "internal/web"},
	"internal/admin": {
		"internal/page", "internal/directory", "internal/fault", "internal/login", "internal/session", "internal/token", "internal/web", "internal/webhook",
	},
	"internal/portal": {
		"internal/page", "internal/locale", "internal/fault", "internal/token", "internal/session", "internal/directory", "internal/login", "internal/web",
		"internal/body",
	},
	"internal/version": {},
	"internal/server": {
		"internal/admin", "internal/api", "internal/directory", "internal/fault", "internal/leak", "internal/login", "internal/mail", "internal/portal", "internal/session",
		"internal/store", "internal/token", "internal/version", "internal/web", "internal/webhook",
	},
	"": {
		"internal/directory", "internal/fault", "internal/login", "internal/mail", "internal/server", "internal/token", "internal/version", "internal/webhook",
	},
	"examples/account":     {"polar"},
	"examples/login":       {"polar"},
	"examples/embed":       {""},
	"examples/portallink":  {"polar"},
	"examples/protect":     {"polar", "polar/portalauth"},
	"examples/revocations": {"polar"},
	"examples/revoke":      {"polar"},
	"examples/testing":     {"polar", "polar/portalauth"},
	"examples/webhooks":    {"polar"},
	"internal/harness":     {"internal/directory", "internal/mail", "internal/server"},
	"polar/polartest": {
		"internal/directory", "internal/harness", "internal/mail", "internal/server", "internal/token", "internal/webhook", "polar",
	},
	"cmd/postern": {
		"", "internal/directory", "internal/harness", "internal/login", "internal/mail", "internal/portal", "internal/server", "internal/token",
		"internal/version", "internal/webhook", "polar",
	},
	"bench": {
		"", "polar", "polar/portalauth", "internal/directory", "internal/login", "internal/session", "internal/store", "internal/token",
	},
}

// standardAlone are the rooms that other people's programs link.
var standardAlone = []string{"polar", "polar/portalauth"}

type pkg struct {
	ImportPath, Dir, Doc string
	Imports, Deps        []string
	Standard             bool
}

func packages(t *testing.T) []pkg {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Dir,Doc,Imports,Deps,Standard", "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []pkg
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// room is a package's path in the module; "" is the root.
func room(importPath string) (string, bool) {
	rest, ok := strings.CutPrefix(importPath, module)
	return strings.TrimPrefix(rest, "/"), ok
}

func TestRoomsImportDownwards(t *testing.T) {
	for _, p := range packages(t) {
		name, _ := room(p.ImportPath)
		allowed, known := mayImport[name]
		if !known {
			t.Errorf("%s is a new room: give it a row in mayImport and one in ARCHITECTURE.md", p.ImportPath)
		}
		for _, imported := range p.Imports {
			if other, ours := room(imported); ours && !slices.Contains(allowed, other) {
				t.Errorf("%s must not import %s: arrows point down only, see ARCHITECTURE.md", p.ImportPath, imported)
			}
		}
	}
}

// forTests are the packages that only tests import, and each other.
var forTests = []string{
	"internal/locale/localetest", "internal/openapi/openapitest", "internal/store/pgtest", "internal/store/storetest", "internal/testserver",
}

func TestOnlyTestsImportTestPackages(t *testing.T) {
	for _, p := range packages(t) {
		name, _ := room(p.ImportPath)
		for _, imported := range p.Imports {
			if other, _ := room(imported); slices.Contains(forTests, other) && !slices.Contains(forTests, name) {
				t.Errorf("%s must not import %s: the package is for tests", p.ImportPath, imported)
			}
		}
	}
}

func TestClientsUseTheStandardLibraryAlone(t *testing.T) {
	for _, p := range packages(t) {
		name, _ := room(p.ImportPath)
		if !slices.Contains(standardAlone, name) {
			continue
		}
		for _, dep := range p.Deps {
			first, _, _ := strings.Cut(dep, "/")
			if strings.Contains(first, ".") && dep != module+"/polar" {
				t.Errorf("%s depends on %s: whoever links it should get nothing else with it", p.ImportPath, dep)
			}
		}
	}
}

func TestEveryPackageTeaches(t *testing.T) {
	for _, p := range packages(t) {
		if p.Doc == "" {
			t.Errorf("%s has no doc comment: show there what it is for", p.ImportPath)
		}
	}
}

func TestFilesAreSmall(t *testing.T) {
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".go" {
			return err
		}
		text, err := os.ReadFile(path)
		if lines := bytes.Count(text, []byte("\n")); lines > 600 {
			t.Errorf("%s has %d lines: split it, a file holds one noun", path, lines)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
