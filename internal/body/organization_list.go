package body

// OrganizationList is the query of GET /v1/organizations/.
type OrganizationList struct {
	Paging
	Sorting []Order
	// Slug is nil if it was not given.
	Slug *string
}

// ReadOrganizationList reads the query of the organization list. By default the oldest organizations come first.
func ReadOrganizationList(values Query) (OrganizationList, error) {
	q := openQuery(values)
	in := OrganizationList{
		Paging:  q.paging(),
		Sorting: q.sorting(Order{By: "created_at"}, "created_at", "slug", "name", "next_review_threshold", "days_in_status"),
		Slug:    q.text("slug"),
	}
	q.sortedPaging(in.Paging, in.Sorting)
	return result(in, q.object)
}

// AccessTokenList is the query of GET /v1/organization-access-tokens/.
type AccessTokenList struct {
	Paging
	Sorting []Order
	// OrganizationIDs selects the tokens of any of these organizations. It is nil if it was not given.
	OrganizationIDs [][16]byte
}

// ReadAccessTokenList reads the query of the list of access tokens. By default the oldest tokens come first.
func ReadAccessTokenList(values Query) (AccessTokenList, error) {
	q := openQuery(values)
	in := AccessTokenList{
		Paging:          q.paging(),
		Sorting:         q.sorting(Order{By: "created_at"}, "created_at", "comment", "last_used_at", "organization_id"),
		OrganizationIDs: q.uuids("organization_id"),
	}
	q.sortedPaging(in.Paging, in.Sorting)
	return result(in, q.object)
}
