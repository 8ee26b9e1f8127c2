package login

import (
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/locale"
	"github.com/postern-go/postern/internal/mail"
)

// letterhead is how an organization looks in its mails.
func letterhead(org directory.Organization) mail.Organization {
	return mail.Organization{Name: org.Name, Slug: org.Slug, LogoURL: org.Portal.LogoURL, AccentColor: org.Portal.AccentColor}
}

// language is in which one somebody is written to: that of the first of the customers who has one of ours, or else what the
// browser asked for.
func language(asked *locale.Language, holders ...directory.Holder) *locale.Language {
	for _, h := range holders {
		if h.Customer.Locale == nil {
			continue
		}
		if l := locale.Match(*h.Customer.Locale); l != nil {
			return l
		}
	}
	return asked
}
