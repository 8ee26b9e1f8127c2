package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/postern-go/postern/internal/audit"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/idempotency"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/internal/wirejson"
)

const (
	selectCustomer = `SELECT ` + customerColumns + ` FROM customers c JOIN organizations o ON o.key = c.organization`

	customerColumns = `c.key, c.tail, o.key, o.tail, c.type, c.external_id, c.email, c.email_verified, c.name, c.billing_name,
		c.billing_address, c.tax_id, c.locale, c.metadata, c.generation, c.created_at, c.modified_at,
		CASE WHEN c.email IS NULL THEN (SELECT f.email FROM members f WHERE f.customer = c.key AND f.role = 'owner' AND f.deleted_at IS NULL
			ORDER BY f.created_at, f.key LIMIT 1) END`

	// countCustomers sums the counts that triggers on customers maintain.
	countCustomers = `SELECT CAST(coalesce(sum(n), 0) AS BIGINT) FROM customer_counts WHERE organization = $1`

	customerByKey        = selectCustomer + ` WHERE c.key = $1 AND c.deleted_at IS NULL`
	customerByExternalID = selectCustomer + ` WHERE c.organization = $1 AND c.external_id = $2 AND c.deleted_at IS NULL`
)

// customerRow is the scan destination for a row of customerColumns.
type customerRow struct {
	directory.Customer
	own, org       uuid
	address, taxID *string
	metadata       string
	created        int64
	modified       sql.NullInt64
}

func (c *customerRow) dest() []any {
	return []any{&c.own.key, &c.own.tail, &c.org.key, &c.org.tail, &c.Type, &c.ExternalID, &c.Email, &c.EmailVerified, &c.Name,
		&c.BillingName, &c.address, &c.taxID, &c.Locale, &c.metadata, &c.Generation, &c.created, &c.modified,
		&c.OwnerEmail}
}

func (c *customerRow) customer() (directory.Customer, error) {
	var err error
	c.ID, c.Organization = c.own.id(), c.org.id()
	c.CreatedAt, c.ModifiedAt = instant(c.created), instantOrNil(c.modified)
	if c.BillingAddress, err = fromJSON[directory.Address](c.address); err != nil {
		return c.Customer, err
	}
	if c.TaxID, err = fromJSON[directory.TaxID](c.taxID); err != nil {
		return c.Customer, err
	}
	c.Metadata, err = metadataFrom(c.metadata)
	return c.Customer, err
}

func scanCustomer(r row) (directory.Customer, error) {
	var c customerRow
	if err := r.Scan(c.dest()...); err != nil {
		return c.Customer, err
	}
	return c.customer()
}

// InsertCustomer implements directory.Store.
func (s *Store) InsertCustomer(ctx context.Context, c directory.Customer, owner *directory.Member, claim *idempotency.Claim) (taken directory.Conflict, err error) {
	err = s.writeOnce(ctx, claim, func(tx *Tx) error {
		if taken, err = findConflict(ctx, tx, c); err != nil {
			return err
		}
		if taken != (directory.Conflict{}) {
			return errNothingMade
		}
		if err := insertCustomer(ctx, tx, c); err != nil {
			return err
		}
		if err := s.audit(ctx, tx, customerEvent(audit.CustomerCreated, c, audit.Details{})); err != nil || owner == nil {
			return err
		}
		return insertMember(ctx, tx, *owner)
	})
	return taken, orNil(err)
}

// findConflict returns whether another customer of the organization has the customer's email address or external id.
func findConflict(ctx context.Context, tx *Tx, c directory.Customer) (t directory.Conflict, err error) {
	err = tx.QueryRow(ctx, `SELECT
		EXISTS (SELECT 1 FROM customers WHERE organization = $1 AND email_folded = $2 AND deleted_at IS NULL AND key <> $4),
		EXISTS (SELECT 1 FROM customers WHERE organization = $1 AND external_id = $3 AND deleted_at IS NULL AND key <> $4)`,
		c.Organization.Key(), folded(c.Email), c.ExternalID, c.ID.Key()).Scan(&t.Email, &t.ExternalID)
	return t, err
}

func insertCustomer(ctx context.Context, tx *Tx, c directory.Customer) error {
	args, err := customerArgs(c)
	if err != nil {
		return err
	}
	return tx.Exec(ctx, `INSERT INTO customers (key, type, external_id, email, email_folded, email_verified, name, billing_name,
		billing_address, tax_id, locale, metadata, search, generation, modified_at, deleted_at, folded, tail, organization, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)`,
		append(args, c.ID.Tail(), c.Organization.Key(), micros(c.CreatedAt))...)
}

func updateCustomer(ctx context.Context, tx *Tx, c directory.Customer) error {
	args, err := customerArgs(c)
	if err != nil {
		return err
	}
	return tx.Exec(ctx, `UPDATE customers SET type = $2, external_id = $3, email = $4, email_folded = $5, email_verified = $6, name = $7,
		billing_name = $8, billing_address = $9, tax_id = $10, locale = $11, metadata = $12, search = $13, generation = $14,
		modified_at = $15, deleted_at = $16, folded = $17 WHERE key = $1`, args...)
}

// customerArgs returns the key and the values of all columns that an update can change.
func customerArgs(c directory.Customer) ([]any, error) {
	address, err := toJSON(c.BillingAddress)
	if err != nil {
		return nil, err
	}
	taxID, err := toJSON(c.TaxID)
	if err != nil {
		return nil, err
	}
	return []any{
		c.ID.Key(), string(c.Type), c.ExternalID, c.Email, folded(c.Email), c.EmailVerified, c.Name, c.BillingName, address, taxID, c.Locale,
		metadataText(c.Metadata), search(c), int64(c.Generation), microsOrNull(c.ModifiedAt), microsOrNull(c.DeletedAt),
		foldedText(c),
	}, nil
}

// search returns the text in which substring searches look for a match. This package converts the text to lower case, because
// the engines convert letters outside ASCII differently.
func search(c directory.Customer) string {
	var b strings.Builder
	for _, s := range []*string{c.Email, c.Name, c.BillingName} {
		if s != nil {
			b.WriteString(strings.ToLower(*s))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// Customer implements directory.Store.
func (s *Store) Customer(ctx context.Context, key token.Key) (directory.Customer, bool, error) {
	return find(s.queryRow(ctx, customerByKey, key), scanCustomer)
}

// CustomerByExternalID implements directory.Store.
func (s *Store) CustomerByExternalID(ctx context.Context, org token.Key, externalID string) (directory.Customer, bool, error) {
	return find(s.queryRow(ctx, customerByExternalID, org, externalID), scanCustomer)
}

// Customers implements directory.Store.
func (s *Store) Customers(ctx context.Context, q directory.CustomerQuery) ([]directory.Customer, int, error) {
	var w where
	w.add(`c.organization = `, q.Organization)
	w.add(`c.deleted_at IS NULL`)
	if q.Email != nil {
		w.add(`c.email_folded = `, *folded(q.Email))
	}
	if q.Text != nil {
		position, text := s.dialect().position, w.arg(strings.ToLower(*q.Text)) // unlike LIKE, this function has no wildcards and no length limit
		w.add(`(` + position + `(c.search, ` + text + `) > 0 OR ` + position + `(lower(c.external_id), ` + text + `) = 1)`)
	}
	for _, name := range slices.Sorted(maps.Keys(q.Metadata)) {
		w.add(metadataHas(&w, s.dialect().position, name, q.Metadata[name]))
	}
	if q.Email == nil && q.Text == nil && len(q.Metadata) == 0 {
		w.countQuery = countCustomers
	}
	return list(ctx, s, q.Organization, scanCustomer, selectCustomer, w, `customers c`, `c`, q.Sort, q.Page)
}

// CustomersAfter implements directory.Store.
func (s *Store) CustomersAfter(ctx context.Context, org, after token.Key, limit int) (page []directory.Customer, err error) {
	var w where
	w.add(`c.organization = `, org)
	w.add(`c.deleted_at IS NULL`)
	err = s.scan(ctx, org, func(q querier) error {
		page, err = listAfter(ctx, q, scanCustomer, selectCustomer, w, `customers c`, `c`, []directory.Sort{{By: "created_at"}}, directory.Page{After: after, Limit: limit})
		return err
	})
	return page, err
}

// metadataHas returns a condition for customers whose metadata has one of the values, as text, under a name. The stored JSON has no
// spaces, and a quote within a string follows a backslash there, so the condition searches for the text of the field.
func metadataHas(w *where, position, name string, values []string) string {
	field := append(wirejson.AppendString(nil, name), ':')
	var found []string
	for _, value := range values {
		texts := [][]byte{wirejson.AppendString(nil, value)}
		if unquoted.MatchString(value) {
			texts = append(texts, []byte(value))
		}
		for _, text := range texts {
			// Few rows pass the first condition, which needs no copy of the text.
			inner := w.arg(string(field) + string(text))
			whole := w.arg("," + string(field) + string(text) + ",")
			found = append(found, position+`(c.metadata, `+inner+`) > 0 AND `+
				position+`(',' || substr(c.metadata, 2, length(c.metadata) - 2) || ',', `+whole+`) > 0`)
		}
	}
	return `(` + strings.Join(found, ` OR `) + `)`
}

// unquoted matches values that stored metadata can have without quotes.
var unquoted = regexp.MustCompile(`^(true|false|-?[0-9][-+.0-9a-zA-Z]*)$`)

// folded converts an email address to the form in which addresses are compared. It returns nil for nil.
func folded(email *string) *string {
	if email == nil {
		return nil
	}
	f := directory.FoldEmail(*email)
	return &f
}

// toJSON encodes a value as JSON. It returns nil for nil.
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

// metadataText returns metadata as JSON, or {} for nil. It preserves the difference between 1 and 1.0.
func metadataText(metadata map[string]any) string {
	if metadata == nil {
		return "{}"
	}
	return string(wirejson.Append(nil, metadata))
}

// metadataFrom parses stored metadata. A number without a fraction becomes an int64, or stays a json.Number if it is too large for that.
// Any other number becomes a float64.
func metadataFrom(text string) (map[string]any, error) {
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.UseNumber()
	metadata := map[string]any{}
	if err := d.Decode(&metadata); err != nil {
		return nil, err
	}
	for name, value := range metadata {
		if n, ok := value.(json.Number); ok {
			i, err := n.Int64()
			switch {
			case err == nil:
				metadata[name] = i
			case strings.ContainsAny(n.String(), ".eE"):
				f, err := n.Float64()
				if err != nil {
					return nil, err
				}
				metadata[name] = f + 0 // turns a negative zero into 0, as PostgreSQL's jsonb does
			}
		}
	}
	return metadata, nil
}
