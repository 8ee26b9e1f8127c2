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
	// customersAtOnce is the number of customers that one statement inserts. It must stay below the statement timeout.
	customersAtOnce = 5_000
	listRounds      = 9
	deepPage        = 10_000
)

// lists compares a late page of a list of a million customers with the first page.
func lists() ([]result, error) { return onEachEngine((*engine).lists) }

func (e *engine) lists(ctx context.Context) ([]result, error) {
	f, err := e.fixture(ctx)
	if err != nil {
		return nil, err
	}
	defer f.store.Close()
	if err := f.manyCustomers(ctx); err != nil {
		return nil, err
	}
	var results []result
	for _, p := range []struct{ limit, number int }{{10, deepPage}, {100, deepPage / 2}, {100, deepPage}} {
		deep, first, ratio, err := f.pages(ctx, p.limit, p.number)
		if err != nil {
			return nil, err
		}
		results = append(results, result{
			Name:  fmt.Sprintf("%s, page %d of a million customers, limit %d, ms; baseline: page 1", e.name, p.number, p.limit),
			Value: deep, Baseline: first, Ratio: ratio, Better: "lower",
		})
	}
	return results, nil
}

// pages returns the median times of the given page and of page 1, in milliseconds, and the median of their ratios.
func (f *fixture) pages(ctx context.Context, limit, number int) (deepMS, firstMS, ratio float64, err error) {
	var deeps, firsts, ratios []float64
	for range listRounds {
		first, err := f.page(ctx, limit, 1)
		if err != nil {
			return 0, 0, 0, err
		}
		deep, err := f.page(ctx, limit, number)
		if err != nil {
			return 0, 0, 0, err
		}
		deeps, firsts, ratios = append(deeps, deep), append(firsts, first), append(ratios, deep/first)
	}
	return median(deeps), median(firsts), median(ratios), nil
}

func (f *fixture) page(ctx context.Context, limit, number int) (ms float64, err error) {
	began := time.Now()
	page, total, err := f.store.Customers(ctx, directory.CustomerQuery{
		Organization: f.org.ID.Key(), Sort: []directory.Sort{{By: "created_at", Descending: true}}, Page: directory.Page{Number: number, Limit: limit},
	})
	took := time.Since(began)
	if err == nil && (total <= manyCustomers || len(page) != limit) {
		err = fmt.Errorf("page %d has %d of %d customers", number, len(page), total)
	}
	return float64(took.Microseconds()) / 1000, err
}

// manyCustomers inserts a million customers with SQL, because creating them through the API would take an hour.
func (f *fixture) manyCustomers(ctx context.Context) error {
	for from := 0; from < manyCustomers; from += customersAtOnce {
		err := f.store.Write(ctx, func(tx *store.Tx) error {
			return tx.Exec(ctx, `WITH RECURSIVE n (i) AS (SELECT CAST($2 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i + 1 < $3)
				INSERT INTO customers (key, tail, organization, type, external_id, email, email_folded, email_verified, metadata, search,
				generation, created_at)
				SELECT 1000 + i, 0, $1, 'individual', 'user_' || i, 'c' || i || '@example.com', 'c' || i || '@example.com', $4, '{}', 'c' || i || '@example.com',
				0, 1700000000000000 + i FROM n`, f.org.ID.Key(), from, from+customersAtOnce, false)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
