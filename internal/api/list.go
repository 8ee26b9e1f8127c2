package api

import (
	"net/http"

	"github.com/postern-go/postern/internal/body"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/polar"
)

// query returns the parsed query of the request.
func (c *call) query() body.Query { return body.ParseQuery(c.URL.RawQuery) }

// own reports whether a filter by organization includes the caller's organization. An empty filter includes all organizations.
func (c *call) own(organizations [][16]byte) bool {
	for _, id := range organizations {
		if token.ID(id) == c.subject.organization.ID {
			return true
		}
	}
	return len(organizations) == 0
}

// noContent answers 204. As on Polar, the response has a Content-Type.
func (c *call) noContent() error {
	c.Exchange.Header()["Content-Type"] = contentTypeJSON
	c.WriteHeader(http.StatusNoContent)
	return nil
}

// pagingByKey is the value of the header Postern-Paging. The answer to a list request with the parameter after has the header, so that
// clients can tell a server that honors the parameter from one that ignores it, such as Polar's.
var pagingByKey = []string{"key"}

// answerList answers with a page of a list.
func answerList[D, W any](c *call, page []D, total int, p body.Paging, wire func(D) W) error {
	if p.After != nil {
		c.Exchange.Header()["Postern-Paging"] = pagingByKey
	}
	return c.answer(http.StatusOK, wireList(page, total, p, wire))
}

// after returns the key of the entry after which a list continues. It returns 0 if the request selects no position.
// No entry has the key 0 or 1. An id with the key 0 becomes the key 1, which is also before the oldest entry.
func after(p body.Paging) token.Key {
	if p.After == nil || token.ID(*p.After).IsZero() {
		return 0
	}
	return max(1, token.ID(*p.After).Key())
}

// directoryPage converts the paging of a list for package directory.
func directoryPage(p body.Paging) directory.Page {
	return directory.Page{Number: p.Page, Limit: p.Limit, After: after(p)}
}

// wireList returns a page of a list as a wire type.
func wireList[D, W any](page []D, total int, p body.Paging, wire func(D) W) polar.List[W] {
	list := polar.List[W]{Items: make([]W, len(page)), Pagination: polar.Pagination{TotalCount: total, MaxPage: (total + p.Limit - 1) / p.Limit}}
	for i, item := range page {
		list.Items[i] = wire(item)
	}
	return list
}

// sorts converts the order of a list for package directory.
func sorts(orders []body.Order) []directory.Sort {
	list := make([]directory.Sort, len(orders))
	for i, o := range orders {
		list[i] = directory.Sort{By: o.By, Descending: o.Descending}
	}
	return list
}
