package polar

import (
	"bytes"
	"encoding/json"
	"strings"
)

// Metadata holds an organization's own values for a customer or a session: strings, numbers and booleans by name. In a
// response, whole numbers are int64, or json.Number if they are too large for that, so that they keep all their digits. Other numbers are
// float64.
type Metadata map[string]any

// UnmarshalJSON decodes a JSON object. JSON null becomes a nil map.
func (m *Metadata) UnmarshalJSON(b []byte) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var values map[string]any
	if err := d.Decode(&values); err != nil {
		return err
	}
	for name, value := range values {
		n, ok := value.(json.Number)
		if !ok {
			continue
		}
		if whole, err := n.Int64(); err == nil {
			values[name] = whole
			continue
		}
		if !strings.ContainsAny(n.String(), ".eE") {
			continue
		}
		float, err := n.Float64()
		if err != nil {
			return err
		}
		values[name] = float
	}
	*m = values
	return nil
}
