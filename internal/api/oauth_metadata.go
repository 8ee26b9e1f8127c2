package api

import (
	"net/http"
	"strings"
)

// oauthMetadata is the metadata of an authorization server (RFC 8414). Readers of OpenID Connect discovery get the same document.
// This server has no OAuth flow that issues tokens, so the document has no endpoint for one, and its lists of flows are empty.
type oauthMetadata struct {
	Issuer                       string   `json:"issuer"`
	IntrospectionEndpoint        string   `json:"introspection_endpoint"`
	IntrospectionEndpointMethods []string `json:"introspection_endpoint_auth_methods_supported"`
	RevocationEndpoint           string   `json:"revocation_endpoint"`
	RevocationEndpointMethods    []string `json:"revocation_endpoint_auth_methods_supported"`
	JWKSURI                      string   `json:"jwks_uri"`
	ScopesSupported              []string `json:"scopes_supported"`
	ResponseTypesSupported       []string `json:"response_types_supported"`
	GrantTypesSupported          []string `json:"grant_types_supported"`
	SubjectTypesSupported        []string `json:"subject_types_supported"`
	IDTokenSigningAlgorithms     []string `json:"id_token_signing_alg_values_supported"`
	ServiceDocumentation         string   `json:"service_documentation"`
}

// issuer returns the issuer identifier of this server, which is its public URL without a slash at the end.
func (a *api) issuer() string { return strings.TrimSuffix(a.PublicURL.String(), "/") }

// oauthMetadata handles GET /.well-known/oauth-authorization-server and GET /.well-known/openid-configuration.
func (a *api) oauthMetadata(c *call) error {
	methods, none := []string{"client_secret_basic", "client_secret_post"}, []string{}
	var scopes []string
	for _, s := range reads {
		scopes = append(scopes, string(s))
	}
	at := func(path string) string { return a.PublicURL.JoinPath(path).String() }
	c.Exchange.Header().Set("Cache-Control", "public, max-age=300")
	return c.answer(http.StatusOK, oauthMetadata{
		Issuer:                a.issuer(),
		IntrospectionEndpoint: at("/v1/oauth2/introspect"), IntrospectionEndpointMethods: methods,
		RevocationEndpoint: at("/v1/oauth2/revoke"), RevocationEndpointMethods: methods,
		JWKSURI: at("/v1/customer-portal/forward-auth/keys"), ScopesSupported: scopes,
		ResponseTypesSupported: none, GrantTypesSupported: none,
		SubjectTypesSupported: []string{"public"}, IDTokenSigningAlgorithms: none,
		ServiceDocumentation: at("/docs"),
	})
}
