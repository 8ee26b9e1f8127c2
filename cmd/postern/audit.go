package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/user"
	"strconv"
	"strings"
	"time"

	"github.com/postern-go/postern/internal/audit"
	"github.com/postern-go/postern/internal/server"
)

// auditCommands read the audit log in the store. They also work while servers run on the store, and need no secrets.
type auditCommands struct {
	Verify auditVerifyCommand `cmd:"" help:"Check the chain of hashes of the audit log. Exit status: 0 if the log is intact, 1 if it is damaged, 2 after an error."`
	Export auditExportCommand `cmd:"" help:"Print the audit log as JSON lines, the oldest entry first."`
}

// withActor returns a context whose changes the audit log attributes to the user who runs the command.
func withActor(ctx context.Context) context.Context {
	actor := audit.Actor{Kind: audit.CommandLine}
	if u, err := user.Current(); err == nil {
		actor.Name = u.Username
	}
	return audit.WithActor(ctx, actor)
}

// withAuditLog opens the audit log, calls f and closes the log.
func withAuditLog(ctx context.Context, b backend, f func(log *server.AuditLog) error) error {
	log, err := server.OpenAuditLog(ctx, b.server())
	if err != nil {
		return err
	}
	return errors.Join(f(log), log.Close())
}

type auditVerifyCommand struct {
	backend
	Contains *link `placeholder:"SEQUENCE:HASH" help:"Position that the chain must contain: the last entry that an earlier run printed. Without it, the command cannot detect that the whole chain was rewritten."`
	printing
}

// damagedLog is the exit status if the audit log is damaged.
const damagedLog = exitCode(1)

func (c *auditVerifyCommand) Run(ctx context.Context, s streams) error {
	err := withAuditLog(ctx, c.backend, func(log *server.AuditLog) error {
		report, err := log.Verify(ctx, (*audit.Link)(c.Contains))
		if err != nil {
			return err
		}
		return c.print(s, newVerification(report))
	})
	if err == nil {
		return nil
	}
	fmt.Fprintln(s.err, "postern:", err)
	if _, damaged := errors.AsType[*audit.Break](err); !damaged {
		return failed
	}
	if c.JSON {
		return errors.Join(c.print(s, verification{}), damagedLog)
	}
	return damagedLog
}

// verification is the state of the audit log. DeletedUpTo is the last entry that the retention deleted, or nil. If the log is damaged,
// all fields are zero.
type verification struct {
	Intact      bool    `json:"intact"`
	Chained     int     `json:"chained"`
	Unchained   int     `json:"unchained"`
	DeletedUpTo *string `json:"deleted_up_to"`
	LastEntry   *string `json:"last_entry"`
}

func newVerification(r audit.Report) verification {
	v := verification{Intact: true, Chained: r.Chained, Unchained: r.Unchained, LastEntry: orNull(r.Head.String())}
	if r.Start.Seq > 0 {
		v.DeletedUpTo = orNull(r.Start.String())
	}
	return v
}

func (v verification) text(out io.Writer) error {
	fmt.Fprintf(out, "intact: %d entries in the chain, %d not chained yet\n", v.Chained, v.Unchained)
	if v.DeletedUpTo != nil {
		fmt.Fprintf(out, "the retention deleted the entries up to  %s\n", *v.DeletedUpTo)
	}
	_, err := fmt.Fprintf(out, "last entry  %s\n", *v.LastEntry)
	return err
}

// link is the value of a flag that names a position in the chain.
type link audit.Link

// UnmarshalText reads sequence:hash.
func (l *link) UnmarshalText(text []byte) error {
	seq, hash, _ := strings.Cut(string(text), ":")
	n, err := strconv.ParseInt(seq, 10, 64)
	if err != nil || n < 1 || len(hash) != 64 || strings.Trim(hash, "0123456789abcdef") != "" {
		return errors.New("write a position as SEQUENCE:HASH, as postern audit verify prints the last entry")
	}
	*l = link{Seq: n, Hash: hash}
	return nil
}

type auditExportCommand struct {
	backend
	Organization string    `placeholder:"SLUG" help:"Slug of an organization. Default: the entries of all organizations and of the whole server."`
	Since        time.Time `placeholder:"TIME" help:"Print entries from this time on, such as 2026-10-01T00:00:00Z."`
	Until        time.Time `placeholder:"TIME" help:"Print entries before this time."`
}

func (c *auditExportCommand) Run(ctx context.Context, s streams) error {
	return withAuditLog(ctx, c.backend, func(log *server.AuditLog) error {
		q := audit.Query{Since: c.Since, Until: c.Until}
		if c.Organization != "" {
			org, err := log.Organization(ctx, c.Organization)
			if err != nil {
				return err
			}
			q.Organization = org.ID.Key()
		}
		out := bufio.NewWriter(s.out)
		err := log.Export(ctx, q, func(e *audit.Entry) error {
			line, err := e.Line()
			if err != nil {
				return err
			}
			_, err = out.Write(append(line, '\n'))
			return err
		})
		return errors.Join(err, out.Flush())
	})
}
