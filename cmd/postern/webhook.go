package main

import (
	"github.com/postern-go/postern/internal/server"
	"github.com/postern-go/postern/internal/webhook"
)

// webhooks holds the flags that limit the URLs of webhook endpoints.
type webhooks struct {
	WebhooksAllowHTTP     bool      `name:"webhooks-allow-http" help:"Allow webhook endpoints with http:// URLs."`
	WebhooksAllowNetworks []network `name:"webhooks-allow-networks" placeholder:"CIDR" help:"Private networks that webhook endpoints may be in, such as 10.0.0.0/8. By default, only public addresses are allowed."`
}

func (w webhooks) apply(c *server.Config) {
	c.Webhooks = webhook.Options{AllowHTTP: w.WebhooksAllowHTTP, AllowedNetworks: prefixes(w.WebhooksAllowNetworks)}
}
