package testserver

import (
	"bytes"
	"strings"
	"sync"
)

// Log stores the lines that the server logs, at every level. It is safe for concurrent use.
type Log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *Log) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// secrets are texts that must not appear in the log.
type secrets struct {
	mu   sync.Mutex
	list []string
}

// AddSecret registers a text that must not appear in the server's log, and returns the text.
func (s *Server) AddSecret(secret string) string {
	s.secrets.mu.Lock()
	defer s.secrets.mu.Unlock()
	s.secrets.list = append(s.secrets.list, secret)
	return secret
}

// CheckNoSecrets fails the test if the text contains a registered secret. Errors name the text as what.
func (s *Server) CheckNoSecrets(what, text string) {
	s.T.Helper()
	s.secrets.mu.Lock()
	defer s.secrets.mu.Unlock()
	found := 0
	for _, secret := range s.secrets.list {
		if !strings.Contains(text, secret) {
			continue
		}
		if found++; found <= 3 {
			s.T.Errorf("%s contains the secret %s…", what, secret[:min(len(secret), 14)])
		}
	}
	if found > 3 {
		s.T.Errorf("%s contains %d secrets in all", what, found)
	}
}
