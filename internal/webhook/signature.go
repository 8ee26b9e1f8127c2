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

// Secret is the key that signs an endpoint's events, in the form that merchants see: "whsec_" and base64. Printing and logging it
// shows only the prefix.
type Secret struct{ text string }

const secretPrefix = "whsec_"

// NewSecret returns a secret of 256 random bits.
func NewSecret() Secret {
	var b [32]byte
	rand.Read(b[:])
	return Secret{secretPrefix + base64.StdEncoding.EncodeToString(b[:])}
}

// StoredSecret converts the stored text of a secret. "" means no secret.
func StoredSecret(text string) Secret { return Secret{text} }

// Reveal returns the text of the secret. Use it only to show the secret to the merchant or to store it.
func (s Secret) Reveal() string { return s.text }

// String returns the prefix without the key.
func (s Secret) String() string { return secretPrefix + "…" }

// GoString returns the same as [Secret.String]. The verb %#v uses it.
func (s Secret) GoString() string { return s.String() }

// LogValue returns the same as [Secret.String]. Package slog uses it.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// sign returns the signature of a message in scheme v1 of the Standard Webhooks specification.
func (s Secret) sign(id, timestamp string, body []byte) string {
	key, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(s.text, secretPrefix)) // NewSecret always generates valid base64
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + timestamp + "."))
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// signatures returns the Webhook-Signature header of a message. It contains a second signature with OldSecret until OldUntil.
func (e Endpoint) signatures(id string, at time.Time, body []byte) string {
	timestamp := strconv.FormatInt(at.Unix(), 10)
	text := e.Secret.sign(id, timestamp, body)
	if e.OldSecret.text != "" && at.Before(e.OldUntil) {
		text += " " + e.OldSecret.sign(id, timestamp, body)
	}
	return text
}
