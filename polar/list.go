package polar

// List is one page of a list, as every list route answers.
type List[T any] struct {
	Items      []T        `json:"items"`
	Pagination Pagination `json:"pagination"`
}

// Pagination says how long a list is.
type Pagination struct {
	// TotalCount is how many entries there are on all pages.
	TotalCount int `json:"total_count"`
	// MaxPage is the number of the last page, counted from 1; 0 for an empty list.
	MaxPage int `json:"max_page"`
}
