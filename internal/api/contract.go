package api

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/polar"
)

// contract describes a route for the OpenAPI document, without prose. The server uses only the field body, to decide whether to
// read a body.
type contract struct {
	id string
	// body and query are functions of package body that read the request, such as body.ReadCustomerCreate. If no function reads
	// the body, body is the name of its schema. If the function body takes a second argument, words is that argument.
	body, query any
	words       []string
	// status is the status of a success. answer is a value of the wire type of its body; nil means the JSON null.
	status int
	answer any
	// mediaType is set if the body of a success is not JSON. empty is set if a success has no body.
	mediaType string
	empty     bool
	// failures lists the errors that do not follow from the other fields of the route. choice adds the 409 that lists the
	// customers of an email address.
	failures []fault.Code
	choice   bool
	// billing marks the rows of the table in package billing, which are not in the OpenAPI document and have no client method.
	billing bool
	// recent reports whether Polar added the operation after the version that strict mode follows.
	recent bool
}

// operation returns a contract with an operationId, which is Polar's if Polar has the operation.
func operation(id string) contract { return contract{id: id} }

func (c contract) absentInStrictMode() contract {
	c.recent = true
	return c
}

func (c contract) takes(body any, words ...string) contract {
	c.body, c.words = body, words
	return c
}

func (c contract) filters(query any) contract { c.query = query; return c }

func (c contract) returns(status int, answer any) contract {
	c.status, c.answer = status, answer
	return c
}

func (c contract) returnsNothing(status int) contract {
	c.status, c.empty = status, true
	return c
}

// serves sets the media type of a success that is not JSON. content is a value of the wire type of the events of a stream, or
// nil.
func (c contract) serves(mediaType string, content any) contract {
	c.status, c.mediaType, c.answer = http.StatusOK, mediaType, content
	return c
}

func (c contract) fails(codes ...fault.Code) contract { c.failures = codes; return c }
func (c contract) offersChoice() contract             { c.choice = true; return c }

// Operation describes a route for the generator of the OpenAPI document.
type Operation struct {
	Method, Path, ID string
	// Schemes and Scopes list alternatives: a caller needs a credential of one of the schemes, with one of the scopes.
	Schemes, Scopes []string
	// Body and Query are functions of package body that read the request, or nil. If Body takes a second argument, Words is
	// that argument. If Body is a string, it is the name of a schema. Form reports whether the body is a form.
	Body, Query any
	Words       []string
	Form        bool
	Status      int
	// Answer is a value of the wire type of a success. MediaType is empty if a success has no body.
	Answer    any
	MediaType string
	Problems  []Problem
	// Choice is a value of the wire type that lists customers to choose from, or nil.
	Choice any
}

// Problem describes an error response.
type Problem struct {
	Status int
	// Class is the value of the field "error", or empty if the response has no such field. Shape is the name of the other
	// field: "detail", "error_description" or empty. If the response has its own schema, Component names the schema and
	// replaces Class and Shape.
	Class, Shape, Component string
}

// Operations returns every route that the OpenAPI document describes.
func Operations() []Operation {
	a := &api{}
	var list []Operation
	for _, r := range append(a.table(), a.gitHubReports()) {
		if r.contract.id == "" {
			continue
		}
		c := r.contract
		o := Operation{
			Method: r.method, Path: r.path, ID: c.id, Body: c.body, Words: c.words, Query: c.query, Form: r.access.body == formBody,
			Status: c.status, Answer: c.answer, MediaType: cmp.Or(c.mediaType, "application/json"), Problems: r.problems(),
		}
		if c.empty {
			o.MediaType = ""
		}
		if c.choice {
			o.Choice = polar.CustomerSelectionRequired{}
		}
		for _, k := range r.access.subjects {
			switch {
			case k == ofOrganization:
				o.Schemes = append(o.Schemes, "oat")
			case r.access.members:
				o.Schemes = append(o.Schemes, "member_session")
			default:
				o.Schemes = append(o.Schemes, "customer_session", "member_session")
			}
		}
		for _, scope := range r.access.scopes {
			o.Scopes = append(o.Scopes, string(scope))
		}
		list = append(list, o)
	}
	return list
}

// problems returns the error responses of a route: the errors that follow from its requirements, and the errors that its
// contract lists.
func (r row) problems() []Problem {
	codes := slices.Concat(r.contract.failures, []fault.Code{fault.Unavailable, fault.NoRoute})
	switch {
	case r.access.body == formBody:
		codes = append(codes, fault.InvalidClient, fault.InvalidForm)
	case len(r.access.subjects) > 0:
		codes = append(codes, fault.Unauthenticated, fault.InvalidToken)
	default:
		codes = append(codes, fault.InvalidToken)
	}
	if len(r.access.scopes) > 0 && !slices.Contains(r.access.scopes, directory.CustomerPortalRead) { // every session has one of these scopes
		codes = append(codes, fault.InsufficientScope)
	}
	if r.method == http.MethodPost || r.method == http.MethodPatch {
		codes = append(codes, fault.LengthRequired, fault.TooLarge)
	}
	json := r.contract.body != nil && r.access.body == noBody
	if json {
		codes = append(codes, fault.Malformed)
	}
	if json || r.contract.query != nil || strings.Contains(r.path, "{") {
		codes = append(codes, fault.InvalidRequest)
	}
	if strings.HasPrefix(r.path, "/v1/") {
		codes = append(codes, fault.Busy) // fault.TooMany has the same status, and no body
	}
	var list []Problem
	if r.contract.choice {
		list = append(list, Problem{Status: http.StatusConflict, Component: "CustomerSelectionRequired"})
	}
	for _, code := range codes {
		p := Problem{Status: answers[code].status, Class: answers[code].class}
		switch answers[code].dialect {
		case named, edge, bare:
			p.Shape = "detail"
		case oauth:
			p.Shape = "error_description"
		case items:
			p.Class, p.Component = "", "ValidationProblem"
		}
		if !slices.Contains(list, p) {
			list = append(list, p)
		}
	}
	return list
}
