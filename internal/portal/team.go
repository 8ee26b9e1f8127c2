package portal

import (
	"net/http"
	"net/url"

	"github.com/postern-go/postern/internal/body"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/page"
	"github.com/postern-go/postern/internal/token"
)

// membersPerPage is the number of members on a page of the list.
const membersPerPage = 50

// team answers GET /{slug}/portal/team. All members see the team; owners and billing managers can change it.
func (r *request) team() error {
	return r.showTeam(http.StatusOK, r.PageNumber(), addValues{role: string(directory.OrdinaryMember)}, nil)
}

// addValues are the values of the form that adds a member.
type addValues struct{ email, name, role string }

func (r *request) showTeam(status, number int, add addValues, errs map[string]string) error {
	if !r.inTeam() {
		return page.ErrNoPage
	}
	members, total, err := r.Directory.Members(r.Context(), directory.MemberQuery{
		Organization: r.org.ID.Key(), Customer: r.holder.Customer.ID.Key(), Sort: []directory.Sort{{By: "created_at"}},
		Page: directory.Page{Number: number, Limit: membersPerPage},
	})
	if err != nil {
		return err
	}
	shown := r.teamView(members, total, number, add, errs)
	return r.show(status, "team", shown)
}

func (r *request) teamView(members []directory.Member, total, number int, add addValues, errs map[string]string) view {
	shown := r.newView(r.localizer.Text("team.title"))
	shown.Path = "team"
	manages := directory.ManageTeam(r.holder) == nil && !r.session.ReadOnly
	content := teamPage{Account: page.OrEmpty(r.holder.Customer.Name), Total: total, Pages: r.NewPager("team", number, total, membersPerPage), Transfer: manages && r.holder.Member.Role == directory.Owner}
	for _, m := range members {
		content.Members = append(content.Members, r.teamMember(m, manages))
	}
	if manages {
		content.Add = r.addForm(add, errs)
		shown.Errors = page.ErrorsOf(content.Add.Email, content.Add.Name, content.Add.Role)
	}
	if text := errs[""]; text != "" {
		shown.Errors = append(shown.Errors, page.FieldError{Text: text})
	}
	shown.Page = content
	return shown
}

func (r *request) teamMember(m directory.Member, manages bool) teamMember {
	id, email := m.ID.String(), page.OrEmpty(m.Email)
	shown := teamMember{
		ID: id, Title: page.OrEmpty(m.Name), Subtitle: email, Role: r.localizer.role(m.Role),
		You: m.ID == r.holder.Member.ID, Owner: m.Role == directory.Owner, Invited: m.Pending,
	}
	if shown.Title == "" {
		shown.Title, shown.Subtitle = email, ""
	}
	shown.Letter = page.Initial(shown.Title)
	if !manages || shown.Owner && !shown.You {
		return shown
	}
	shown.Name = r.nameField("name-"+id, page.OrEmpty(m.Name))
	if shown.You { // members cannot change their own role, and only a transfer changes the owner
		shown.OwnRole = r.localizer.Text("team.own-role")
		if shown.Owner {
			shown.OwnRole = r.localizer.Text("team.own-role.owner")
		}
		return shown
	}
	if m.Pending {
		invitation := r.PublicURL.JoinPath(directory.PortalPath(r.slug, "request"))
		invitation.RawQuery = url.Values{"customer": {m.Customer.String()}, "email": {email}}.Encode()
		shown.Invitation = invitation.String()
	}
	roles := r.roleField("role-"+id, string(m.Role))
	shown.Roles = &roles
	return shown
}

func (r *request) nameField(id, name string) *page.Field {
	return &page.Field{ID: id, Name: "name", Label: r.localizer.Text("team.name"), Type: "text", Value: name, Autocomplete: "off", MaxLength: directory.MaxName}
}

func (r *request) roleField(id, chosen string) page.Field {
	f := page.Field{ID: id, Name: "role", Label: r.localizer.Text("team.role")}
	for _, role := range []directory.Role{directory.OrdinaryMember, directory.BillingManager} {
		f.Options = append(f.Options, page.Option{Value: string(role), Text: r.localizer.role(role), Chosen: string(role) == chosen})
	}
	return f
}

func (r *request) addForm(add addValues, errs map[string]string) *addForm {
	form := &addForm{
		Email: page.Field{ID: "add-email", Name: "email", Label: r.localizer.Text("field.email"), Type: "email", Value: add.email, Error: errs["email"], Autocomplete: "off", Required: true},
		Name:  page.Field{ID: "add-name", Name: "name", Label: r.localizer.Text("team.name"), Type: "text", Value: add.name, Error: errs["name"], Autocomplete: "off", Optional: true, MaxLength: directory.MaxName},
		Role:  r.roleField("add-role", add.role),
	}
	form.Role.Error = errs["role"]
	return form
}

// addMember answers POST /{slug}/portal/team/add.
func (r *request) addMember() error {
	if err := r.requireTeamManager(); err != nil {
		return err
	}
	if r.PostForm.Get("name") == "" {
		r.PostForm.Del("name")
	}
	in, err := body.ReadCustomerPortalMemberCreate(body.FromForm(r.PostForm))
	if err == nil {
		var m directory.Member
		m, err = r.Directory.AddTeamMember(r.Context(), r.holder, directory.NewMember{Email: in.Email, Name: in.Name, Role: directory.Role(in.Role)})
		if err == nil {
			if err := r.Login.Invite(r.Context(), r.holder, m, r.localizer.Language); err != nil { // the member can sign in without it
				r.Log.Error("queueing the invitation of a team member failed; the mail is lost", "organization", r.org.Slug, "error", err)
			}
			return r.redirectWithNote("team", noteAdded, memberName(m))
		}
	}
	flaws, ok := r.fieldErrors(err)
	if !ok {
		return err
	}
	for name := range flaws {
		if name == "role" {
			flaws[name] = r.localizer.Text("team.refused")
		}
	}
	form := r.PostForm
	return r.showTeam(http.StatusUnprocessableEntity, 1, addValues{form.Get("email"), form.Get("name"), form.Get("role")}, flaws)
}

// changeMember answers POST /{slug}/portal/team/change, which changes a member's name and role. The settings page sends the form too,
// for the name of the member who is signed in.
func (r *request) changeMember() error {
	id, err := r.memberInForm()
	if err != nil {
		return err
	}
	in, err := body.ReadCustomerPortalMemberUpdate(body.FromForm(r.PostForm))
	if err != nil {
		return r.showTeamError(err)
	}
	change := directory.MemberChange{}
	if in.Role.Value != nil {
		role := directory.Role(*in.Role.Value)
		change.Role = &role
	}
	if in.Name.Value != nil {
		change.Name = directory.Patch[string]{Set: true, Value: in.Name.Value}
	}
	if change.Role != nil && *change.Role == directory.Owner {
		return page.ErrForm // a transfer needs the confirmation page
	}
	m, err := r.Directory.ChangeTeamMember(r.Context(), r.holder, id, change)
	if err != nil {
		return r.showTeamError(err)
	}
	next := "team"
	if r.PostForm.Get("page") == "settings" {
		next = "settings"
	}
	return r.redirectWithNote(next, noteChanged, memberName(m))
}

// confirmTransfer answers GET /{slug}/portal/team/transfer, and confirmRemove GET /{slug}/portal/team/remove.
func (r *request) confirmTransfer() error {
	return r.confirmMember(func(r *request, m directory.Member) error {
		proven, err := r.prove()
		switch {
		case err != nil:
			return err
		case !proven:
			return r.Redirect(proveLink(proveForTransfer, m.ID.String()))
		}
		return r.show(http.StatusOK, "confirm", r.transferView(m))
	})
}

func (r *request) confirmRemove() error {
	return r.confirmMember(func(r *request, m directory.Member) error { return r.show(http.StatusOK, "confirm", r.removeView(m)) })
}

func (r *request) confirmMember(ask func(*request, directory.Member) error) error {
	if err := r.requireTeamManager(); err != nil {
		return err
	}
	id, err := body.PathUUID("member", r.URL.Query().Get("member"))
	if err != nil {
		return page.ErrNoPage
	}
	m, err := r.Directory.Member(r.Context(), r.holder.Customer, token.ID(id))
	if err != nil {
		return r.showTeamError(err)
	}
	return ask(r, m)
}

func (r *request) transferView(m directory.Member) view {
	shown := r.newView(r.localizer.Text("team.transfer.title"))
	shown.Path = "team/transfer"
	shown.Page = confirmPage{
		Text: r.localizer.Text("team.transfer.text", "Who", shorten(memberName(m))), Submit: r.localizer.Text("team.transfer.submit"), Member: m.ID.String(),
	}
	return shown
}

func (r *request) removeView(m directory.Member) view {
	shown := r.newView(r.localizer.Text("team.remove.title"))
	shown.Path = "team/remove"
	shown.Page = confirmPage{
		Text: r.localizer.Text("team.remove.text", "Who", shorten(memberName(m))), Submit: r.localizer.Text("team.remove.submit"), Member: m.ID.String(), Danger: true,
	}
	return shown
}

// transfer answers POST /{slug}/portal/team/transfer. The change of role may end the former owner's sessions.
func (r *request) transfer() error {
	id, err := r.memberInForm()
	if err != nil {
		return err
	}
	proven, err := r.prove()
	switch {
	case err != nil:
		return err
	case !proven: // the proof has expired since the page was opened
		return r.Redirect(proveLink(proveForTransfer, id.String()))
	}
	owner := directory.Owner
	m, err := r.Directory.ChangeTeamMember(r.Context(), r.holder, id, directory.MemberChange{Role: &owner})
	if err != nil {
		return r.showTeamError(err)
	}
	if err := r.signInWith(r.token); fault.Is(err, fault.InvalidToken) {
		r.deleteSession()
		r.memory.Email = page.OrEmpty(r.holder.Email())
		return r.redirectWithNote("request", noteSignInAgain)
	}
	return r.redirectWithNote("team", noteTransferred, memberName(m))
}

// removeMember answers POST /{slug}/portal/team/remove.
func (r *request) removeMember() error {
	id, err := r.memberInForm()
	if err != nil {
		return err
	}
	m, err := r.Directory.Member(r.Context(), r.holder.Customer, id)
	if err == nil {
		err = r.Directory.RemoveTeamMember(r.Context(), r.holder, id)
	}
	if err != nil {
		return r.showTeamError(err)
	}
	return r.redirectWithNote("team", noteRemoved, memberName(m))
}

// requireTeamManager returns an error if the customer has no team, or the member's role does not allow changing it.
func (r *request) requireTeamManager() error {
	if !r.inTeam() {
		return page.ErrNoPage
	}
	return directory.ManageTeam(r.holder)
}

// memberInForm returns the ID of the member that the form names.
func (r *request) memberInForm() (token.ID, error) {
	if err := r.requireTeamManager(); err != nil {
		return token.ID{}, err
	}
	id, err := body.PathUUID("member", r.PostForm.Get("member"))
	if err != nil {
		return token.ID{}, page.ErrForm.Because(err)
	}
	return id, nil
}

// showTeamError shows the team again if another client has changed the team or a rule forbids the change.
func (r *request) showTeamError(err error) error {
	switch {
	case fault.Is(err, fault.NotFound):
		return r.redirectWithNote("team", noteNoMember)
	case fieldsOf(err) != nil:
		return r.showTeam(http.StatusUnprocessableEntity, 1, addValues{role: string(directory.OrdinaryMember)}, map[string]string{"": r.localizer.Text("team.refused")})
	}
	return err
}

// memberName returns a member's name, or the email address if there is no name.
func memberName(m directory.Member) string {
	if name := page.OrEmpty(m.Name); name != "" {
		return name
	}
	return page.OrEmpty(m.Email)
}
