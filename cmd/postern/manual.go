package main

import (
	"embed"
	"io"
	"strings"
	"text/template"

	"github.com/alecthomas/kong"
	"github.com/postern-go/postern/internal/version"
)

// The templates of the man page and of the completion scripts take the kong model of the command line.
//
//go:embed template
var templateFiles embed.FS

var templates = template.Must(template.New("").Funcs(template.FuncMap{
	"version":  func() string { return version.Number },
	"commands": commandsBelow,
	"path":     commandPath,
	"flags":    visibleFlags,
	"upper":    strings.ToUpper,
	"roff":     roff,
	"quote":    func(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" },
	"quoteFish": func(text string) string {
		return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(text) + "'"
	},
	"documented": func(f *kong.Flag) bool { return f.Name != "help" && f.Name != "version" },
	"isPath":     func(f *kong.Flag) bool { return f.PlaceHolder == "DIR" },
}).ParseFS(templateFiles, "template/*"))

type manCommand struct{}

func (manCommand) Run(c *kong.Context, s streams) error {
	return writeTemplate(s.out, "postern.1", c.Model)
}

type completionCommand struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"Shell: bash, zsh or fish."`
}

func (c completionCommand) Run(k *kong.Context, s streams) error {
	return writeTemplate(s.out, "completion."+c.Shell, k.Model)
}

func writeTemplate(out io.Writer, name string, app *kong.Application) error {
	return templates.ExecuteTemplate(out, name, app.Node)
}

// commandsBelow returns the visible commands below a node, parents before their subcommands.
func commandsBelow(n *kong.Node) (list []*kong.Node) {
	for _, child := range n.Children {
		if !child.Hidden {
			list = append(append(list, child), commandsBelow(child)...)
		}
	}
	return list
}

// commandPath returns the words that select a command, such as "organization block".
func commandPath(n *kong.Node) string { return strings.Join(strings.Fields(n.Path()), " ") }

// visibleFlags returns the flags of a command and of its parents.
func visibleFlags(n *kong.Node) (list []*kong.Flag) {
	for _, group := range n.AllFlags(true) {
		list = append(list, group...)
	}
	return list
}

// maxRoffLine is the line length that mandoc recommends for the source of a man page.
const maxRoffLine = 80

// roff escapes a text for a man page and breaks its lines between words.
func roff(text string) string {
	var b strings.Builder
	length := 0
	for _, word := range strings.Fields(strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`).Replace(text)) {
		switch {
		case length == 0:
		case length+1+len(word) > maxRoffLine:
			b.WriteByte('\n')
			length = 0
		default:
			b.WriteByte(' ')
			length++
		}
		if length == 0 && strings.HasPrefix(word, ".") {
			word = `\&` + word // a line that begins with a period would be a request of roff
		}
		b.WriteString(word)
		length += len(word)
	}
	return b.String()
}
