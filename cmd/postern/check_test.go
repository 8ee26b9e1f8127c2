package main

import (
	"bytes"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/server"
)

// storeDir returns a data directory whose files have the given modes.
func storeDir(t *testing.T, directory, secret os.FileMode) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "d")
	if err := os.Mkdir(dir, directory); err != nil {
		t.Fatal(err)
	}
	for name, mode := range map[string]os.FileMode{"secret": secret, "postern.db": 0o600} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestChecksAtTheStart(t *testing.T) {
	good := setup{listening{public: "127.0.0.1:8787", connections: 1}, server.Config{
		PublicURL: "https://portal.example.com", SMTPURL: "smtp://mail.example.com", TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")},
		DataDir: storeDir(t, 0o700, 0o600),
	}, nil}
	for _, tt := range []struct {
		name   string
		change func(s *setup)
		// err and warnings are parts of the error, and of the lines of the log.
		err      string
		warnings []string
	}{
		{"a good configuration", func(*setup) {}, "", nil},
		{"all addresses without a public URL", func(s *setup) { s.public, s.config.PublicURL = "0.0.0.0:8787", "" }, "--listen 0.0.0.0:8787 without --public-url); set --public-url", nil},
		{"all IPv6 addresses", func(s *setup) { s.public, s.config.PublicURL = "[::]:8787", "" }, "set --public-url", nil},
		{"no host", func(s *setup) { s.public, s.config.PublicURL = ":8787", "" }, "set --public-url", nil},
		{"all addresses with a public URL", func(s *setup) { s.public = ":8787" }, "", nil},
		{"one address without a public URL", func(s *setup) { s.public, s.config.PublicURL = "10.0.0.5:8787", "" }, "", nil},
		{"a public URL of all addresses", func(s *setup) { s.config.PublicURL = "http://0.0.0.0:8787" }, "--public-url http://0.0.0.0:8787", nil},
		{"plain http", func(s *setup) { s.config.PublicURL = "http://portal.example.com" }, "", []string{"unencrypted", "set --public-url https://portal.example.com"}},
		{"plain http on a public address", func(s *setup) { s.config.PublicURL = "http://[2606:4700::1]:8787" }, "", []string{"unencrypted"}},
		{"plain http on a private address", func(s *setup) { s.config.PublicURL = "http://192.168.1.4:8787" }, "", nil},
		{"plain http on this machine", func(s *setup) { s.config.PublicURL = "http://localhost:8787" }, "", nil},
		{"plain http on IPv6 loopback", func(s *setup) { s.config.PublicURL = "http://[::1]:8787" }, "", nil},
		{"plain http in a cluster", func(s *setup) { s.config.PublicURL = "http://postern.default.svc.cluster.local" }, "", nil},
		{"no proxy for https", func(s *setup) { s.config.TrustedProxies = nil }, "", []string{"share the address", "set --trusted-proxies"}},
		{"Forwarded of no proxy", func(s *setup) { s.config.TrustedProxies, s.config.Forwarded = nil, true }, "--forwarded without --trusted-proxies", nil},
		{"every address is a proxy", func(s *setup) { s.config.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("::/0")} }, "", []string{"every client can choose", "::/0"}},
		{"no mail server", func(s *setup) { s.config.SMTPURL = "" }, "", []string{"nobody can sign in", "set --smtp-url smtp://"}},
		{"a readable secret", func(s *setup) { s.config.DataDir = storeDir(t, 0o755, 0o644) }, "", []string{"0644", "chmod 600"}},
		{"a readable secret in a closed directory", func(s *setup) { s.config.DataDir = storeDir(t, 0o700, 0o644) }, "", nil},
		{"a secret of the group", func(s *setup) { s.config.DataDir = storeDir(t, 0o755, 0o640) }, "", nil},
		{"too many connections", func(s *setup) { s.connections = 1 << 30 }, "", []string{"limit of open files", "lower --max-connections"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := good
			tt.change(&s)
			var log bytes.Buffer
			err := checkStart(t.Context(), s, slog.New(slog.NewTextHandler(&log, nil)))
			if (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("error %v, want %q", err, tt.err)
			}
			if err != nil && strings.Contains(err.Error(), "\n") {
				t.Errorf("more than one line: %v", err)
			}
			if lines := strings.Count(log.String(), "\n"); lines > 1 || (lines == 0) != (tt.warnings == nil) {
				t.Errorf("%d lines, want %q:\n%s", lines, tt.warnings, log.String())
			}
			for _, want := range tt.warnings {
				if !strings.Contains(log.String(), want) {
					t.Errorf("the log lacks %q: %s", want, log.String())
				}
			}
		})
	}
}
