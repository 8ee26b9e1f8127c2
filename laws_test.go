package postern_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/postern-go/postern"

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

// nodeName returns the name of a package in the picture of ARCHITECTURE.md: the last element of its path, except for the
// root package and the command, whose paths both end in the module's name.
func nodeName(path string) string {
	switch path {
	case "":
		return "postern"
	case "cmd/postern":
		return "cmd"
	}
	return path[strings.LastIndexByte(path, '/')+1:]
}

var (
	arrowLine = regexp.MustCompile(`(?m)^ +(\w+) --> ([\w& ]+)$`)
	// packageRow matches a row of the package table; its first column names one package or several.
	packageRow  = regexp.MustCompile("(?m)^\\| (`[^|]+) \\|")
	packageName = regexp.MustCompile("`([^`]+)`")
)

// architecture reads the picture and the package table of ARCHITECTURE.md: the imports of each node, and the listed packages.
func architecture(t *testing.T) (arrows map[string][]string, listed []string) {
	t.Helper()
	text, err := os.ReadFile("ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	arrows = map[string][]string{}
	for _, m := range arrowLine.FindAllStringSubmatch(string(text), -1) {
		arrows[m[1]] = strings.Split(m[2], " & ")
	}
	for _, row := range packageRow.FindAllStringSubmatch(string(text), -1) {
		for _, name := range packageName.FindAllStringSubmatch(row[1], -1) {
			listed = append(listed, name[1])
		}
	}
	return arrows, listed
}

// The picture in ARCHITECTURE.md has exactly the imports between packages, outside of tests. Examples import public packages only.
func TestArchitectureShowsEveryImport(t *testing.T) {
	arrows, listed := architecture(t)
	for _, p := range packages(t) {
		path, _ := relative(p.ImportPath)
		var imported []string
		for _, i := range p.Imports {
			if other, ours := relative(i); ours {
				imported = append(imported, other)
			}
		}
		if strings.HasPrefix(path, "examples/") {
			for _, other := range imported {
				if public[cmp.Or(other, ".")] == "" {
					t.Errorf("%s imports %s, which other programs cannot", path, other)
				}
			}
			continue
		}
		if !slices.Contains(listed, cmp.Or(path, "postern")) {
			t.Errorf("the package table of ARCHITECTURE.md does not list %s", p.ImportPath)
		}
		var want []string
		for _, other := range imported {
			want = append(want, nodeName(other))
		}
		slices.Sort(want)
		if got := arrows[nodeName(path)]; !slices.Equal(got, want) {
			t.Errorf("imports of %s differ from ARCHITECTURE.md; if the new imports are right, write:\n    %s --> %s",
				p.ImportPath, nodeName(path), strings.Join(want, " & "))
		}
		delete(arrows, nodeName(path))
	}
	for node := range arrows {
		t.Errorf("ARCHITECTURE.md shows %s, which is not a package with imports", node)
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

// namedTest finds the tests that a script selects by name or by the beginning of their names, and those that a page names.
var namedTest = regexp.MustCompile("[\\^`](Test\\w+)(['|]?)")

// A test that a script selects, or that docs/security.md names as the proof of a defense, exists. go test succeeds if no test has the
// selected name.
func TestNamedTestsExist(t *testing.T) {
	var sources strings.Builder
	for path := range trackedFiles(t) {
		if strings.HasSuffix(path, "_test.go") {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			sources.Write(text)
		}
	}
	selected := 0
	for _, path := range []string{"Makefile", "scripts/test", "scripts/field", "docs/security.md"} {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range namedTest.FindAllStringSubmatch(string(text), -1) {
			selected++
			function := "\nfunc " + m[1]
			if m[2] == "" { // not the beginning of a pattern that matches several tests
				function += "(t *testing.T)"
			}
			if !strings.Contains(sources.String(), function) {
				t.Errorf("%s names the test %s, which does not exist", path, m[1])
			}
		}
	}
	if selected == 0 {
		t.Error("nothing names a test; delete this test")
	}
}

// JSON handlers of log/slog print a duration as nanoseconds without a unit.
func TestDurationsInLogsNameTheirUnit(t *testing.T) {
	for path := range trackedFiles(t) {
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(text, []byte("slog.Duration"+"(")) {
			t.Errorf(`%s: log a duration as a number with its unit, such as slog.Int64("retry_in_ms", wait.Milliseconds())`, path)
		}
	}
}
