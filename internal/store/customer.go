package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"strings"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/internal/wirejson"
)

const selectCustomer = `SELECT c.key, c.tail, o.key, o.tail, c.type, c.external_id, c.email, c.email_verified, c.name,
	c.billing_address, c.locale, c.metadata, c.created_at, c.modified_at
	FROM customers c JOIN organizations o ON o.key = c.organization`

func scanCustomer(r row) (c directory.Customer, err error) {
	var own, org uuid
	var address *string
	var metadata string
	var created int64
	var modified sql.NullInt64
	if err := r.Scan(&own.key, &own.tail, &org.key, &org.tail, &c.Type, &c.ExternalID, &c.Email, &c.EmailVerified, &c.Name,
		&address, &c.Locale, &metadata, &created, &modified); err != nil {
		return c, err
	}
	c.ID, c.Organization = own.id(), org.id()
	c.CreatedAt, c.ModifiedAt = instant(created), instantOrNil(modified)
	if c.BillingAddress, err = fromJSON[directory.Address](address); err != nil {
		return c, err
	}
	c.Metadata, err = metadataFrom(metadata)
	return c, err
}

// InsertCustomer is directory.Store's.
func (s *Store) InsertCustomer(ctx context.Context, c directory.Customer, owner *directory.Member) (taken directory.Taken, err error) {
	err = s.Write(ctx, func(tx *Tx) error {
		if taken, err = takenBy(ctx, tx, c); err != nil || taken != (directory.Taken{}) {
			return err
		}
		if err := insertCustomer(ctx, tx, c); err != nil || owner == nil {
			return err
		}
		return insertMember(ctx, tx, *owner)
	})
	return taken, err
}

func takenBy(ctx context.Context, tx *Tx, c directory.Customer) (t directory.Taken, err error) {
	err = tx.QueryRow(ctx, `SELECT
		EXISTS (SELECT 1 FROM customers WHERE organization = $1 AND email_folded = $2 AND deleted_at IS NULL),
		EXISTS (SELECT 1 FROM customers WHERE organization = $1 AND external_id = $3 AND deleted_at IS NULL)`,
		c.Organization.Key(), folded(c.Email), c.ExternalID).Scan(&t.Email, &t.ExternalID)
	return t, err
}

func insertCustomer(ctx context.Context, tx *Tx, c directory.Customer) error {
	metadata := []byte("{}")
	if c.Metadata != nil {
		metadata = wirejson.Append(nil, c.Metadata) // keeps 1.0 apart from 1
	}
	address, err := toJSON(c.BillingAddress)
	if err != nil {
		return err
	}
	return tx.Exec(ctx, `INSERT INTO customers (key, tail, organization, type, external_id, email, email_folded, email_verified,
		name, billing_address, locale, metadata, created_at, modified_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
		c.ID.Key(), c.ID.Tail(), c.Organization.Key(), c.Type, c.ExternalID, c.Email, folded(c.Email), c.EmailVerified,
		c.Name, address, c.Locale, string(metadata), micros(c.CreatedAt), microsOrNull(c.ModifiedAt))
}

// Customer is directory.Store's.
func (s *Store) Customer(ctx context.Context, key token.Key) (directory.Customer, bool, error) {
	return find(s.customer.QueryRowContext(ctx, key), scanCustomer)
}

// CustomerByExternalID is directory.Store's.
func (s *Store) CustomerByExternalID(ctx context.Context, org token.ID, externalID string) (directory.Customer, bool, error) {
	return find(s.customerByExternalID.QueryRowContext(ctx, org.Key(), externalID), scanCustomer)
}

// folded is what makes an address the same as another: done here, because engines disagree on letters outside ASCII.
func folded(email *string) *string {
	if email == nil {
		return nil
	}
	f := strings.ToLower(*email)
	return &f
}

// toJSON is nil for nil.
func toJSON[T any](v *T) (*string, error) {
	if v == nil {
		return nil, nil
	}
	b, err := json.Marshal(v)
	s := string(b)
	return &s, err
}

func fromJSON[T any](s *string) (*T, error) {
	if s == nil {
		return nil, nil
	}
	v := new(T)
	return v, json.Unmarshal([]byte(*s), v)
}

// metadataFrom reads numbers as what they were written as: 1 is an int64, 1.0 a float64.
func metadataFrom(text string) (map[string]any, error) {
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.UseNumber()
	metadata := map[string]any{}
	if err := d.Decode(&metadata); err != nil {
		return nil, err
	}
	for name, value := range metadata {
		if n, ok := value.(json.Number); ok {
			if i, err := n.Int64(); err == nil {
				metadata[name] = i
			} else if metadata[name], err = n.Float64(); err != nil {
				return nil, err
			}
		}
	}
	return metadata, nil
}
