package harness

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"github.com/postern-go/postern/internal/mail"
)

type mailBody struct {
	ID               string  `json:"id"`
	OrganizationSlug string  `json:"organization_slug"`
	From             string  `json:"from"`
	To               string  `json:"to"`
	Subject          string  `json:"subject"`
	Text             string  `json:"text"`
	Link             string  `json:"link"`
	Code             *string `json:"code"`
	Token            *string `json:"token"`
}

func newMailBody(m mail.Mail) mailBody {
	b := mailBody{
		ID: m.ID, OrganizationSlug: m.Organization, From: Sender(m), To: m.To.Email, Subject: m.Subject, Text: m.Text, Link: m.Link,
	}
	if m.Code != "" {
		b.Code = &m.Code
	}
	if token := Token(m); token != "" {
		b.Token = &token
	}
	return b
}

func (a testAPI) mails(r *http.Request) (int, any, error) {
	q, err := query(r, "to", "organization")
	if err != nil {
		return 0, nil, err
	}
	mails, err := a.Mails(r.Context(), a.server, Filter{To: q.Get("to"), Organization: q.Get("organization")})
	if err != nil {
		return 0, nil, err
	}
	items := []mailBody{}
	for _, m := range mails {
		items = append(items, newMailBody(m))
	}
	return http.StatusOK, map[string]any{"items": items}, nil
}

// defaultTimeout and maxTimeout are in seconds. maxTimeout is less than one minute, because the server closes a connection if
// the response takes one minute.
const defaultTimeout, maxTimeout = 10, 50

func (a testAPI) latestMail(r *http.Request) (int, any, error) {
	q, err := query(r, "to", "organization", "timeout")
	if err != nil {
		return 0, nil, err
	}
	timeout := seconds(defaultTimeout)
	if text := q.Get("timeout"); text != "" {
		n, err := strconv.ParseFloat(text, 64)
		if err != nil || !(n >= 0 && n <= maxTimeout) {
			return 0, nil, invalid(fmt.Errorf("timeout must be a number of seconds from 0 to %d", maxTimeout))
		}
		timeout = seconds(n)
	}
	ctx, cancel := context.WithTimeout(r.Context(), timeout.duration())
	defer cancel()
	m, found := a.NewestMail(ctx, a.server, Filter{To: q.Get("to"), Organization: q.Get("organization")})
	if !found {
		return 0, nil, &requestError{http.StatusNotFound, "ResourceNotFound", fmt.Sprintf("No matching mail was sent within %s.", timeout.duration())}
	}
	return http.StatusOK, newMailBody(m), nil
}
