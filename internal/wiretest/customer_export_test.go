package wiretest_test

import (
	"encoding/csv"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/testserver"
)

const exportHeader = "ID,External ID,Created At,Email,Name,Tax ID,Billing Address Line 1,Billing Address Line 2,Billing Address City,Billing Address State," +
	"Billing Address Zip,Billing Address Country,Metadata\r\n"

// The export has Polar's columns and formats, which are those of Python. Strict mode has Polar's bytes for formulas too.
func TestCustomerExport(t *testing.T) {
	t.Parallel()
	for _, strict := range []bool{false, true} {
		srv := testserver.New(t, testserver.RateLimits("off"), func(o *testserver.Options) { o.StrictPolar = strict })
		const path = customers + "export"
		get := func(query string) testserver.Answer { return srv.As(srv.Token, "GET", path+query, "") }
		empty := get("")
		empty.Exactly(t, 200, exportHeader)
		empty.HasHeaders(t, map[string]string{
			"Content-Type": "text/csv; charset=utf-8", "Content-Disposition": "attachment; filename=polar-customers.csv", "Cache-Control": "private, no-store",
		})

		ada := srv.Create(customers, `{"email":"ada@example.com","name":"Zoë \"Z\", Ltd","external_id":"a","tax_id":"FR61954506077","metadata":{"plan":"é😀\n","n":1,"rate":0.5,"on":true,"big":1e-7},`+
			`"billing_address":{"line1":"1 rue","line2":"B","postal_code":"75001","city":"Paris","country":"FR"}}`)
		srv.Advance(880 * time.Millisecond) // to a whole second
		bob := srv.Create(customers, `{"email":"bob@example.com","name":"=HYPERLINK(1)","external_id":"+1"}`)
		team := srv.Create(customers, `{"type":"team","name":"a\nb","owner":{"email":"boss@example.com"}}`)
		gone := srv.Create(customers, `{"email":"gone@example.com"}`)
		srv.As(srv.Token, "DELETE", customers+gone.ID, "")
		want := exportHeader +
			ada.ID + `,a,2026-10-01T12:00:00.120000+00:00,ada@example.com,"Zoë ""Z"", Ltd","('FR61954506077', <TaxIDFormat.eu_vat: 'eu_vat'>)",1 rue,B,Paris,,75001,FR,` +
			`"{""n"": 1, ""on"": true, ""big"": 1e-07, ""plan"": ""\u00e9\ud83d\ude00\n"", ""rate"": 0.5}"` + "\r\n" +
			bob.ID + ",'+1,2026-10-01T12:00:01+00:00,bob@example.com,'=HYPERLINK(1),,,,,,,,\r\n" +
			team.ID + ",,2026-10-01T12:00:01+00:00,,\"a\nb\",,,,,,,,\r\n"
		if strict {
			want = strings.NewReplacer("'+1", "+1", "'=HYPER", "=HYPER").Replace(want)
		}
		get("").Exactly(t, 200, want)
		get("?organization_id="+srv.OrgID).Exactly(t, 200, want)
		get("?organization_id="+bob.ID).Exactly(t, 200, exportHeader)
		get("?organization_id=x").Is(t, 422, `"loc":["query","organization_id","uuid"]`)
		other := srv.CreateOrganization(testserver.NewOrganization{Slug: "other"})
		srv.As(other.AccessToken, "GET", path, "").Exactly(t, 200, exportHeader)
		// The path is an id for the other methods only.
		srv.As(srv.Token, "PATCH", path, `{}`).Is(t, 422, `"loc":["path","id"]`)
	}
}

// An export reads page by page, and has every customer once.
func TestCustomerExportOfManyPages(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	want := map[string]bool{}
	for i := range 1201 {
		want[srv.Create(customers, fmt.Sprintf(`{"email":"c%d@example.com"}`, i)).ID] = true
	}
	records, err := csv.NewReader(strings.NewReader(srv.As(srv.Token, "GET", customers+"export", "").Body)).ReadAll()
	if err != nil || len(records) != len(want)+1 {
		t.Fatalf("%d records, %v; want %d", len(records), err, len(want)+1)
	}
	for _, r := range records[1:] {
		if !want[r[0]] {
			t.Errorf("%s is unknown, or there twice", r[0])
		}
		delete(want, r[0])
	}
}
