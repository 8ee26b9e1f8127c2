package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/postern-go/postern/internal/server"
)

func checkDatabase(_ context.Context, s setup) finding {
	i, err := s.inspect()
	switch {
	case err != nil:
		return finding{problem, "the database cannot be used", err.Error(), "correct --data or --database-url, or start the database server"}
	case i.Schema == 0:
		return finding{problem, "the database is empty", "it has no schema", "create a store with postern init, or restore a backup"}
	case i.Schema < i.Latest:
		return finding{warning, "the schema is older than this binary", fmt.Sprintf("schema %d, want %d", i.Schema, i.Latest), "start the server, or run postern migrate with a role that owns the schema"}
	case i.Most > 0 && i.Most-i.Others < i.Pool:
		return finding{
			warning, "the database server allows too few connections", fmt.Sprintf("%d for all clients, of which others have %d; each postern server needs %d", i.Most, i.Others, i.Pool),
			"raise max_connections of PostgreSQL, or lower pool_max_conns in --database-url",
		}
	case i.InUse:
		return ok("the database is intact, and a server is using it", "")
	}
	return ok("the database is intact", "")
}

func checkSecrets(_ context.Context, s setup) finding {
	i, err := s.inspect()
	if err != nil {
		return finding{skipped, "the database cannot be used", "", ""}
	}
	if len(i.Missing) == 0 {
		return ok("every session and access token can be verified", "")
	}
	var ids []string
	sessions, tokens := 0, 0
	for _, m := range i.Missing {
		ids, sessions, tokens = append(ids, m.ID), sessions+m.Sessions, tokens+m.AccessTokens
	}
	fix := "restore the secret file from a backup, or end them with postern secret retire --force"
	if s.config.DataDir == "" {
		fix = "add the old secret to " + secretsVariable
	}
	return finding{
		problem, "sessions and access tokens are refused, because their secret is missing",
		fmt.Sprintf("%d sessions and %d access tokens need %s", sessions, tokens, strings.Join(ids, ", ")), fix,
	}
}

func checkSMTP(ctx context.Context, s setup) finding {
	if s.config.SMTPURL == "" {
		return finding{skipped, "no mail server is configured", "", ""}
	}
	at, encrypted, err := s.config.CheckMail(ctx)
	switch {
	case err != nil && at == "":
		return finding{skipped, "the configuration is invalid", "", ""}
	case err != nil:
		return finding{problem, "the mail server cannot be used", err.Error(), "check host, port, user, password and TLS in --smtp-url"}
	case !encrypted:
		return ok("the mail server accepts the sender's connection, without TLS", at)
	}
	return ok("the mail server accepts the connection and the password, over TLS", at)
}

// Differences of clocks beyond which a check fails. Tokens and codes live for minutes.
const (
	slightly = 5 * time.Second
	badly    = time.Minute
)

// checkClock compares the clock with the database server's and with the newest entry of the audit log, which can only be older than now.
func checkClock(_ context.Context, s setup) finding {
	const fix = "set the clock of this machine with NTP, for example with chrony or systemd-timesyncd"
	i, err := s.inspect()
	if err != nil {
		i = server.Inspection{}
	}
	if back := time.Until(i.Newest); back > slightly {
		return finding{problem, "the clock is behind the newest entry of the audit log", back.Round(time.Second).String(), fix}
	}
	switch ahead := i.Ahead.Abs(); {
	case ahead > badly:
		return finding{problem, "the clock differs from the database server's", ahead.Round(time.Second).String(), fix}
	case ahead > slightly:
		return finding{warning, "the clock differs from the database server's", ahead.Round(time.Second).String(), fix}
	}
	if synchronized, known := clockSynchronized(); known && !synchronized {
		return finding{warning, "the operating system does not synchronize the clock", "", fix}
	}
	return ok("the clock agrees with everything that the server can compare it with", "")
}
