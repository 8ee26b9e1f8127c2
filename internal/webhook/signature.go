package webhook

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"log/slog"
	"strconv"
	"strings"
	"time"
)

// Secret is the key with which an endpoint's events are signed, as its owner gets it: "whsec_" and base64. It does not print.
type Secret struct{ text string }

const secretPrefix = "whsec_"

// NewSecret makes a secret of 256 random bits.
func NewSecret() Secret {
	var b [32]byte
	rand.Read(b[:])
	return Secret{secretPrefix + base64.StdEncoding.EncodeToString(b[:])}
}

// StoredSecret is a secret that comes from a store; "" is none.
func StoredSecret(text string) Secret { return Secret{text} }

// Reveal returns the secret itself. Call it where it is handed to its owner or stored, and nowhere else.
func (s Secret) Reveal() string { return s.text }

// String hides the secret.
func (s Secret) String() string { return secretPrefix + "…" }

// GoString is [Secret.String], for %#v.
func (s Secret) GoString() string { return s.String() }

// LogValue is [Secret.String], for slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// sign is the signature of a message under one secret, scheme v1 of the specification.
func (s Secret) sign(id, timestamp string, body []byte) string {
	key, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(s.text, secretPrefix)) // made above: it always is base64
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + timestamp + "."))
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// signatures is the header of a message, which is signed with the secret before, too, while that is good.
func (e Endpoint) signatures(id string, at time.Time, body []byte) string {
	timestamp := strconv.FormatInt(at.Unix(), 10)
	text := e.Secret.sign(id, timestamp, body)
	if e.OldSecret.text != "" && at.Before(e.OldUntil) {
		text += " " + e.OldSecret.sign(id, timestamp, body)
	}
	return text
}
