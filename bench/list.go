package main

import (
	"context"
	"fmt"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/store"
)

const (
	manyCustomers = 1_000_000
	// customersAtOnce is how many customers a statement makes: fewer than what takes a database its time.
	customersAtOnce = 5_000
	listRounds      = 9
	deepPage        = 10_000
)

// listing compares a page of customers far into a list of a million with its first page: of short pages, the one in the
// list's first tenth; of long ones, the last of all.
func listing() ([]result, error) { return onGrounds((*ground).listing) }

func (g *ground) listing(ctx context.Context) ([]result, error) {
	h, err := g.house(ctx)
	if err != nil {
		return nil, err
	}
	defer h.store.Close()
	if err := h.manyCustomers(ctx); err != nil {
		return nil, err
	}
	var results []result
	for _, p := range []struct{ limit, number int }{{10, deepPage}, {100, deepPage / 2}, {100, deepPage}} {
		deep, first, ratio, err := h.pages(ctx, p.limit, p.number)
		if err != nil {
			return nil, err
		}
		results = append(results, result{
			Name:  fmt.Sprintf("%s, page %d of a million customers, limit %d, ms; floor: page 1", g.engine, p.number, p.limit),
			Value: deep, Floor: first, Ratio: ratio, Better: "lower",
		})
	}
	return results, nil
}

// pages is what the page costs and what the first one does, in milliseconds.
func (h *house) pages(ctx context.Context, limit, number int) (deep, first, ratio float64, err error) {
	var deeps, firsts, ratios []float64
	for range listRounds {
		f, err := h.page(ctx, limit, 1)
		if err != nil {
			return 0, 0, 0, err
		}
		d, err := h.page(ctx, limit, number)
		if err != nil {
			return 0, 0, 0, err
		}
		deeps, firsts, ratios = append(deeps, d), append(firsts, f), append(ratios, d/f)
	}
	return median(deeps), median(firsts), median(ratios), nil
}

func (h *house) page(ctx context.Context, limit, number int) (ms float64, err error) {
	began := time.Now()
	page, total, err := h.store.Customers(ctx, directory.CustomerQuery{
		Organization: h.org.ID.Key(), Sort: []directory.Sort{{By: "created_at", Descending: true}}, Page: directory.Page{Number: number, Limit: limit},
	})
	took := time.Since(began)
	if err == nil && (total <= manyCustomers || len(page) != limit) {
		err = fmt.Errorf("page %d has %d customers of %d", number, len(page), total)
	}
	return float64(took.Microseconds()) / 1000, err
}

// manyCustomers makes them beside the API, which would take an hour.
func (h *house) manyCustomers(ctx context.Context) error {
	for from := 0; from < manyCustomers; from += customersAtOnce {
		err := h.store.Write(ctx, func(tx *store.Tx) error {
			return tx.Exec(ctx, `WITH RECURSIVE n (i) AS (SELECT CAST($2 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i + 1 < $3)
				INSERT INTO customers (key, tail, organization, type, external_id, email, email_folded, email_verified, metadata, search,
				generation, created_at)
				SELECT 1000 + i, 0, $1, 'individual', 'user_' || i, 'c' || i || '@example.com', 'c' || i || '@example.com', $4, '{}', 'c' || i || '@example.com',
				0, 1700000000000000 + i FROM n`, h.org.ID.Key(), from, from+customersAtOnce, false)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
