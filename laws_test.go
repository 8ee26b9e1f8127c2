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

// mayImport lists, for each package of the module, the packages of the module that it may import outside of its tests. "" is the
// root package.
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

// standardAlone are packages that must depend on nothing but the standard library and each other, because other programs import them.
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

// relative returns the path of a package within the module, which is "" for the root, and whether the package is in the module.
func relative(importPath string) (string, bool) {
	rest, ok := strings.CutPrefix(importPath, module)
	return strings.TrimPrefix(rest, "/"), ok
}

func TestPackagesImportOnlyWhatTheyMay(t *testing.T) {
	for _, p := range packages(t) {
		name, _ := relative(p.ImportPath)
		allowed, known := mayImport[name]
		if !known {
			t.Errorf("%s is a new package: add it to mayImport and to ARCHITECTURE.md", p.ImportPath)
		}
		for _, imported := range p.Imports {
			if other, ours := relative(imported); ours && !slices.Contains(allowed, other) {
				t.Errorf("%s must not import %s; see mayImport and ARCHITECTURE.md", p.ImportPath, imported)
			}
		}
	}
}

// forTests are packages that only tests, and other packages of this list, may import.
var forTests = []string{
	"internal/locale/localetest", "internal/openapi/openapitest", "internal/store/pgtest", "internal/store/storetest", "internal/testserver",
}

func TestOnlyTestsImportTestPackages(t *testing.T) {
	for _, p := range packages(t) {
		name, _ := relative(p.ImportPath)
		for _, imported := range p.Imports {
			if other, _ := relative(imported); slices.Contains(forTests, other) && !slices.Contains(forTests, name) {
				t.Errorf("%s must not import %s: the package is for tests", p.ImportPath, imported)
			}
		}
	}
}

func TestClientsUseTheStandardLibraryAlone(t *testing.T) {
	for _, p := range packages(t) {
		name, _ := relative(p.ImportPath)
		if !slices.Contains(standardAlone, name) {
			continue
		}
		for _, dep := range p.Deps {
			first, _, _ := strings.Cut(dep, "/")
			if strings.Contains(first, ".") && dep != module+"/polar" {
				t.Errorf("%s depends on %s; it may depend only on the standard library", p.ImportPath, dep)
			}
		}
	}
}

func TestEveryPackageHasADocComment(t *testing.T) {
	for _, p := range packages(t) {
		if p.Doc == "" {
			t.Errorf("%s has no doc comment", p.ImportPath)
		}
	}
}

func TestGoFilesHaveAtMost600Lines(t *testing.T) {
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".go" {
			return err
		}
		text, err := os.ReadFile(path)
		if lines := bytes.Count(text, []byte("\n")); lines > 600 {
			t.Errorf("%s has %d lines, more than 600; split it", path, lines)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// trackedFiles returns the modes of the files that Git tracks, by path. It skips the test outside of a Git checkout, such as in
// the module cache.
func trackedFiles(t *testing.T) map[string]string {
	t.Helper()
	if err := exec.Command("git", "rev-parse", "--git-dir").Run(); err != nil {
		t.Skip("not in a Git checkout: the tracked files are unknown")
	}
	out, err := exec.Command("git", "ls-files", "--stage", "-z").Output()
	if err != nil {
		t.Fatal(err)
	}
	modes := map[string]string{}
	for line := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		stage, path, _ := strings.Cut(line, "\t")
		modes[path], _, _ = strings.Cut(stage, " ")
	}
	return modes
}

// executableMagic are the first bytes of executables: ELF, Mach-O (32 and 64 bits in both byte orders, and universal) and Windows PE.
var executableMagic = []string{
	"\x7fELF", "\xfe\xed\xfa\xce", "\xfe\xed\xfa\xcf", "\xce\xfa\xed\xfe", "\xcf\xfa\xed\xfe", "\xca\xfe\xba\xbe", "MZ",
}

func TestTrackedFilesAreSmallAndNotExecutables(t *testing.T) {
	for path, mode := range trackedFiles(t) {
		content, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) || mode == "120000" { // deleted but not committed, or a symbolic link
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if len(content) > 1<<20 {
			t.Errorf("%s has %d bytes; tracked files have at most 1 MiB", path, len(content))
		}
		for _, magic := range executableMagic {
			if bytes.HasPrefix(content, []byte(magic)) {
				t.Errorf("%s is an executable binary; add it to .gitignore", path)
			}
		}
		if mode == "100755" && !bytes.HasPrefix(content, []byte("#!")) {
			t.Errorf("%s has the executable bit and is not a script", path)
		}
	}
}
