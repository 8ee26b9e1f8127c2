package api

import (
	"net/http"

	"github.com/postern-go/postern/internal/body"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/polar"
)

// query is the query of the request.
func (c *call) query() body.Query { return body.ParseQuery(c.URL.RawQuery) }

// own reports whether a filter by organizations lets the caller's own through; no filter lets all through.
func (c *call) own(organizations [][16]byte) bool {
	for _, id := range organizations {
		if token.ID(id) == c.subject.organization.ID {
			return true
		}
	}
	return len(organizations) == 0
}

// noContent is 204, which Polar answers with a content type all the same.
func (c *call) noContent() error {
	c.Exchange.Header()["Content-Type"] = contentTypeJSON
	c.WriteHeader(http.StatusNoContent)
	return nil
}

// wireList is a page of a list in the envelope that all lists have.
func wireList[D, W any](page []D, total int, p body.Paging, wire func(D) W) polar.List[W] {
	list := polar.List[W]{Items: make([]W, len(page)), Pagination: polar.Pagination{TotalCount: total, MaxPage: (total + p.Limit - 1) / p.Limit}}
	for i, item := range page {
		list.Items[i] = wire(item)
	}
	return list
}

// sorts is a sorting as the directory wants it.
func sorts(orders []body.Order) []directory.Sort {
	list := make([]directory.Sort, len(orders))
	for i, o := range orders {
		list[i] = directory.Sort{By: o.By, Descending: o.Descending}
	}
	return list
}
