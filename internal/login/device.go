package login

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/mail"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// Account is what a person signs in to: a member of a team, or an individual customer, whose Member is 0 because its owner is the
// same person.
type Account struct{ Customer, Member token.Key }

// A device cookie holds one mark for each account that has signed in with the browser, the latest first, separated by
// dots. A mark is a nonce and the HMAC of the nonce and the account under a secret of the server. Without the secret,
// a mark can neither be made nor be matched to its account.
const (
	// maxMarks is the maximum number of marks in a cookie.
	maxMarks  = 8
	markNonce = 8
	markMAC   = 16
	markSize  = (markNonce + markMAC) * 4 / 3 // in base64

	// DeviceLifetime is how long a browser counts as known after a sign-in. Browsers store cookies for at most 400 days.
	DeviceLifetime = 400 * 24 * time.Hour
)

// SignedIn remembers a browser that has just signed in on the portal, and returns the new value of its device cookie. cookies are
// the values of the device cookies of the request. If the browser is new for the account, SignedIn also mails a notice, but not for
// the first sign-in of the account, and not if the organization has turned such notices off.
func (d *Service) SignedIn(ctx context.Context, s session.Session, by session.Client, cookies []string) (cookie string, err error) {
	org, h, err := d.prover(ctx, &s)
	if err != nil {
		return "", err
	}
	first, err := d.Store.NoteSignIn(ctx, account(h), s.CreatedAt)
	if err != nil {
		return "", err
	}
	cookie, known := d.remember(h, cookies)
	if !known && !first {
		err = d.notifyOfDevice(org, h, s, by)
	}
	return cookie, err
}

// EmailConfirmed is like [Service.SignedIn], for a sign-in by the link that confirms a new address. It mails no notice.
func (d *Service) EmailConfirmed(ctx context.Context, s session.Session, cookies []string) (cookie string, err error) {
	_, h, err := d.prover(ctx, &s)
	if err == nil {
		_, err = d.Store.NoteSignIn(ctx, account(h), s.CreatedAt)
	}
	if err != nil {
		return "", err
	}
	cookie, _ = d.remember(h, cookies)
	return cookie, nil
}

// remember returns the device cookie with a mark of the holder's account, and reports whether one of the cookies had one already.
func (d *Service) remember(h directory.Holder, cookies []string) (cookie string, known bool) {
	marks := parseMarks(cookies)
	n := len(marks)
	marks = slices.DeleteFunc(marks, func(mark string) bool { return d.isMark(mark, h) })
	known = len(marks) < n
	marks = append([]string{d.newMark(h)}, marks...)
	return strings.Join(marks[:min(len(marks), maxMarks)], "."), known
}

// signedInElsewhere mails a notice of a sign-in through the API, which has no device cookie. Only an account that signs in on the
// portal too gets the notice: otherwise the organization has a front end of its own, and every sign-in would look new.
func (d *Service) signedInElsewhere(ctx context.Context, org directory.Organization, h directory.Holder, s session.Session, by session.Client) error {
	portal, err := d.Store.HasSignedIn(ctx, account(h))
	if err != nil || !portal {
		return err
	}
	return d.notifyOfDevice(org, h, s, by)
}

func (d *Service) notifyOfDevice(org directory.Organization, h directory.Holder, s session.Session, by session.Client) error {
	if org.Portal.NoSignInNotices || h.Email() == nil {
		return nil
	}
	device := by.Device()
	return d.notify(org, h, mail.Notice{
		Kind: mail.NewSignIn, To: *h.Email(), At: s.CreatedAt, Browser: device.Browser, System: device.System, IP: by.IP, Link: d.sessionsPage(org),
	})
}

func account(h directory.Holder) Account {
	a := Account{Customer: h.Customer.ID.Key()}
	if h.Member != nil && h.Customer.Type == directory.Team {
		a.Member = h.Member.ID.Key()
	}
	return a
}

// markText returns the text whose HMAC is in a mark. It contains the generations, so that every browser is new again after all
// sessions of the account were ended.
func markText(nonce []byte, h directory.Holder) string {
	a, generations := account(h), []uint32{h.Customer.Generation, 0}
	if a.Member != 0 {
		generations[1] = h.Member.Generation
	}
	return fmt.Sprintf("%x %d %d %d", nonce, a.Customer, a.Member, generations)
}

const markPurpose = "device"

func (d *Service) newMark(h directory.Holder) string {
	mark := make([]byte, markNonce, markNonce+markMAC)
	rand.Read(mark) // never fails
	sum := d.Secrets.Sum(markPurpose, markText(mark, h))
	return base64.RawURLEncoding.EncodeToString(append(mark, sum[:markMAC]...))
}

func (d *Service) isMark(mark string, h directory.Holder) bool {
	b, err := base64.RawURLEncoding.DecodeString(mark)
	if err != nil || len(b) != markNonce+markMAC {
		return false
	}
	return slices.ContainsFunc(d.Secrets.Sums(markPurpose, markText(b[:markNonce], h)), func(sum token.Hash) bool {
		return hmac.Equal(sum[:markMAC], b[markNonce:])
	})
}

// parseMarks returns the marks in device cookies, each once and at most maxMarks.
func parseMarks(cookies []string) (marks []string) {
	for _, cookie := range cookies {
		for mark := range strings.SplitSeq(cookie, ".") {
			if len(marks) == maxMarks {
				return marks
			}
			if len(mark) == markSize && !slices.Contains(marks, mark) {
				marks = append(marks, mark)
			}
		}
	}
	return marks
}
