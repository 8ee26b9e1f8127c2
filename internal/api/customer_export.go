package api

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/postern-go/postern/internal/body"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/wirejson"
)

// csv is the media type of an export.
const csv = "text/csv"

// exportColumns are Polar's.
var exportColumns = []string{
	"ID", "External ID", "Created At", "Email", "Name", "Tax ID", "Billing Address Line 1", "Billing Address Line 2", "Billing Address City",
	"Billing Address State", "Billing Address Zip", "Billing Address Country", "Metadata",
}

// exportCustomers handles GET /v1/customers/export. An error after the first page aborts the connection, so that a client does not
// mistake a part for the whole.
func (a *api) exportCustomers(c *call) error {
	in, err := body.ReadCustomerExport(c.query())
	if err != nil {
		return err
	}
	w := export{call: c, control: http.NewResponseController(c.Exchange), plain: a.StrictPolar}
	w.text = appendRecord(nil, exportColumns)
	if c.own(in.OrganizationIDs) {
		err = a.Directory.EachCustomer(c.Context(), c.subject.organization, w.page)
	} else {
		err = w.page(nil)
	}
	if err != nil && w.begun {
		c.Cause = err
		panic(http.ErrAbortHandler)
	}
	return err
}

// export is a response with comma-separated values.
type export struct {
	*call
	control *http.ResponseController
	// plain leaves texts as they are that spreadsheets run as formulas.
	plain, begun bool
	text         []byte
}

// page sends a page of customers, the first one after the names of the columns.
func (w *export) page(customers []directory.Customer) error {
	for i := range customers {
		w.text = appendRecord(w.text, w.record(&customers[i]))
	}
	if !w.begun {
		w.begun = true
		h := w.Exchange.Header()
		h.Set("Content-Type", csv+"; charset=utf-8")
		h.Set("Content-Disposition", "attachment; filename=polar-customers.csv")
		w.WriteHeader(http.StatusOK)
	}
	// Setting a deadline fails only in tests without a connection, which need no deadline.
	_ = w.control.SetWriteDeadline(time.Now().Add(writeTimeout))
	_, err := w.Exchange.Write(w.text)
	w.text = w.text[:0]
	if err == nil {
		err = w.control.Flush()
	}
	if err != nil {
		return errClientGone.Because(err)
	}
	return nil
}

// record returns the values of a customer, in the order of exportColumns.
func (w *export) record(c *directory.Customer) []string {
	address := directory.Address{}
	if c.BillingAddress != nil {
		address = *c.BillingAddress
	}
	record := []string{
		c.ID.String(), orEmpty(c.ExternalID), isoTime(c.CreatedAt), orEmpty(c.Email), orEmpty(c.Name), taxIDCell(c.TaxID),
		orEmpty(address.Line1), orEmpty(address.Line2), orEmpty(address.City), orEmpty(address.State), orEmpty(address.PostalCode), address.Country,
		metadataCell(c.Metadata),
	}
	if !w.plain {
		for i := range record {
			record[i] = withoutFormula(record[i])
		}
	}
	return record
}

// withoutFormula puts an apostrophe before a text that spreadsheets would run as a formula: customers choose their names and addresses.
// The last four characters are the wide forms of the first four.
func withoutFormula(text string) string {
	if first, _ := utf8.DecodeRuneInString(text); text != "" && strings.ContainsRune("=+-@\t\r\uff1d\uff0b\uff0d\uff20", first) {
		return "'" + text
	}
	return text
}

// appendRecord appends a line as Python's csv module writes it: values with a comma, a quote or a line break are in quotes.
func appendRecord(b []byte, record []string) []byte {
	for i, value := range record {
		if i > 0 {
			b = append(b, ',')
		}
		if !strings.ContainsAny(value, ",\"\r\n") {
			b = append(b, value...)
			continue
		}
		b = append(append(append(b, '"'), strings.ReplaceAll(value, `"`, `""`)...), '"')
	}
	return append(b, '\r', '\n')
}

// isoTime formats a time as Python's isoformat does: without a fraction if the microseconds are zero.
func isoTime(t time.Time) string {
	t = t.UTC()
	if t.Nanosecond()/1000 == 0 {
		return t.Format("2006-01-02T15:04:05+00:00")
	}
	return t.Format("2006-01-02T15:04:05.000000+00:00")
}

// taxIDCell formats a tax id as Polar does, which exports the Python value: ('FR61954506077', <TaxIDFormat.eu_vat: 'eu_vat'>).
func taxIDCell(t *directory.TaxID) string {
	if t == nil {
		return ""
	}
	return "('" + t.Value + "', <TaxIDFormat." + t.Format + ": '" + t.Format + "'>)"
}

// metadataCell formats metadata as Python's json.dumps does: with spaces after separators, and with ASCII characters only. It returns ""
// for no metadata.
func metadataCell(metadata map[string]any) string {
	if len(metadata) == 0 {
		return ""
	}
	names := make([]string, 0, len(metadata))
	for name := range metadata {
		names = append(names, name)
	}
	slices.SortFunc(names, wirejson.CompareNames)
	b := []byte{'{'}
	for i, name := range names {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = append(appendASCII(b, name), ": "...)
		switch value := metadata[name].(type) {
		case string:
			b = appendASCII(b, value)
		case float64:
			b = wirejson.AppendFloat(b, value)
		case int64:
			b = strconv.AppendInt(b, value, 10)
		case bool:
			b = strconv.AppendBool(b, value)
		case json.Number:
			b = append(b, value...)
		}
	}
	return string(append(b, '}'))
}

// appendASCII appends a JSON string in which all characters outside printable ASCII are escaped.
func appendASCII(b []byte, text string) []byte {
	return escapeASCII(b, wirejson.AppendString(nil, text))
}

// escapeASCII appends JSON and escapes the characters outside printable ASCII. White space between values stays as it is; in strings,
// wirejson has escaped all control characters.
func escapeASCII(b, text []byte) []byte {
	const hex = "0123456789abcdef"
	for _, r := range string(text) {
		switch {
		case r <= '~':
			b = append(b, byte(r))
			continue
		case r > 0xffff: // a surrogate pair
			r -= 0x10000
			high := 0xd800 + r>>10
			b = append(b, '\\', 'u', hex[high>>12&15], hex[high>>8&15], hex[high>>4&15], hex[high&15])
			r = 0xdc00 + r&0x3ff
		}
		b = append(b, '\\', 'u', hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
	}
	return b
}
