package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"github.com/postern-go/postern/internal/audit"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/login"
	"github.com/postern-go/postern/internal/server"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/internal/web"
)

// commands declares the commands of the command line.
type commands struct {
	Dev          devCommand           `cmd:"" help:"Start a temporary server with a sample organization, customer and session."`
	Init         initCommand          `cmd:"" help:"Create an organization and an access token, and the store if it does not exist."`
	Serve        serveCommand         `cmd:"" help:"Start a server. Ctrl-C or SIGTERM stops it."`
	Doctor       doctorCommand        `cmd:"" help:"Check the configuration, files, database, mail server and clock of a server, with the flags and variables of serve. It changes nothing and sends no mail. Exit status: 0 if no check is an error, 1 if one is, 2 after an invalid command line."`
	Migrate      migrateCommand       `cmd:"" help:"Update the schema of a PostgreSQL database."`
	Organization organizationCommands `cmd:"" help:"Show or change the settings of an organization, block it or unblock it."`
	Token        tokenCommands        `cmd:"" help:"Create, list, update and revoke access tokens of an organization."`
	Secret       secretCommands       `cmd:"" help:"List, rotate and retire the secrets with which tokens are hashed."`
	Audit        auditCommands        `cmd:"" help:"Verify or export the audit log: who changed what."`
	Introspect   introspectCommand    `cmd:"" help:"Report whether a session is live. Exit status: 0 if it is, 1 if it is not, 2 after an error."`
	Revoke       revokeCommand        `cmd:"" help:"Revoke a leaked token of any kind. Exit status: 0 if it is revoked, 1 if it is unknown, 2 after an error."`
	Healthcheck  healthcheckCommand   `cmd:"" help:"Report whether a server can handle requests. Exit status: 0 if it can, 1 if it cannot."`
	Man          manCommand           `cmd:"" help:"Print the man page."`
	Completion   completionCommand    `cmd:"" help:"Print the completion script for a shell."`
	Version      versionCommand       `cmd:"" help:"Print the version, the commit, the Go version and the platform."`
	PrintVersion kong.VersionFlag     `name:"version" env:"-" help:"Print the version, as the version command does."`
}

// streams are the standard input, output and error of a command.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// exitCode is an exit status as an error. run does not print it, because the command has already printed a message or needs
// none.
type exitCode int

func (e exitCode) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// usage is the exit status after an invalid command line.
const usage = 2

// run runs a command line and returns the exit status, which is 1 if the command failed.
func run(args []string, in io.Reader, out, errs io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl-C kills the program

	helped := false
	parser, err := newParser(ctx, streams{in, out, errs}, func() { helped = true })
	if err != nil {
		fmt.Fprintln(errs, "postern:", err)
		return usage
	}
	if len(args) > 0 && args[0] == "help" { // postern help serve is postern serve --help
		args = append(slices.Clone(args[1:]), "--help")
	}
	command, err := parser.Parse(args)
	if helped {
		return 0
	}
	if err != nil {
		fmt.Fprintf(errs, "postern: %v\nSee %s --help.\n", err, commandOf(err))
		return usage
	}
	err = command.Run()
	if code, ok := errors.AsType[exitCode](err); ok {
		return int(code)
	}
	if err != nil {
		fmt.Fprintln(errs, "postern:", err)
		return 1
	}
	return 0
}

// newParser returns the parser of the command line. It calls exit after it has printed a help or the version.
func newParser(ctx context.Context, s streams, exit func()) (*kong.Kong, error) {
	return kong.New(&commands{}, append(slices.Concat(values(), variables()),
		kong.Name("postern"),
		kong.Description("A customer-session server that implements Polar's API."),
		kong.Vars{
			"version": versionText(), "api_version": web.DefaultVersion, "code_ttl": strings.TrimSuffix(login.DefaultLifetime.String(), "0s"),
			"overlap": hours(directory.DefaultOverlap), "overlap_max": hours(directory.MaxOverlap),
			"rate_limits": server.RateLimitNames(), "audit_min": hours(audit.MinRetention), "audit_retention": hours(audit.DefaultRetention),
			"code_min": strconv.Itoa(token.MinCode), "code_length": strconv.Itoa(token.DefaultCode), "code_max": strconv.Itoa(token.MaxCode),
		},
		kong.Writers(s.out, s.err),
		kong.Exit(func(int) { exit() }),
		kong.BindTo(withActor(ctx), (*context.Context)(nil)),
		kong.Bind(s),
	)...)
}

// commandOf returns the command whose help explains the error of a command line.
func commandOf(err error) string {
	if parse, ok := errors.AsType[*kong.ParseError](err); ok && parse.Context != nil {
		if selected := parse.Context.Selected(); selected != nil {
			return "postern " + commandPath(selected)
		}
	}
	return "postern"
}

// hours formats a duration of whole hours as a flag accepts it, such as "24h".
func hours(d time.Duration) string { return fmt.Sprintf("%dh", d/time.Hour) }
