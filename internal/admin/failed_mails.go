package admin

import (
	"net/http"

	"github.com/postern-go/postern/internal/directory"
)

// failedMailsPage is the data of the template "failed-mails".
type failedMailsPage struct {
	Mails []directory.FailedMail
	// Total is the number of mails with a noun.
	Total string
	Pages *keyPager
}

// failedMails answers GET /admin/failed-mails.
func (r *request) failedMails() error {
	found, err := r.Directory.FailedMails(r.Context(), r.org, r.keyRange())
	if err != nil {
		return err
	}
	shown := r.newView("Failed mails")
	shown.Page = failedMailsPage{found.Rows, countOf(found.Count, "mail"), r.newKeyPager(r.keyRange(), found.Previous, found.Next, len(found.Rows))}
	return r.show(http.StatusOK, "failed-mails", shown)
}
