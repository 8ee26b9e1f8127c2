package mail

import (
	"regexp"
	"time"

	"github.com/postern-go/postern/internal/locale"
)

// NoticeKind is what a [Notice] is about.
type NoticeKind int

const (
	// EmailChanged is for the old address after the address of an account was changed.
	EmailChanged NoticeKind = iota
	// OwnerChanged is for the former owner of an account.
	OwnerChanged
	// NewSignIn is for an account to which a new device signed in.
	NewSignIn
	// AddedToTeam is for a person whom a member of a team has added to it.
	AddedToTeam
)

// String returns the name of the kind in logs, metrics and on the operator pages: "invitation" for AddedToTeam, and "notice" for the others.
func (k NoticeKind) String() string {
	if k == AddedToTeam {
		return "invitation"
	}
	return "notice"
}

// Notice is the mail that tells a person about a change of an account: one that may endanger it and what to do about that, or an invitation.
type Notice struct {
	redacted
	Kind NoticeKind
	// From is the server's sender address. Recipients see the organization's name, followed by "(via NAME)" with the name of
	// From.
	From Address
	// To is the recipient's email address, without a name.
	To           string
	Organization Organization
	// Language is the recipient's language. Nil means English.
	Language *locale.Language
	// Team is the name of the team of AddedToTeam, or "". The mail leaves out a name that mail programs could turn into a link.
	Team string
	// At is the time of the change.
	At time.Time
	// Browser, System and IP describe the device of a NewSignIn. Each of them may be "".
	Browser, System, IP string
	// Link is the absolute URL of the page that lists the recipient's sessions, or "" if the recipient cannot sign in any more.
	// For AddedToTeam, it is the sign-in page.
	Link string
}

var notice = parseTemplates("notice")

// noticeText holds the texts of a notice.
type noticeText struct {
	Title, Lead, Fine, Advice, Action string
	// Facts are sentences with the time of the change and the device.
	Facts []string
}

// Mail renders the mail. It returns fault.InvalidRequest if the address is invalid, or the link is neither valid nor "".
func (n Notice) Mail() (Mail, error) {
	to, err := newAddress("", n.To)
	if err != nil {
		return Mail{}, err
	}
	link := ""
	if n.Link != "" {
		if link, err = parseLink(n.Link); err != nil {
			return Mail{}, err
		}
	}
	data := newTemplateData(n.Language, n.Organization, link, 0)
	data.Subject, data.Notice = n.texts(data)
	return notice.render(Mail{From: n.Organization.sender(n.From), To: to, Organization: n.Organization.Slug, Link: link}, data)
}

func (n Notice) texts(d templateData) (subject string, t noticeText) {
	org := d.Organization
	t = noticeText{
		Facts: []string{d.Text("notice.time", "Time", d.FormatTime(n.At))}, Fine: d.Text("notice.fine"), Action: d.Text("notice.action"),
	}
	switch n.Kind {
	case EmailChanged:
		subject, t.Title = d.Text("notice.email.subject", "Organization", org), d.Text("notice.email.title")
		t.Lead, t.Advice = d.Text("notice.email.lead", "Organization", org), d.Text("notice.email.advice", "Organization", org)
	case OwnerChanged:
		subject, t.Title = d.Text("notice.owner.subject", "Organization", org), d.Text("notice.owner.title")
		t.Lead, t.Advice = d.Text("notice.owner.lead", "Organization", org), d.Text("notice.owner.advice", "Organization", org)
	case AddedToTeam:
		subject, t.Title = d.Text("notice.team.subject", "Organization", org), d.Text("notice.team.title")
		t.Lead = d.Text("notice.team.unnamed", "Organization", org)
		if name := teamName(n.Team); name != "" {
			t.Lead = d.Text("notice.team.lead", "Organization", org, "Team", name)
		}
		t.Facts, t.Fine, t.Action, t.Advice = nil, d.Text("notice.team.fine"), d.Text("notice.team.action"), d.Text("notice.team.advice")
	default:
		subject, t.Title = d.Text("notice.device.subject", "Organization", org), d.Text("notice.device.title")
		t.Lead, t.Advice = d.Text("notice.device.lead", "Organization", org), d.Text("notice.device.advice", "Organization", org)
		t.Facts = append(t.Facts, n.device(d)...)
	}
	return subject, t
}

// maxTeamName is the maximum length of the name of a team in a mail, in characters.
const maxTeamName = 60

// likeLink matches text that mail programs turn into a link: addresses, paths and domains.
var likeLink = regexp.MustCompile(`[@/\\:]|[\pL\pN][.。．｡][\pL\pN]`)

// teamName returns the name of a team for a mail, or "" if the name is not suitable. Whoever manages a team chooses its name and the recipients of
// its invitations, so the name must not carry a message or a link.
func teamName(name string) string {
	name = oneLine(name)
	if likeLink.MatchString(name) {
		return ""
	}
	if runes := []rune(name); len(runes) > maxTeamName {
		return string(runes[:maxTeamName-1]) + "…"
	}
	return name
}

// device returns sentences that describe the device of a NewSignIn, without what is unknown.
func (n Notice) device(d templateData) (facts []string) {
	switch {
	case n.Browser != "" && n.System != "":
		facts = append(facts, d.Text("notice.device.both", "Browser", n.Browser, "System", n.System))
	case n.Browser+n.System != "":
		facts = append(facts, d.Text("notice.device.one", "Device", n.Browser+n.System))
	}
	if n.IP != "" {
		facts = append(facts, d.Text("notice.device.ip", "IP", n.IP))
	}
	return facts
}
