package polar

import "iter"

// Collect returns everything that an iterator yields, and the error at which it stopped. The result is nil if the
// iterator yields nothing. Use it for lists that fit into memory:
//
//	members, err := polar.Collect(client.Members.List(ctx, polar.MemberListParams{}))
//
// It does not return for an iterator that does not end, such as [CustomerSessionsService.FollowRevocations].
func Collect[T any](seq iter.Seq2[T, error]) ([]T, error) {
	var all []T
	for v, err := range seq {
		if err != nil {
			return all, err
		}
		all = append(all, v)
	}
	return all, nil
}
