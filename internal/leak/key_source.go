package leak

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"time"
)

const (
	// fetchTimeout is the timeout for fetching the keys.
	fetchTimeout = 10 * time.Second
	// maxKeys is the maximum size of the key list, in bytes. GitHub's list has about 700 bytes.
	maxKeys = 1 << 20
)

// fetcher returns a function that reads keys from the source.
func fetcher(source string) (func(ctx context.Context) (keys, error), error) {
	if !strings.Contains(source, "://") {
		return func(context.Context) (keys, error) { return readFile(source) }, nil
	}
	u, err := url.Parse(source)
	switch {
	case err != nil || u.Hostname() == "" || u.User != nil || u.Fragment != "":
		return nil, errors.New("GitHub key source is neither a file nor a URL such as https://api.github.com/meta/public_keys/secret_scanning")
	case u.Scheme != "https" && (u.Scheme != "http" || !local(u.Hostname())):
		return nil, errors.New("GitHub key source must use https, except on this machine")
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error {
		return errors.New("redirects are not followed; use the new URL")
	}}
	return func(ctx context.Context) (keys, error) { return get(ctx, client, source) }, nil
}

func local(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

func readFile(name string) (keys, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return parse(f)
}

func get(ctx context.Context, client *http.Client, source string) (keys, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, source, nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Accept", "application/json")
	r.Header.Set("User-Agent", "postern")
	answer, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("fetch GitHub keys from %s: status %s", source, answer.Status)
	}
	return parse(answer.Body)
}

// parse returns the keys that can sign a report. It skips keys of other types, which GitHub may add.
func parse(r io.Reader) (keys, error) {
	var list struct {
		PublicKeys []struct {
			Identifier string `json:"key_identifier"`
			PEM        string `json:"key"`
		} `json:"public_keys"`
	}
	if err := json.NewDecoder(io.LimitReader(r, maxKeys)).Decode(&list); err != nil {
		return nil, fmt.Errorf("parse GitHub keys: %w", err)
	}
	all := keys{}
	for _, k := range list.PublicKeys {
		if key := parseKey(k.PEM); key != nil && k.Identifier != "" {
			all[k.Identifier] = key
		}
	}
	if len(all) == 0 {
		return nil, errors.New("parse GitHub keys: list has no P-256 key")
	}
	return all, nil
}

// parseKey parses a public key. It returns nil if the text is not a public key on P-256.
func parseKey(text string) *ecdsa.PublicKey {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil
	}
	parsed, _ := x509.ParsePKIXPublicKey(block.Bytes)
	if key, ok := parsed.(*ecdsa.PublicKey); ok && key.Curve == elliptic.P256() {
		return key
	}
	return nil
}
