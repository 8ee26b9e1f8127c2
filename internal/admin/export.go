package admin

import (
	"encoding/csv"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/postern-go/postern/internal/audit"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/keyset"
	"github.com/postern-go/postern/internal/page"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

const (
	// maxExport is the maximum number of rows of an exported file.
	maxExport = 100_000
	// exportChunk is the number of rows that are read and sent at a time.
	exportChunk = 500
	// exportWait is the time that the client has to read one chunk.
	exportWait = 30 * time.Second
)

// exportLink returns the address of the list as a file, with the filters of the page.
func (r *request) exportLink() string {
	q := r.URL.Query()
	for _, name := range []string{"after", "before", "last"} {
		q.Del(name)
	}
	return withQuery(r.Base+"/"+r.Path+".csv", q)
}

// export sends a list as a CSV file, in chunks. If an error occurs after the first chunk, it aborts the connection, so that a part of
// the file does not look like all of it.
func export[T any](r *request, header []string, read func(keyset.Range) (keyset.Page[T], error), record func(T) []string) error {
	r.Path = strings.TrimSuffix(r.Path, ".csv")
	k := keyset.Range{Limit: exportChunk, Uncounted: true}
	p, err := read(k)
	if err != nil {
		return err
	}
	h := r.Exchange.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8; header=present")
	h.Set("Content-Disposition", `attachment; filename="`+r.org.Slug+"-"+r.Path+"-"+r.Now().UTC().Format("2006-01-02")+`.csv"`)
	r.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return nil
	}
	w, deadline := csv.NewWriter(r.Exchange), http.NewResponseController(r.Exchange)
	w.Write(header) // w.Error has the errors of all writes
	for rows := 0; ; {
		for _, row := range p.Rows {
			if rows++; rows > maxExport {
				w.Write([]string{"The file has at most " + formatNumber(maxExport) + " rows. Use filters to export the others."})
				p.Next = 0
				break
			}
			w.Write(safeCells(record(row)))
		}
		_ = deadline.SetWriteDeadline(time.Now().Add(exportWait)) // not supported by every ResponseWriter
		if w.Flush(); w.Error() != nil || p.Next == 0 {
			return nil // an error means that the client has disconnected
		}
		k.After = p.Next
		if p, err = read(k); err != nil {
			r.Exchange.Cause = err
			panic(http.ErrAbortHandler)
		}
	}
}

// safeCells puts an apostrophe before texts that a spreadsheet would run as a formula.
func safeCells(cells []string) []string {
	for i, cell := range cells {
		if first, _ := utf8.DecodeRuneInString(strings.TrimLeft(cell, " ")); strings.ContainsRune("=+-@\t\r\n＝＋－＠", first) {
			cells[i] = "'" + cell
		}
	}
	return cells
}

func exportTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func exportID(id token.ID) string {
	if id.IsZero() {
		return ""
	}
	return id.String()
}

// exportCustomers answers GET /admin/customers.csv.
func (r *request) exportCustomers() error {
	_, order := chosen(customerOrders, r.URL.Query().Get("order"))
	return export(r, []string{"id", "type", "external_id", "email", "name", "created_at"}, func(k keyset.Range) (keyset.Page[directory.Customer], error) {
		return r.findCustomers(directory.CustomerOrder(order), k)
	}, func(c directory.Customer) []string {
		return []string{c.ID.String(), string(c.Type), page.OrEmpty(c.ExternalID), customerEmail(c), page.OrEmpty(c.Name), exportTime(c.CreatedAt)}
	})
}

// exportSessions answers GET /admin/sessions.csv.
func (r *request) exportSessions() error {
	header := []string{"id", "state", "customer_id", "member_id", "created_at", "created_by", "created_ip", "last_used_at", "last_used_ip", "ends_at", "end_reason", "read_only", "impersonated"}
	return export(r, header, func(k keyset.Range) (keyset.Page[session.Entry], error) {
		q := r.sessionQuery()
		q.Range = k
		return r.findSessions(&q, &sessionTable{}, 0)
	}, func(e session.Entry) []string {
		end := e.EndsAt()
		if e.EndedAt != nil {
			end = *e.EndedAt
		}
		return []string{
			e.ID.String(), string(e.State(r.Now())), e.CustomerID.String(), exportID(e.MemberID), exportTime(e.CreatedAt), exportID(e.CreatorID), e.CreatedBy.IP,
			exportTime(e.LastUsedAt), e.LastUsedBy.IP, exportTime(end), string(e.EndReason), strconv.FormatBool(e.ReadOnly), strconv.FormatBool(e.Impersonated),
		}
	})
}

// exportAuditLog answers GET /admin/audit-log.csv.
func (r *request) exportAuditLog() error {
	header := []string{"id", "created_at", "action", "outcome", "actor_type", "actor_id", "ip_address", "target_type", "target_id", "customer_id", "member_id", "details"}
	q := r.auditQuery(&auditLogPage{})
	return export(r, header, func(k keyset.Range) (keyset.Page[audit.Entry], error) {
		return r.admin.audit.Browse(r.Context(), q, k)
	}, func(e audit.Entry) []string {
		return []string{
			e.ID.String(), exportTime(e.CreatedAt), string(e.Action), string(e.Outcome), string(e.Actor.Kind), exportID(e.ActorID), e.Actor.IP, string(e.Target.Kind),
			exportID(e.Target.ID), exportID(e.Customer), exportID(e.Member), e.Details,
		}
	})
}
