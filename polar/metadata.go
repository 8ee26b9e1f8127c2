package polar

import (
	"bytes"
	"encoding/json"
)

// Metadata is what an organization noted about a customer or a session: strings, numbers and booleans under its own names. In an
// answer, a whole number is an int64, so that long ones keep all of their digits, and any other number a float64.
type Metadata map[string]any

// UnmarshalJSON reads an object; null makes it nil.
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
		float, err := n.Float64()
		if err != nil {
			return err
		}
		values[name] = float
	}
	*m = values
	return nil
}
