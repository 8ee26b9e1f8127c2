package e2e

import (
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// oapiCodegen generates Go clients. The versions of the other generators and of the linters are in e2e/clients.
const oapiCodegen = "github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v2.8.2"

// installClients installs the linters and the generator of TypeScript clients.
var installClients = npmInstaller(filepath.Join("clients", "typescript"))

// documented is a server with a customer whose external id is ada, and a file with the document that the server serves.
type documented struct {
	*server
	env  []string
	file string
}

func newDocumented(t *testing.T) documented {
	t.Helper()
	c := directoryConfig(t.TempDir())
	org := initialize(t, c)
	s := serve(t, c)
	t.Cleanup(s.stop)
	s.createCustomer(org, "ada")
	res, err := client.Get(s.url + "/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatal(res.Status, err)
	}
	file := filepath.Join(t.TempDir(), "openapi.json")
	if err := os.WriteFile(file, text, 0o644); err != nil {
		t.Fatal(err)
	}
	return documented{s, []string{"POSTERN_URL=" + s.url, "POSTERN_ACCESS_TOKEN=" + org.AccessToken}, file}
}

// runTool runs a program in a directory and returns its output.
func runTool(t *testing.T, dir string, env []string, command ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), command[0], command[1:]...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v\n%s", command, err, out)
	}
	return string(out)
}

// absolute returns the absolute path of a file of this directory.
func absolute(t *testing.T, parts ...string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join(parts...))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// npmProgram returns the path of a program of the npm packages.
func npmProgram(t *testing.T, name string) string {
	t.Helper()
	return absolute(t, "clients", "typescript", "node_modules", ".bin", name)
}

func TestFieldOpenAPIRedocly(t *testing.T) {
	installClients(t)
	t.Log(runTool(t, ".", []string{"REDOCLY_TELEMETRY=off", "REDOCLY_SUPPRESS_UPDATE_NOTICE=true"},
		npmProgram(t, "redocly"), "lint", "--config", filepath.Join("..", "redocly.yaml"), newDocumented(t).file))
}

func TestFieldOpenAPISpectral(t *testing.T) {
	installClients(t)
	t.Log(runTool(t, ".", nil, npmProgram(t, "spectral"), "lint", "--ruleset", filepath.Join("..", ".spectral.yaml"), newDocumented(t).file))
}

func TestFieldOpenAPIGo(t *testing.T) {
	d, dir := newDocumented(t), t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("clients", "testdata", "go"))); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "postern"), 0o755); err != nil {
		t.Fatal(err)
	}
	runTool(t, dir, nil, "go", "run", oapiCodegen, "-generate", "types,client", "-package", "postern", "-o", "postern/postern.go", d.file)
	runTool(t, dir, nil, "go", "vet", "./...")
	runScenario(t, dir, d.env, "go", "run", ".")
}

func TestFieldOpenAPITypeScript(t *testing.T) {
	installClients(t)
	d, dir := newDocumented(t), t.TempDir()
	for _, name := range []string{"client.ts", "tsconfig.json", "package.json"} {
		text, err := os.ReadFile(filepath.Join("clients", "typescript", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(absolute(t, "clients", "typescript", "node_modules"), filepath.Join(dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	runTool(t, dir, nil, npmProgram(t, "openapi-typescript"), d.file, "--output", "generated/postern.d.ts")
	runTool(t, dir, nil, npmProgram(t, "tsc"))
	runScenario(t, dir, d.env, "node", "dist/client.js")
}

func TestFieldOpenAPIPython(t *testing.T) {
	environment := filepath.Join("clients", "python")
	installPython(t, environment)
	d, dir := newDocumented(t), t.TempDir()
	program := func(name string) string { return absolute(t, environment, ".venv", "bin", name) }
	// The generator formats its output with the program ruff, which is next to it.
	path := "PATH=" + filepath.Dir(program("ruff")) + string(os.PathListSeparator) + os.Getenv("PATH")
	out := runTool(t, dir, []string{path}, program("openapi-python-client"), "generate", "--fail-on-warning", "--path", d.file, "--output-path", "generated")
	t.Log(out)
	env := append(d.env, "PYTHONPATH="+filepath.Join(dir, "generated"))
	runTool(t, dir, []string{"MYPYPATH=" + filepath.Join(dir, "generated")}, program("mypy"), "--strict", absolute(t, environment, "client.py"))
	runScenario(t, dir, env, program("python"), "-B", absolute(t, environment, "client.py"))
}
