package api

import (
	"net/http"

	"github.com/postern-go/postern/internal/body"
	"github.com/postern-go/postern/internal/idempotency"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/internal/wirejson"
)

// creation is a request that creates a T.
type creation[T any] struct {
	call *call
	wire func(T) []byte
	// once makes the request repeatable. It is nil if the request has no Idempotency-Key.
	once *idempotency.Once[T]
}

// create returns the creation of a request. wire converts the created object to its wire type. The error is a validation error of the
// header Idempotency-Key.
func create[T, W any](a *api, c *call, wire func(T) W) (creation[T], error) {
	m := creation[T]{call: c, wire: func(made T) []byte { return wirejson.Append(make([]byte, 0, 1024), wire(made)) }}
	key, err := body.ReadIdempotencyKey(c.Request.Header["Idempotency-Key"])
	if key != "" && err == nil {
		m.once = idempotency.New(a.Secrets, idempotency.Request{
			Scope: c.subject.key(), Route: c.Method + " " + c.Route(), Key: key, Text: c.URL.EscapedPath() + "\n" + string(c.raw), At: a.Now(),
		}, m.wire)
	}
	return m, err
}

// answer answers 201 with the created object, or with the answer of an earlier request with the same key. err is the error of the
// create.
func (m creation[T]) answer(made T, err error) error {
	answer, repeated, err := m.once.Answer(err)
	if err != nil {
		return err
	}
	if !repeated {
		answer = m.wire(made)
	}
	return m.call.send(http.StatusCreated, answer)
}

// key returns the key of the organization, or of the holder of the session.
func (s *subject) key() token.Key {
	switch {
	case s.kind == ofOrganization:
		return s.organization.ID.Key()
	case s.session.Member != 0:
		return s.session.Member
	}
	return s.session.Customer
}
