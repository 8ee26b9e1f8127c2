// Command client creates a session with the generated client and introspects it.
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"
	"time"

	"example.com/client/postern"
)

// server returns a client that sends the token.
func server(token string) *postern.ClientWithResponses {
	c, err := postern.NewClientWithResponses(os.Getenv("POSTERN_URL"), postern.WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
		r.Header.Set("Authorization", "Bearer "+token)
		return nil
	}))
	if err != nil {
		log.Fatal(err)
	}
	return c
}

func main() {
	ctx, merchant := context.Background(), server(os.Getenv("POSTERN_ACCESS_TOKEN"))
	created := create(ctx, merchant, "ada")
	if created.JSON201 == nil {
		log.Fatalf("%s: %s", created.Status(), created.Body)
	}
	customer, err := created.JSON201.Customer.AsCustomerIndividual()
	if err != nil || customer.Email != "ada@example.com" {
		log.Fatalf("the customer is %+v: %v", customer, err)
	}
	fmt.Println("ok create")

	introspected, err := server(created.JSON201.Token).CustomerPortalCustomerSessionIntrospectWithResponse(ctx, nil)
	if err != nil {
		log.Fatal(err)
	}
	if introspected.JSON200 == nil || !introspected.JSON200.ExpiresAt.After(time.Now()) {
		log.Fatalf("%s: %s", introspected.Status(), introspected.Body)
	}
	fmt.Println("ok introspect")

	if refused := create(ctx, merchant, "nobody"); refused.JSON422 == nil {
		log.Fatalf("%s: %s", refused.Status(), refused.Body)
	}
	fmt.Println("ok refuse")
	fmt.Println("done")
}

// create creates a session for the customer with the external id.
func create(ctx context.Context, c *postern.ClientWithResponses, customer string) *postern.CustomerSessionsCreateResponse {
	var body postern.CustomerSessionsCreateJSONRequestBody
	if err := body.FromCustomerSessionCustomerExternalIDCreate(postern.CustomerSessionCustomerExternalIDCreate{ExternalCustomerId: customer}); err != nil {
		log.Fatal(err)
	}
	answer, err := c.CustomerSessionsCreateWithResponse(ctx, nil, body)
	if err != nil {
		log.Fatal(err)
	}
	return answer
}
