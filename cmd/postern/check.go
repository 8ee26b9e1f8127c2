package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/postern-go/postern/internal/connlimit"
	"github.com/postern-go/postern/internal/server"
)

// setup is what the checks examine.
type setup struct {
	listening
	config server.Config
	// inspect inspects the store once. It is nil at the start of serve, which opens the store itself.
	inspect func() (server.Inspection, error)
}

// check is one check of a setup. Checks with atStart need nothing but the setup, so that serve runs them before it listens. The doctor
// runs all checks.
type check struct {
	name    string
	atStart bool
	run     func(ctx context.Context, s setup) finding
}

// checks are all checks, in the order in which they run.
var checks = []check{
	{"configuration", false, checkConfiguration}, // at the start, server.Open returns the same error
	{"public-url", true, checkPublicURL},
	{"tls", true, checkTLS},
	{"proxies", true, checkProxies},
	{"mail", true, checkMail},
	{"files", true, checkFiles},
	{"connections", true, checkConnections},
	{"database", false, checkDatabase},
	{"secrets", false, checkSecrets},
	{"smtp", false, checkSMTP},
	{"clock", false, checkClock},
}

// state says how serious a finding is. serve does not start after an error, and logs a warning.
type state string

const (
	passed  state = "ok"
	warning state = "warning"
	problem state = "error"
	skipped state = "skipped"
)

// finding is the result of a check. Message is constant for each kind of finding, Detail has what differs, and Fix says what to do.
type finding struct {
	State   state
	Message string
	Detail  string
	Fix     string
}

func ok(message, detail string) finding { return finding{passed, message, detail, ""} }

// checkStart runs the checks that serve runs before it listens. It logs warnings, each in one line, and returns the first error.
func checkStart(ctx context.Context, s setup, log *slog.Logger) error {
	for _, c := range checks {
		if !c.atStart {
			continue
		}
		switch f := c.run(ctx, s); f.State {
		case problem:
			return fmt.Errorf("%s (%s); %s", f.Message, f.Detail, f.Fix)
		case warning:
			log.Warn(f.Message, "check", c.name, "detail", f.Detail, "fix", f.Fix)
		}
	}
	return nil
}

func checkConfiguration(_ context.Context, s setup) finding {
	if err := s.config.Check(); err != nil {
		return finding{problem, "the server refuses this configuration", err.Error(), "correct the flag or its POSTERN_ variable"}
	}
	return ok("the flags are valid", "")
}

func checkPublicURL(_ context.Context, s setup) finding {
	const fix = "set --public-url to the URL at which browsers reach the server, such as https://portal.example.com"
	if s.config.PublicURL == "" && listensEverywhere(s.public) {
		return finding{problem, "the links in pages and mails would begin with an address that nobody can open", "--listen " + s.public + " without --public-url", fix}
	}
	u, err := url.Parse(s.config.PublicURL)
	if err != nil {
		return finding{skipped, "the public URL is invalid", "", ""} // the configuration check reports it
	}
	if ip, err := netip.ParseAddr(u.Hostname()); err == nil && ip.IsUnspecified() {
		return finding{problem, "the links in pages and mails would begin with an address that nobody can open", "--public-url " + s.config.PublicURL, fix}
	}
	if s.config.PublicURL == "" {
		return ok("links begin with the address that the server listens on", s.public)
	}
	return ok("links begin with the public URL", s.config.PublicURL)
}

func checkTLS(_ context.Context, s setup) finding {
	u, err := url.Parse(s.config.PublicURL)
	switch {
	case err != nil:
		return finding{skipped, "the public URL is invalid", "", ""}
	case u.Scheme == "https":
		return ok("browsers use https", "")
	case s.config.PublicURL == "" || !isPublic(u.Hostname()):
		return ok("plain http is for private networks and development only", "")
	}
	return finding{
		warning, "session cookies and login codes cross the network unencrypted", "--public-url " + s.config.PublicURL,
		"put a reverse proxy with TLS before the server and set --public-url https://" + u.Hostname(),
	}
}

// privateSuffixes are the ends of host names that do not exist on the Internet.
var privateSuffixes = []string{".localhost", ".local", ".internal", ".test", ".lan", ".home.arpa", ".example"}

// isPublic reports whether a host of a URL is reachable from the Internet, as far as its name says.
func isPublic(host string) bool {
	if ip, err := netip.ParseAddr(host); err == nil {
		return !ip.IsLoopback() && !ip.IsPrivate() && !ip.IsLinkLocalUnicast()
	}
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	for _, suffix := range privateSuffixes {
		if strings.HasSuffix(host, suffix) {
			return false
		}
	}
	return strings.Contains(host, ".")
}

func checkProxies(_ context.Context, s setup) finding {
	for _, network := range s.config.TrustedProxies {
		if network.Bits() == 0 {
			return finding{
				warning, "every client can choose the address that the server sees, because every address is a trusted proxy", "--trusted-proxies " + network.String(),
				"set --trusted-proxies to the networks of your reverse proxies only, such as 10.0.0.0/8",
			}
		}
	}
	if len(s.config.TrustedProxies) == 0 && s.config.Forwarded {
		return finding{problem, "no proxy is trusted, so the header Forwarded counts for nothing", "--forwarded without --trusted-proxies", "set --trusted-proxies to the networks of your reverse proxies"}
	}
	if len(s.config.TrustedProxies) == 0 && strings.HasPrefix(strings.ToLower(s.config.PublicURL), "https:") {
		return finding{
			warning, "all clients share the address of the reverse proxy, and thereby its rate limits", "an https public URL without --trusted-proxies",
			"set --trusted-proxies to the address from which your reverse proxy connects, such as 127.0.0.1",
		}
	}
	if len(s.config.TrustedProxies) == 0 {
		return ok("clients connect without a proxy", "")
	}
	return ok("addresses of clients come from trusted proxies", "")
}

func checkMail(_ context.Context, s setup) finding {
	if s.config.SMTPURL == "" {
		return finding{
			warning, "no mail server is configured, so nobody can sign in with a code from a mail", "no --smtp-url",
			"set --smtp-url smtp://user:password@host:587",
		}
	}
	return ok("a mail server is configured", "")
}

// checkFiles checks that other users of the machine cannot read the secret and the database.
func checkFiles(_ context.Context, s setup) finding {
	if s.config.DataDir == "" || runtime.GOOS == "windows" {
		return finding{skipped, "there are no files to check", "", ""}
	}
	for _, name := range []string{"secret", "postern.db"} {
		path := filepath.Join(s.config.DataDir, name)
		info, err := os.Stat(path)
		if err == nil && info.Mode()&0o004 != 0 && openToAll(s.config.DataDir) {
			return finding{
				warning, "every user of this machine can read a file of the store", fmt.Sprintf("%s has the mode %#o", path, info.Mode().Perm()),
				"run chmod 600 " + path,
			}
		}
	}
	return ok("other users of this machine cannot read the secret and the database", "")
}

// openToAll reports whether every user can reach the files of a directory.
func openToAll(dir string) bool {
	info, err := os.Stat(dir)
	return err == nil && info.Mode()&0o001 != 0
}

func checkConnections(_ context.Context, s setup) finding {
	if capacity := connlimit.Capacity(s.connections); capacity < s.connections {
		return finding{
			warning, "the limit of open files allows fewer connections than --max-connections", fmt.Sprintf("%d of %d", capacity, s.connections),
			"raise the limit, for example with LimitNOFILE of systemd or ulimit -n, or lower --max-connections",
		}
	}
	return ok("the limit of open files allows all connections", "")
}
