package api

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/fault"
)

// polarTexts are the texts whose bytes Polar fixes.
var polarTexts = []string{
	"Not found", "Not Found", "Method Not Allowed", "Unauthorized", "Customer does not exist.", "Customer not found", "Member not found",
	"Invalid customer ID format", "There was an error parsing the body", "Invalid HTTP request received.", "A Content-Length header is required.",
	"Request body exceeded the maximum allowed size of %d bytes.", "Public key not found.", "Invalid signature.",
	"This customer session code is invalid or has expired.", "This email update request is invalid or has expired.",
	"Email changes are not enabled for this organization.", "Insufficient role for this operation",
	"Only owners and billing managers can access billing features.", "Member management is not enabled for this organization",
	"Member management is only available for team customers. Purchase a seat-based product to enable team features.",
	"Individual customers can only have one member (the owner). Upgrade to a team customer to add more members.",

	"Customer billing address cannot be reset to null once set.", "Customer external ID cannot be updated.", "Default payment method cannot be reset to null.",
	"Customer type cannot be downgraded from 'team' to 'individual'.", "A customer with this email address already exists.",
	"A customer with this external ID already exists.", "A member with this external ID already exists for this customer.",
	"A member with this email already exists for this customer.", "Cannot delete the only owner. Transfer ownership first.",
	"Cannot change role. Customer must have exactly one owner.", "Cannot add a member as owner. There must be exactly one owner.",
	"Cannot change the email of an individual customer's owner. Update the customer's email instead.", "You cannot modify your own role.",
	"You cannot remove yourself from the team.", "Only the owner can transfer ownership.", "Only individual customers can change their email.",
	"New email is the same as your current email.", "This email address is already in use.", "Country is required to validate tax ID.",
	"Invalid tax ID.", "Payment method not found.", "Setting organization_id is disallowed when using an organization token.",
	"Team customers must use member sessions. Create a customer session via the API with a member_id.",
	"The email address is too long before the @-sign (%d %s too many).", "Member does not exist for this customer.",
	"member_id is required for team customers.",
}

var (
	// remedy matches a text whose last sentence tells the caller what to do. "%s" is the remedy of directory.OverQuota.
	remedy = regexp.MustCompile(`(^|[.] )((Ask|Choose|Connect|Create|Delete|Enter|Remove|Repeat|Request|Revoke|Select|Send|Set|Sign|Type|Use) [^.]*(\.[^ .][^.]*)*\.|To [^.,]+, [a-z][^.]+\.|%s)$`)
	// rule matches a text that names what is accepted.
	rule = regexp.MustCompile(`\b(must|at most|at least|up to|needs|only|such as|%d seconds at most|%d to %d|0 to \d+|may be|is written)\b`)
)

// sources are the packages whose errors the API answers with.
var sources = []string{"api", "body", "directory", "idempotency", "leak", "login", "mail", "session", "slot", "store", "token", "web", "webhook"}

// Every error that the API shows says what to do, except where Polar fixes its text.
func TestErrorsSayWhatToDo(t *testing.T) {
	shown := shownCodes(t)
	checked := map[string]int{}
	check := func(at token.Position, kind, text string, ways ...*regexp.Regexp) {
		checked[kind]++
		if text == "" || slices.Contains(polarTexts, text) || slices.ContainsFunc(ways, func(r *regexp.Regexp) bool { return r.MatchString(text) }) {
			return
		}
		t.Errorf("%s: the error does not say what to do: %s", at, text)
	}
	for _, name := range sources {
		eachNode(t, filepath.Join("..", name), func(files *token.FileSet, n ast.Node) {
			switch n := n.(type) {
			case *ast.CallExpr:
				switch function := lastName(n.Fun); {
				case function == "New" && firstName(n.Fun) == "fault" && shown[lastName(n.Args[0])]:
					check(files.Position(n.Pos()), "fault", constantText(n.Args[1]), remedy)
				case function == "OverQuota":
					check(files.Position(n.Pos()), "quota", constantText(n.Args[3]), remedy)
				case (function == "refused" || function == "refusedID" || function == "invalid") && len(n.Args) > 1:
					check(files.Position(n.Pos()), "field", constantText(n.Args[1]), remedy, rule)
				}
			case *ast.KeyValueExpr:
				if name != "body" && lastName(n.Key) == "Msg" { // package body has the texts of Pydantic
					check(files.Position(n.Pos()), "field", constantText(n.Value), remedy, rule)
				}
			}
		})
	}
	if checked["fault"] < 40 || checked["quota"] < 2 || checked["field"] < 30 {
		t.Errorf("checked only %v", checked)
	}
}

// shownCodes returns the names of the codes whose message is part of the answer.
func shownCodes(t *testing.T) map[string]bool {
	t.Helper()
	shown := map[string]bool{}
	eachNode(t, "../fault", func(_ *token.FileSet, n ast.Node) {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || spec.Type == nil || lastName(spec.Type) != "Code" {
			return
		}
		a := answers[fault.Code(constantText(spec.Values[0]))]
		shown[spec.Names[0].Name] = a.dialect == named || a.dialect == bare || a.dialect == edge
	})
	return shown
}

// eachNode calls a function for every node of the files of a package, except for tests.
func eachNode(t *testing.T, dir string, visit func(*token.FileSet, ast.Node)) {
	t.Helper()
	files := token.NewFileSet()
	pattern, err := fs.Glob(os.DirFS(dir), "*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range pattern {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(files, filepath.Join(dir, name), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			visit(files, n)
			return true
		})
	}
}

// firstName and lastName return the names in a.b, and the name in a.
func firstName(e ast.Expr) string {
	if s, ok := e.(*ast.SelectorExpr); ok {
		return lastName(s.X)
	}
	return lastName(e)
}

func lastName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.SelectorExpr:
		return e.Sel.Name
	case *ast.Ident:
		return e.Name
	}
	return ""
}

// constantText returns the constant parts of a text: a literal, a sum of literals, or the format of fmt.Sprintf.
func constantText(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		if err != nil {
			return e.Value
		}
		return text
	case *ast.BinaryExpr:
		return constantText(e.X) + constantText(e.Y)
	case *ast.CallExpr:
		if lastName(e.Fun) == "Sprintf" {
			return constantText(e.Args[0])
		}
	}
	return ""
}
