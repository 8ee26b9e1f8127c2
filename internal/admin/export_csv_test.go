package admin_test

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// rows reads an exported file.
func (p page) rows() [][]string {
	p.srv.T.Helper()
	if got := p.header.Get("Content-Type"); got != "text/csv; charset=utf-8; header=present" {
		p.srv.T.Errorf("%s has the type %q", p.asked, got)
	}
	rows, err := csv.NewReader(strings.NewReader(p.text)).ReadAll()
	if err != nil {
		p.srv.T.Fatalf("%s: %v", p.asked, err)
	}
	return rows
}

// A file has all rows that the filters of the page select, over several chunks, and no cell that a spreadsheet runs.
func TestExport(t *testing.T) {
	srv := newServer(t)
	for i := range 520 {
		srv.CreateCustomer(fmt.Sprintf(`"type":"individual","email":"c%03d@example.com","name":"Customer %03d"`, i, i))
	}
	srv.Advance(time.Second)
	evil := srv.CreateCustomer(`"type":"individual","email":"evil@example.com","name":"=HYPERLINK(\"https://evil.example\")","external_id":"-1"`)
	s := srv.session(evil)
	srv.Call(srv.Token, "DELETE", "/v1/customer-sessions/"+s.ID+"?reason=%2Bfraud", "", nil)
	b := srv.operator(srv.Token)
	p := b.get("/admin/customers.csv").is(http.StatusOK)
	if got := p.header.Get("Content-Disposition"); got != `attachment; filename="acme-customers-2026-10-01.csv"` {
		t.Errorf("the file is %q", got)
	}
	rows := p.rows()
	if len(rows) != 522 || strings.Join(rows[0], ",") != "id,type,external_id,email,name,created_at" {
		t.Fatalf("%d rows, %q", len(rows), rows[0])
	}
	if want := evil + `,individual,'-1,evil@example.com,'=HYPERLINK("https://evil.example"),2026-10-01T12:00:31Z`; strings.Join(rows[1], ",") != want {
		t.Errorf("the row is\n%q\nwant\n%q", rows[1], want)
	}
	if rows := b.get("/admin/customers.csv?q=customer+51&order=oldest").is(http.StatusOK).rows(); len(rows) != 11 || rows[1][4] != "Customer 510" {
		t.Errorf("the search has %q", rows)
	}
	if rows := b.get("/admin/sessions.csv?q=evil&state=revoked").is(http.StatusOK).rows(); len(rows) != 2 || rows[1][0] != s.ID || rows[1][1] != "revoked" || rows[1][10] != "'+fraud" {
		t.Errorf("the sessions are %q", rows)
	}
	if rows := b.get("/admin/sessions.csv").is(http.StatusOK).rows(); len(rows) != 1 {
		t.Errorf("the live sessions are %q", rows)
	}
	if rows := b.get("/admin/audit-log.csv?action=session.ended").is(http.StatusOK).rows(); len(rows) != 2 || rows[1][2] != "session.ended" || rows[1][8] != s.ID {
		t.Errorf("the entries are %q", rows)
	}
	b.get("/admin/sessions?q=evil&state=revoked&after=9").is(http.StatusOK, `href="/admin/sessions.csv?q=evil&amp;state=revoked"`)
}
