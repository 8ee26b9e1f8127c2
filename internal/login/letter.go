package login

import (
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/locale"
	"github.com/postern-go/postern/internal/mail"
)

// letterhead returns the organization's name and appearance for mails.
func letterhead(org directory.Organization) mail.Organization {
	return mail.Organization{Name: org.Name, Slug: org.Slug, LogoURL: org.Portal.LogoURL, AccentColor: org.Portal.AccentColor}
}

// language returns the language for a mail: the locale of the first customer whose locale is available, or else the language
// of the browser.
func language(browser *locale.Language, holders ...directory.Holder) *locale.Language {
	for _, h := range holders {
		if h.Customer.Locale == nil {
			continue
		}
		if l := locale.Match(*h.Customer.Locale); l != nil {
			return l
		}
	}
	return browser
}
