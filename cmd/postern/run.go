package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// commands is the whole command line.
type commands struct {
	Dev          devCommand           `cmd:"" help:"Run a server with a sample organization, customer and session, to try things."`
	Init         initCommand          `cmd:"" help:"Make a store, an organization, and an access token for it."`
	Serve        serveCommand         `cmd:"" help:"Serve until Ctrl-C or SIGTERM."`
	Migrate      migrateCommand       `cmd:"" help:"Bring the schema of a database up to date, with a role that may."`
	Organization organizationCommands `cmd:"" help:"Settings of an organization; block it, or let it go on."`
	Token        tokenCommands        `cmd:"" help:"Access tokens of an organization: create, list, update, revoke."`
	Secret       secretCommands       `cmd:"" help:"Secrets that tokens are hashed with: list, rotate, retire."`
	Introspect   introspectCommand    `cmd:"" help:"Ask a server whether a session is live: exit 0 live, 1 not live, 2 could not ask."`
	Revoke       revokeCommand        `cmd:"" help:"End a token that has leaked, of whatever kind: exit 0 it is ended, 1 unknown, 2 could not."`
	Healthcheck  healthcheckCommand   `cmd:"" help:"Check whether a server can handle requests: exit 0 if it can, 1 if it cannot."`
	Man          manCommand           `cmd:"" help:"Print the man page."`
	Completion   completionCommand    `cmd:"" help:"Print the completion script of a shell."`
	Version      versionCommand       `cmd:"" help:"Print the version, the commit, the Go version and the platform."`
	PrintVersion kong.VersionFlag     `name:"version" env:"-" help:"Print the same as the version command."`
}

// streams are where a command reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// exitCode is an error that has been told already, or that needs no words.
type exitCode int

func (e exitCode) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// usage is the exit status for a command line that makes no sense, as a shell's.
const usage = 2

// run does what the arguments say and returns the exit status: 1 for a command that failed.
func run(args []string, in io.Reader, out, errs io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once

	helped := false
	parser, err := kong.New(&commands{},
		kong.Name("postern"),
		kong.Description("Issues, introspects and ends customer sessions, on Polar's wire."),
		kong.DefaultEnvars("POSTERN"),
		kong.Vars{"version": versionText()},
		kong.Writers(out, errs),
		kong.Exit(func(int) { helped = true }),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(streams{in, out, errs}),
	)
	if err != nil {
		fmt.Fprintln(errs, "postern:", err)
		return usage
	}
	command, err := parser.Parse(args)
	if helped {
		return 0
	}
	if err != nil {
		fmt.Fprintf(errs, "postern: %v\nSee postern --help.\n", err)
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
