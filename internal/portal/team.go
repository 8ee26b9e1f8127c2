package portal

import (
	"net/http"
	"strconv"

	"github.com/postern-go/postern/internal/body"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/internal/web"
)

// membersPerPage is how many members are on one page.
const membersPerPage = 50

// team is /{slug}/portal/team. Everybody in a team sees it; owners and billing managers change it.
func (v *visit) team() error {
	number, err := strconv.Atoi(v.URL.Query().Get("page"))
	if err != nil || number < 1 || number > 1e6 {
		number = 1
	}
	return v.showTeam(http.StatusOK, number, addValues{role: string(directory.Plain)}, nil)
}

// addValues stand in the form that adds a member.
type addValues struct{ email, name, role string }

func (v *visit) showTeam(status, number int, add addValues, wrong map[string]string) error {
	if !v.inTeam() {
		return errNoPage
	}
	members, total, err := v.Directory.Members(v.Context(), directory.MemberQuery{
		Organization: v.org.ID.Key(), Customer: v.holder.Customer.ID.Key(), Sort: []directory.Sort{{By: "created_at"}},
		Page: directory.Page{Number: number, Limit: membersPerPage},
	})
	if err != nil {
		return err
	}
	shown := v.teamView(members, total, number, add, wrong)
	return v.show(status, "team", shown)
}

func (v *visit) teamView(members []directory.Member, total, number int, add addValues, wrong map[string]string) view {
	shown := v.frame(v.tongue.Text("team.title"))
	shown.Path = "team"
	manages := directory.ManageTeam(v.holder) == nil && !v.live.ReadOnly
	page := teamPage{Account: orEmpty(v.holder.Customer.Name), Total: total, Transfer: manages && v.holder.Member.Role == directory.Owner}
	for _, m := range members {
		page.Members = append(page.Members, v.teamMember(m, manages))
	}
	if last := (total + membersPerPage - 1) / membersPerPage; last > 1 {
		page.Pages = &pager{Page: number, Last: last, Previous: number - 1}
		if number < last {
			page.Pages.Next = number + 1
		}
	}
	if manages {
		page.Add = v.addForm(add, wrong)
		shown.Errors = wrongOf(page.Add.Email, page.Add.Name, page.Add.Role)
	}
	if text := wrong[""]; text != "" {
		shown.Errors = append(shown.Errors, flaw{Text: text})
	}
	shown.Page = page
	return shown
}

func (v *visit) teamMember(m directory.Member, manages bool) teamMember {
	id, email := m.ID.String(), orEmpty(m.Email)
	shown := teamMember{
		ID: id, Title: orEmpty(m.Name), Subtitle: email, Role: v.tongue.role(m.Role),
		You: m.ID == v.holder.Member.ID, Owner: m.Role == directory.Owner,
	}
	if shown.Title == "" {
		shown.Title, shown.Subtitle = email, ""
	}
	shown.Letter = initial(shown.Title)
	if !manages || shown.You || shown.Owner { // the owner stays until somebody else is, and nobody changes themselves
		return shown
	}
	shown.Name = field{ID: "name-" + id, Name: "name", Label: v.tongue.Text("team.name"), Type: "text", Value: orEmpty(m.Name), Autocomplete: "off", MaxLength: 256}
	roles := v.roleField("role-"+id, string(m.Role))
	shown.Roles = &roles
	return shown
}

func (v *visit) roleField(id, chosen string) field {
	f := field{ID: id, Name: "role", Label: v.tongue.Text("team.role")}
	for _, role := range []directory.Role{directory.Plain, directory.BillingManager} {
		f.Options = append(f.Options, option{string(role), v.tongue.role(role), string(role) == chosen})
	}
	return f
}

func (v *visit) addForm(add addValues, wrong map[string]string) *addForm {
	form := &addForm{
		Email: field{ID: "add-email", Name: "email", Label: v.tongue.Text("field.email"), Type: "email", Value: add.email, Error: wrong["email"], Autocomplete: "off", Required: true},
		Name:  field{ID: "add-name", Name: "name", Label: v.tongue.Text("team.name"), Type: "text", Value: add.name, Error: wrong["name"], Autocomplete: "off", Optional: true, MaxLength: 256},
		Role:  v.roleField("add-role", add.role),
	}
	form.Role.Error = wrong["role"]
	return form
}

// addMember is the form that adds a member.
func (v *visit) addMember() error {
	if err := v.managesTeam(); err != nil {
		return err
	}
	if v.PostForm.Get("name") == "" {
		v.PostForm.Del("name")
	}
	in, err := body.ReadCustomerPortalMemberCreate(body.FromForm(v.PostForm))
	if err == nil {
		var m directory.Member
		m, err = v.Directory.AddTeamMember(v.Context(), v.holder, directory.NewMember{Email: in.Email, Name: in.Name, Role: directory.Role(in.Role)})
		if err == nil {
			return v.leadWith("team", noteAdded, called(m))
		}
	}
	flaws, ok := v.flaws(err)
	if !ok {
		return err
	}
	for name := range flaws {
		if name == "role" {
			flaws[name] = v.tongue.Text("team.refused")
		}
	}
	form := v.PostForm
	return v.showTeam(http.StatusUnprocessableEntity, 1, addValues{form.Get("email"), form.Get("name"), form.Get("role")}, flaws)
}

// changeMember is the form for a member's name and role.
func (v *visit) changeMember() error {
	id, err := v.named()
	if err != nil {
		return err
	}
	in, err := body.ReadCustomerPortalMemberUpdate(body.FromForm(v.PostForm))
	if err != nil {
		return v.refuseTeam(err)
	}
	change := directory.MemberChange{}
	if in.Role.Value != nil {
		role := directory.Role(*in.Role.Value)
		change.Role = &role
	}
	if in.Name.Value != nil {
		change.Name = directory.Patch[string]{Given: true, Value: in.Name.Value}
	}
	if change.Role != nil && *change.Role == directory.Owner {
		return web.ErrForm // that is asked once more, on a page of its own
	}
	m, err := v.Directory.ChangeTeamMember(v.Context(), v.holder, id, change)
	if err != nil {
		return v.refuseTeam(err)
	}
	return v.leadWith("team", noteChanged, called(m))
}

// askToTransfer and askToRemove ask once more before something is done that cannot be undone.
func (v *visit) askToTransfer() error { return v.askAbout((*visit).transferView) }
func (v *visit) askToRemove() error   { return v.askAbout((*visit).removeView) }

func (v *visit) askAbout(ask func(*visit, directory.Member) view) error {
	if err := v.managesTeam(); err != nil {
		return err
	}
	id, err := body.PathUUID("member", v.URL.Query().Get("member"))
	if err != nil {
		return errNoPage
	}
	m, err := v.Directory.Member(v.Context(), v.holder.Customer, token.ID(id))
	if err != nil {
		return v.refuseTeam(err)
	}
	return v.show(http.StatusOK, "confirm", ask(v, m))
}

func (v *visit) transferView(m directory.Member) view {
	shown := v.frame(v.tongue.Text("team.transfer.title"))
	shown.Path = "team/transfer"
	shown.Page = confirmPage{
		Text: v.tongue.Text("team.transfer.text", "Who", short(called(m))), Submit: v.tongue.Text("team.transfer.submit"), Member: m.ID.String(),
	}
	return shown
}

func (v *visit) removeView(m directory.Member) view {
	shown := v.frame(v.tongue.Text("team.remove.title"))
	shown.Path = "team/remove"
	shown.Page = confirmPage{
		Text: v.tongue.Text("team.remove.text", "Who", short(called(m))), Submit: v.tongue.Text("team.remove.submit"), Member: m.ID.String(), Danger: true,
	}
	return shown
}

// transfer makes somebody else the owner. The sessions of the owner before may end with that.
func (v *visit) transfer() error {
	id, err := v.named()
	if err != nil {
		return err
	}
	owner := directory.Owner
	m, err := v.Directory.ChangeTeamMember(v.Context(), v.holder, id, directory.MemberChange{Role: &owner})
	if err != nil {
		return v.refuseTeam(err)
	}
	if err := v.identify(); fault.Is(err, fault.InvalidToken) {
		v.dropSession()
		v.memory.Email = orEmpty(v.holder.Email())
		return v.leadWith("request", noteSignInAgain)
	}
	return v.leadWith("team", noteTransferred, called(m))
}

// removeMember takes a member out of the team.
func (v *visit) removeMember() error {
	id, err := v.named()
	if err != nil {
		return err
	}
	m, err := v.Directory.Member(v.Context(), v.holder.Customer, id)
	if err == nil {
		err = v.Directory.RemoveTeamMember(v.Context(), v.holder, id)
	}
	if err != nil {
		return v.refuseTeam(err)
	}
	return v.leadWith("team", noteRemoved, called(m))
}

// managesTeam refuses those who have no team, and those whose role does not let them change it.
func (v *visit) managesTeam() error {
	if !v.inTeam() {
		return errNoPage
	}
	return directory.ManageTeam(v.holder)
}

// named is the member that a form is about.
func (v *visit) named() (token.ID, error) {
	if err := v.managesTeam(); err != nil {
		return token.ID{}, err
	}
	id, err := body.PathUUID("member", v.PostForm.Get("member"))
	if err != nil {
		return token.ID{}, web.ErrForm.Because(err)
	}
	return id, nil
}

// refuseTeam shows the team again, where somebody else has changed it meanwhile or a rule forbids the change.
func (v *visit) refuseTeam(err error) error {
	switch {
	case fault.Is(err, fault.NotFound):
		return v.leadWith("team", noteGone)
	case fieldsOf(err) != nil:
		return v.showTeam(http.StatusUnprocessableEntity, 1, addValues{role: string(directory.Plain)}, map[string]string{"": v.tongue.Text("team.refused")})
	}
	return err
}

// called is what a member goes by.
func called(m directory.Member) string {
	if name := orEmpty(m.Name); name != "" {
		return name
	}
	return orEmpty(m.Email)
}
