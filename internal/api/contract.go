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

// contract is what the OpenAPI document says about a route, apart from prose. The server only uses body, to decide whether
// it reads one.
type contract struct {
	id string
	// body and query are readers of package body. A string names a component for a body that no reader of JSON reads. words
	// are the second argument of a reader that takes one.
	body, query any
	words       []string
	// status is that of a success, and answer a value of the wire type; nil is the JSON null.
	status int
	answer any
	// mediaType is that of an answer that is not JSON; "" with empty set is an answer without a body.
	mediaType string
	empty     bool
	// failures are the failures besides those that follow from the rest of the row. choice adds the 409 that lists customers.
	failures []fault.Code
	choice   bool
}

// operation begins a contract. The id is Polar's operationId if Polar has the operation.
func operation(id string) contract { return contract{id: id} }

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

// serves is for answers that are not JSON. content is a value of the wire type of the events of a stream, or nil.
func (c contract) serves(mediaType string, content any) contract {
	c.status, c.mediaType, c.answer = http.StatusOK, mediaType, content
	return c
}

func (c contract) fails(codes ...fault.Code) contract { c.failures = codes; return c }
func (c contract) offersChoice() contract             { c.choice = true; return c }

// Operation is a route as the generator of the OpenAPI document sees it.
type Operation struct {
	Method, Path, ID string
	// Schemes are the security schemes of which a caller needs one, and Scopes the scopes of which it needs one.
	Schemes, Scopes []string
	// Body and Query are readers of package body, or nil. Words are the second argument of a Body
	// that takes one. If Body is a string, it names a component; Form reports that the body is a form.
	Body, Query any
	Words       []string
	Form        bool
	Status      int
	// Answer is a value of the wire type of the answer. MediaType is "" for an answer without a body.
	Answer    any
	MediaType string
	Problems  []Problem
	// Choice is a value of the wire type that lists customers to choose from, or nil.
	Choice any
}

// Problem is an error answer.
type Problem struct {
	Status int
	// Class is the value of the field error, or "" for an answer that has none. Shape names the other field: "detail",
	// "error_description" or "". Component is set instead if the answer is a wire type.
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

// problems returns the error answers of a route: those that follow from what it asks of its caller and of the request, and
// those that its contract names.
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
	if len(r.access.scopes) > 0 && !slices.Contains(r.access.scopes, directory.CustomerPortalRead) { // every session has that
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
		codes = append(codes, fault.TooMany)
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
