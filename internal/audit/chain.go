package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/postern-go/postern/internal/token"
)

// Link is a position in the chain: the number of an entry and its hash. The zero Link is the position before the first entry.
type Link struct {
	Seq  int64
	Hash string
}

// String returns the link as sequence:hash.
func (l Link) String() string { return fmt.Sprintf("%d:%s", l.Seq, l.Hash) }

// line is the exported form of an entry. The hash of an entry covers its JSON text without the last field. Released
// fields never change, and a new field must be omitted when it is empty, so that the hashes of old entries stay
// valid.
type line struct {
	Sequence     *int64          `json:"sequence"`
	ID           string          `json:"id"`
	CreatedAt    string          `json:"created_at"`
	Organization *string         `json:"organization_id"`
	Action       Action          `json:"action"`
	Outcome      Outcome         `json:"outcome"`
	Actor        lineActor       `json:"actor"`
	Target       lineTarget      `json:"target"`
	Customer     *string         `json:"customer_id"`
	Member       *string         `json:"member_id"`
	IP           *string         `json:"ip_address"`
	UserAgent    *string         `json:"user_agent"`
	Details      json.RawMessage `json:"details"`
}

type lineActor struct {
	Type    ActorKind `json:"type"`
	ID      *string   `json:"id"`
	Session *string   `json:"session_id"`
	Name    *string   `json:"name"`
}

type lineTarget struct {
	Type TargetKind `json:"type"`
	ID   *string    `json:"id"`
}

// timeFormat is RFC 3339 with microseconds.
const timeFormat = "2006-01-02T15:04:05.000000Z"

// content returns the JSON text of the entry without its hash. seq replaces the entry's own Seq.
func (e *Entry) content(seq int64) ([]byte, error) {
	l := line{
		ID: e.ID.String(), CreatedAt: e.CreatedAt.UTC().Format(timeFormat), Organization: e.Organization.StringOrNil(),
		Action: e.Action, Outcome: e.Outcome,
		Actor:    lineActor{e.Actor.Kind, e.ActorID.StringOrNil(), e.Actor.Session.StringOrNil(), textOrNil(e.Actor.Name)},
		Target:   lineTarget{e.Target.Kind, e.Target.ID.StringOrNil()},
		Customer: e.Customer.StringOrNil(), Member: e.Member.StringOrNil(),
		IP: textOrNil(e.Actor.IP), UserAgent: textOrNil(e.Actor.UserAgent), Details: json.RawMessage(e.Details),
	}
	if seq != 0 {
		l.Sequence = &seq
	}
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(l); err != nil {
		return nil, fmt.Errorf("entry %s: %w", e.ID, err)
	}
	return []byte(strings.TrimSuffix(b.String(), "\n")), nil
}

// Line returns the entry as one line of JSON, without a line break. Its last field is the hash, or null.
func (e *Entry) Line() ([]byte, error) {
	text, err := e.content(e.Seq)
	if err != nil {
		return nil, err
	}
	hash := "null"
	if e.Hash != "" {
		hash = `"` + e.Hash + `"`
	}
	return append(text[:len(text)-1], `,"hash":`+hash+`}`...), nil
}

// After returns the link of the entry if it follows prev: the SHA-256 of the previous hash, a line feed, and the entry's JSON
// text without the hash. It fails if the entry's details are not JSON.
func (e *Entry) After(prev Link) (Link, error) {
	text, err := e.content(prev.Seq + 1)
	if err != nil {
		return Link{}, err
	}
	h := sha256.New()
	h.Write([]byte(prev.Hash + "\n"))
	h.Write(text)
	return Link{prev.Seq + 1, hex.EncodeToString(h.Sum(nil))}, nil
}

func textOrNil(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// Break is the error of [Service.Verify] for the first entry that does not continue the chain.
type Break struct {
	// Seq is the position at which the chain breaks. Entry is the entry found there, or zero if there is none.
	Seq   int64
	Entry token.ID
	Cause string
}

func (b *Break) Error() string {
	if b.Entry.IsZero() {
		return fmt.Sprintf("the audit log is damaged at sequence %d: %s", b.Seq, b.Cause)
	}
	return fmt.Sprintf("the audit log is damaged at sequence %d, entry %s: %s", b.Seq, b.Entry, b.Cause)
}
