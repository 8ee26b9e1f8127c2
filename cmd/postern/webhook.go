package main

import (
	"github.com/postern-go/postern/internal/server"
	"github.com/postern-go/postern/internal/webhook"
)

// webhooks are the flags that say where events may be sent.
type webhooks struct {
	WebhooksAllowHTTP     bool      `name:"webhooks-allow-http" help:"Let events be sent without TLS, to http:// URLs."`
	WebhooksAllowNetworks []network `name:"webhooks-allow-networks" placeholder:"CIDR" help:"Networks that are not public and to which events may be sent all the same, such as 10.0.0.0/8."`
}

func (w webhooks) apply(c *server.Config) {
	c.Webhooks = webhook.Options{AllowHTTP: w.WebhooksAllowHTTP, AllowedNetworks: prefixes(w.WebhooksAllowNetworks)}
}
