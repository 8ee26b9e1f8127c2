package openapi

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

var (
	//go:embed page.html
	pageText string
	//go:embed style.css
	style []byte
)

// Style returns the stylesheet of [Page], which must be served as docs/style.css.
func Style() []byte { return bytes.Clone(style) }

// Page returns the document as HTML. Its examples call publicURL, or https://postern.example.com if publicURL is empty. The
// links to openapi.json and docs/style.css are relative. The page has no scripts, fonts or images, so it can be served with the
// policy "default-src 'none'; style-src 'self'". Each call renders the page again, so callers should cache the result.
func Page(publicURL string) []byte {
	var b bytes.Buffer
	if err := layout().Execute(&b, view(parsed(), publicURL)); err != nil {
		panic(err) // document and template are embedded, and a test renders them
	}
	return b.Bytes()
}

var layout = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page").Funcs(template.FuncMap{"prose": prose, "anchor": anchor}).Parse(pageText))
})

// page is the data of page.html.
type page struct {
	*document
	// Headers holds the parameters that many operations share.
	Headers []parameter
	Groups  []*group
}

// group is a tag with its operations.
type group struct {
	Name, Description string
	Operations        []shown
}

// shown is the data of one operation.
type shown struct {
	*operation
	Method, Path string
	Callers      []caller
	// Own holds the parameters of the operation, except for the shared headers.
	Own []parameter
	// Bodies holds the alternative schemas of the body, usually one.
	Bodies []ordered[schema]
	// Answers holds the successes, and Failures the errors.
	Answers, Failures []answer
	Curl              string
}

type caller struct {
	Name   string
	Scopes []string
}

type answer struct {
	Status            int
	Text, Description string
	ContentType       string
	Schema            *schema
	Example           string
}

func view(d *document, publicURL string) page {
	p := page{document: d}
	for _, shared := range d.Components.Parameters {
		p.Headers = append(p.Headers, shared.Value)
	}
	groups := map[string]*group{}
	for _, tag := range d.Tags {
		g := &group{Name: tag.Name, Description: tag.Description}
		groups[tag.Name], p.Groups = g, append(p.Groups, g)
	}
	for i := range d.Paths {
		path := &d.Paths[i]
		for method, op := range path.Value.operations() {
			s := d.show(method, path.Name, &path.Value, op)
			s.Curl = curl(publicURL, s)
			for _, tag := range op.Tags {
				groups[tag].Operations = append(groups[tag].Operations, s)
			}
		}
	}
	return p
}

func (d *document) show(method, path string, item *pathItem, op *operation) shown {
	s := shown{operation: op, Method: method, Path: path}
	for _, kind := range op.Security {
		for _, scheme := range kind {
			s.Callers = append(s.Callers, caller{scheme.Name, scheme.Value})
		}
	}
	params, _ := d.parametersOf(item, op)
	s.Own = slices.DeleteFunc(params, d.shares)
	if op.RequestBody != nil {
		s.Bodies = d.bodies("", op.RequestBody.sent().Value.Schema)
	}
	for _, r := range op.Responses {
		a := d.answer(r)
		if a.Status < http.StatusBadRequest {
			s.Answers = append(s.Answers, a)
		} else {
			s.Failures = append(s.Failures, a)
		}
	}
	return s
}

// shares reports whether the parameter is a shared header.
func (d *document) shares(p parameter) bool {
	return slices.ContainsFunc(d.Components.Parameters, func(e entry[parameter]) bool { return e.Value.Name == p.Name })
}

func (d *document) answer(e entry[response]) answer {
	r, _ := resolve(d.Components.Responses, e.Value, e.Value.Ref)
	status, _ := strconv.Atoi(e.Name)
	a := answer{Status: status, Text: http.StatusText(status), Description: r.Description}
	for i := range r.Content {
		m := &r.Content[i]
		a.ContentType, a.Schema, a.Example = m.Name, &m.Value.Schema, indented(m.Value.Example)
	}
	return a
}

// bodies returns the alternatives of a schema with their names.
func (d *document) bodies(name string, s schema) []ordered[schema] {
	if s.Ref != "" {
		name = s.Name()
		s, _ = resolve(d.Components.Schemas, s, s.Ref)
	}
	if len(s.Union()) == 0 {
		return []ordered[schema]{{{name, s}}}
	}
	var all []ordered[schema]
	for _, one := range s.Union() {
		all = append(all, d.bodies("", one)...)
	}
	return all
}

var code = regexp.MustCompile("`([^`]+)`")

// prose converts text with `code` and empty lines between paragraphs to HTML.
func prose(text string) template.HTML {
	var b strings.Builder
	for paragraph := range strings.SplitSeq(text, "\n\n") {
		b.WriteString("<p>" + code.ReplaceAllString(template.HTMLEscapeString(paragraph), "<code>$1</code>") + "</p>")
	}
	// #nosec G203 -- The text is escaped above.
	return template.HTML(b.String())
}

var notInAnchors = regexp.MustCompile(`[^A-Za-z0-9]+`)

// anchor returns the id of an element for a name.
func anchor(name string) string { return notInAnchors.ReplaceAllString(name, "-") }
