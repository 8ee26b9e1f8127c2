package portal

import (
	"slices"
	"strings"

	"github.com/postern-go/postern/internal/body"
	"github.com/postern-go/postern/internal/page"
)

// stateNames are the names of the states of the US and of the provinces of Canada. Addresses use these names in every language.
var stateNames = map[string]map[string]string{
	"US": {
		"AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California", "CO": "Colorado", "CT": "Connecticut",
		"DE": "Delaware", "DC": "District of Columbia", "FL": "Florida", "GA": "Georgia", "HI": "Hawaii", "ID": "Idaho", "IL": "Illinois",
		"IN": "Indiana", "IA": "Iowa", "KS": "Kansas", "KY": "Kentucky", "LA": "Louisiana", "ME": "Maine", "MD": "Maryland",
		"MA": "Massachusetts", "MI": "Michigan", "MN": "Minnesota", "MS": "Mississippi", "MO": "Missouri", "MT": "Montana",
		"NE": "Nebraska", "NV": "Nevada", "NH": "New Hampshire", "NJ": "New Jersey", "NM": "New Mexico", "NY": "New York",
		"NC": "North Carolina", "ND": "North Dakota", "OH": "Ohio", "OK": "Oklahoma", "OR": "Oregon", "PA": "Pennsylvania",
		"RI": "Rhode Island", "SC": "South Carolina", "SD": "South Dakota", "TN": "Tennessee", "TX": "Texas", "UT": "Utah",
		"VT": "Vermont", "VA": "Virginia", "WA": "Washington", "WV": "West Virginia", "WI": "Wisconsin", "WY": "Wyoming",
	},
	"CA": {
		"AB": "Alberta", "BC": "British Columbia", "MB": "Manitoba", "NB": "New Brunswick", "NL": "Newfoundland and Labrador",
		"NT": "Northwest Territories", "NS": "Nova Scotia", "NU": "Nunavut", "ON": "Ontario", "PE": "Prince Edward Island",
		"QC": "Quebec", "SK": "Saskatchewan", "YT": "Yukon",
	},
}

// stateField is the input for the state of an address in one country. It is a select if Country has a list of states, and a text
// input if Country is "".
type stateField struct {
	Country string
	page.Field
}

// stateFieldIn returns the input for the state in a country. A value that is not on the list of states stays a text, so that the
// customer sees what is wrong.
func (l *localizer) stateFieldIn(country string, f page.Field) page.Field {
	codes := body.States(country)
	if codes == nil || f.Value != "" && !slices.Contains(codes, f.Value) {
		return f
	}
	names := stateNames[country]
	slices.SortFunc(codes, func(a, b string) int { return strings.Compare(names[a], names[b]) })
	f.Options = []page.Option{{Text: l.Text("field.state.choose")}}
	for _, code := range codes {
		f.Options = append(f.Options, page.Option{Value: code, Text: names[code], Chosen: code == f.Value})
	}
	return f
}

// stateFields returns the inputs that the script exchanges when the customer chooses another country.
func (l *localizer) stateFields(f page.Field) (all []stateField) {
	f.Value, f.Error = "", ""
	for _, country := range []string{"", "US", "CA"} {
		all = append(all, stateField{country, l.stateFieldIn(country, f)})
	}
	return all
}
