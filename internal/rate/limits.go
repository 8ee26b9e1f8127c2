package rate

import "time"

// Bucket is what is counted. Each bucket has a [Rate].
type Bucket uint8

// The buckets. The requests of a caller count in one of the first four; package web decides for whom.
const (
	// Default counts requests under /v1 that count in no other bucket.
	Default Bucket = iota
	// Pending replaces Default for bearer tokens that are not verified yet.
	Pending
	// Login counts requests for login codes and attempts to log in, by the client's address.
	Login
	// LoginOrganization replaces Login for callers with an organization's access token.
	LoginOrganization
	// EmailUpdate counts requests for a new email address, and attempts to confirm one.
	EmailUpdate
	// CodeAddress counts wrong login codes of callers that showed that they asked for a code for an address, by that address.
	CodeAddress
	// CodeOrganization counts wrong login codes by organization. The codes of the organization's access tokens have
	// one count, and the codes of other callers on its pages have another.
	CodeOrganization
	// CodeServer counts the wrong login codes of all callers that cannot show that they asked for a code.
	CodeServer
	// MailRecipient, MailOrganization and MailServer count mails: to one address, in the name of one organization, and all.
	MailRecipient
	MailOrganization
	MailServer

	// These buckets count Login and EmailUpdate for networks of addresses. Their rates are multiples of the rates of
	// addresses; see networkFactor.
	LoginIPv4Net
	LoginIPv6Net56
	LoginIPv6Net48
	EmailUpdateIPv4Net
	EmailUpdateIPv6Net56
	EmailUpdateIPv6Net48

	// FailedToken counts bearer tokens that authentication refused, by the client's address and networks.
	FailedToken
	FailedTokenIPv4Net
	FailedTokenIPv6Net56
	FailedTokenIPv6Net48
	// FailedTokenOrganization replaces FailedToken for addresses that use an organization's access token.
	FailedTokenOrganization

	buckets = iota
)

// String returns the name of the bucket in --rate-limits and in metrics. The name of a bucket of networks is that of
// its addresses with "-network".
func (b Bucket) String() string {
	return [buckets]string{
		Default: "default", Pending: "pending", Login: "login", LoginOrganization: "login-organization", EmailUpdate: "email-update",
		CodeAddress: "code-address", CodeOrganization: "code-organization", CodeServer: "code-server",
		MailRecipient: "mail-recipient", MailOrganization: "mail-organization", MailServer: "mail-server",
		LoginIPv4Net: "login-network", LoginIPv6Net56: "login-network", LoginIPv6Net48: "login-network",
		EmailUpdateIPv4Net: "email-update-network", EmailUpdateIPv6Net56: "email-update-network", EmailUpdateIPv6Net48: "email-update-network",
		FailedToken: "failed-token", FailedTokenOrganization: "failed-token-organization",
		FailedTokenIPv4Net: "failed-token-network", FailedTokenIPv6Net56: "failed-token-network", FailedTokenIPv6Net48: "failed-token-network",
	}[b]
}

// Networks holds the buckets of the networks that contain an address: an IPv4 /24, an IPv6 /56 and an IPv6 /48.
type Networks struct{ IPv4, IPv6Net56, IPv6Net48 Bucket }

// NetworksOf returns the buckets of networks for a bucket of addresses. It reports false if networks do not count in the bucket.
func NetworksOf(b Bucket) (Networks, bool) {
	switch b {
	case Login:
		return Networks{LoginIPv4Net, LoginIPv6Net56, LoginIPv6Net48}, true
	case EmailUpdate:
		return Networks{EmailUpdateIPv4Net, EmailUpdateIPv6Net56, EmailUpdateIPv6Net48}, true
	case FailedToken:
		return Networks{FailedTokenIPv4Net, FailedTokenIPv6Net56, FailedTokenIPv6Net48}, true
	}
	return Networks{}, false
}

// networkFactor is the rate of a network, as a multiple of the rate of one of its addresses. A network of a provider has many
// customers, but the owner of a network must not get the rate of each address. A network is not blocked.
var networkFactor = map[Bucket]struct {
	of    Bucket
	times uint32
}{
	LoginIPv4Net:         {Login, 10},
	LoginIPv6Net56:       {Login, 5},
	LoginIPv6Net48:       {Login, 20},
	EmailUpdateIPv4Net:   {EmailUpdate, 10},
	EmailUpdateIPv6Net56: {EmailUpdate, 5},
	EmailUpdateIPv6Net48: {EmailUpdate, 20},
	FailedTokenIPv4Net:   {FailedToken, 10},
	FailedTokenIPv6Net56: {FailedToken, 5},
	FailedTokenIPv6Net48: {FailedToken, 20},
}

// Limits holds the rates of buckets. A bucket that is missing has no limit. [Limits.Of] returns the rates of networks.
type Limits map[Bucket]Rate

// Of returns the rate of a bucket.
func (l Limits) Of(b Bucket) Rate {
	if network, ok := networkFactor[b]; ok {
		return l[network.of].times(network.times)
	}
	return l[b]
}

// Limited reports whether any bucket has a limit.
func (l Limits) Limited() bool {
	for _, r := range l {
		if r.Limited() {
			return true
		}
	}
	return false
}

// Production returns the default limits. Default, Login and EmailUpdate are those of Polar's production server.
func Production() Limits {
	guarded := Rate{Minute: 6, Hour: 12, Block: 900 * time.Second}
	return Limits{
		Default: {Minute: 500}, Pending: {Minute: 60}, Login: guarded, EmailUpdate: guarded,
		LoginOrganization: {Minute: 300, Hour: 6000},
		FailedToken:       {Minute: 300}, FailedTokenOrganization: {Minute: 10_000},
		CodeAddress:      {Hour: 100},
		CodeOrganization: {Hour: 1000},
		CodeServer:       {Minute: 1000, Hour: 30_000},
		MailRecipient:    {Hour: 20, Day: 100},
		MailOrganization: {Hour: 2000},
		MailServer:       {Hour: 20_000},
	}
}
