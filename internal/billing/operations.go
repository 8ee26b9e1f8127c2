package billing

import (
	"github.com/postern-go/postern/internal/body"
	"github.com/postern-go/postern/internal/directory"
)

var (
	subscriptionsRead  = organization(directory.SubscriptionsRead, directory.SubscriptionsWrite)
	subscriptionsWrite = organization(directory.SubscriptionsWrite)
	productsRead       = organization(directory.ProductsRead, directory.ProductsWrite)
	productsWrite      = organization(directory.ProductsWrite)
	ordersRead         = organization(directory.OrdersRead)
	ordersWrite        = organization(directory.OrdersWrite)
	checkoutsRead      = organization(directory.CheckoutsRead, directory.CheckoutsWrite)
	checkoutsWrite     = organization(directory.CheckoutsWrite)
	licenseKeysRead    = organization(directory.LicenseKeysRead, directory.LicenseKeysWrite)
	licenseKeysWrite   = organization(directory.LicenseKeysWrite)
	customersRead      = organization(directory.CustomersRead, directory.CustomersWrite)
	eventsRead         = organization(directory.EventsRead, directory.EventsWrite)
	eventsWrite        = organization(directory.EventsWrite)
	metersRead         = organization(directory.MetersRead, directory.MetersWrite)
	metersWrite        = organization(directory.MetersWrite)
)

// Operations lists the operations: first those of organizations, then those of the customer portal. A route about an object that this
// server does not keep is described here and nowhere else. The table in docs/compatibility.md is generated from the list: after a
// change, run go test ./internal/billing -run TestDocumentation -update.
var Operations = []*Operation{
	{"GET", "/v1/subscriptions/", subscriptionsRead, query(body.SubscriptionList), emptyPage},
	{"POST", "/v1/subscriptions/", subscriptionsWrite, takes(body.SubscriptionCreate), noProduct},
	{"GET", "/v1/subscriptions/{id}", subscriptionsRead, Input{}, notFound},
	{"PATCH", "/v1/subscriptions/{id}", subscriptionsWrite, takes(body.SubscriptionUpdate), notFound},
	{"DELETE", "/v1/subscriptions/{id}", subscriptionsWrite, Input{}, notFound},
	{"GET", "/v1/benefit-grants/", organization(directory.BenefitsRead, directory.BenefitsWrite), query(body.BenefitGrantList), emptyPage},
	{"GET", "/v1/products/", productsRead, query(body.ProductList), emptyPage},
	{"POST", "/v1/products/", productsWrite, takes(body.ProductCreate), unlessOrganization(notKept)},
	{"GET", "/v1/products/{id}", productsRead, Input{}, notFound},
	{"PATCH", "/v1/products/{id}", productsWrite, takes(body.ProductUpdate), notFound},
	{"GET", "/v1/orders/", ordersRead, query(body.OrderList), emptyPage},
	{"POST", "/v1/orders/", ordersWrite, takes(body.OrderCreate), unlessOrganization(noProduct)},
	{"GET", "/v1/orders/{id}", ordersRead, Input{}, notFound},
	{"PATCH", "/v1/orders/{id}", ordersWrite, takes(body.OrderUpdate), notFound},
	{"POST", "/v1/orders/{id}/invoice", ordersRead, Input{}, notFound},
	{"GET", "/v1/orders/{id}/invoice", ordersRead, Input{}, notFound},
	{"GET", "/v1/checkouts/", checkoutsRead, query(body.CheckoutList), emptyPage},
	{"POST", "/v1/checkouts/", checkoutsWrite, takes(body.CheckoutCreate), noProduct},
	{"GET", "/v1/checkouts/{id}", checkoutsRead, Input{}, notFound},
	{"PATCH", "/v1/checkouts/{id}", checkoutsWrite, takes(body.CheckoutUpdate), notFound},
	{"GET", "/v1/license-keys/", licenseKeysRead, query(body.LicenseKeyList), emptyPage},
	{"GET", "/v1/license-keys/{id}", licenseKeysRead, Input{}, notFound},
	{"PATCH", "/v1/license-keys/{id}", licenseKeysWrite, takes(body.LicenseKeyUpdate), notFound},
	{"POST", "/v1/license-keys/{id}/rotate", licenseKeysWrite, Input{}, notFound},
	{"POST", "/v1/license-keys/validate", licenseKeysWrite, takes(body.LicenseKeyValidate), notFound},
	{"POST", "/v1/license-keys/activate", licenseKeysWrite, takes(body.LicenseKeyActivate), notFound},
	{"POST", "/v1/license-keys/deactivate", licenseKeysWrite, takes(body.LicenseKeyDeactivate), notFound},
	{"GET", "/v1/customers/{id}/payment-methods", customersRead.ofCustomer(), query(body.PaymentMethodList), emptyPage},
	{"GET", "/v1/customers/external/{external_id}/payment-methods", customersRead.ofCustomer(), query(body.PaymentMethodList), emptyPage},
	{"GET", "/v1/events/", eventsRead, query(body.EventList), emptyPage},
	{"POST", "/v1/events/ingest", eventsWrite, takes(body.EventsIngest), notKept},
	{"GET", "/v1/meters/", metersRead, query(body.MeterList), emptyPage},
	{"POST", "/v1/meters/", metersWrite, takes(body.MeterCreate), unlessOrganization(notKept)},
	{"GET", "/v1/meters/{id}", metersRead, Input{}, notFound},
	{"PATCH", "/v1/meters/{id}", metersWrite, takes(body.MeterUpdate), notFound},
	{"GET", "/v1/meters/{id}/quantities", metersRead, query(body.MeterQuantities), notFound},
	{"GET", "/v1/customer-meters/", organization(directory.CustomerMetersRead), query(body.CustomerMeterList), emptyPage},

	{"GET", "/v1/customer-portal/benefit-grants/", holders, query(body.PortalBenefitGrantList), emptyPage},
	{"GET", "/v1/customer-portal/benefit-grants/{id}", holders, Input{}, notFound},
	{"PATCH", "/v1/customer-portal/benefit-grants/{id}", holdersWrite, takes(body.BenefitGrantUpdate), notFound},
	{"GET", "/v1/customer-portal/customers/me/payment-methods", managers, query(body.PaymentMethodList), emptyPage},
	{"POST", "/v1/customer-portal/customers/me/payment-methods", managersWrite, takes(body.PaymentMethodCreate), notKept},
	{"POST", "/v1/customer-portal/customers/me/payment-methods/confirm", managersWrite, takes(body.PaymentMethodConfirm), notReady},
	{"DELETE", "/v1/customer-portal/customers/me/payment-methods/{id}", managersWrite, Input{}, notFound},
	{"GET", "/v1/customer-portal/meters/", holders, query(body.PortalMeterList), emptyPage},
	{"GET", "/v1/customer-portal/meters/{id}", holders, Input{}, notFound},
	{"GET", "/v1/customer-portal/seats", holders, query(body.SeatList), noSeats},
	{"POST", "/v1/customer-portal/seats", managersWrite, takes(body.SeatAssign), noSeatSource},
	{"DELETE", "/v1/customer-portal/seats/{seat_id}", managersWrite, Input{}, noSuch("Seat not found")},
	{"POST", "/v1/customer-portal/seats/{seat_id}/resend", managersWrite, Input{}, noSuch("Seat not found")},
	{"GET", "/v1/customer-portal/seats/subscriptions", holders, query(body.PaymentMethodList), emptyPage},
	{"GET", "/v1/customer-portal/downloadables/", holders, query(body.PortalDownloadableList), emptyPage},
	{"GET", "/v1/customer-portal/downloadables/{token}", anyone, Input{}, notFound},
	{"GET", "/v1/customer-portal/license-keys/", holders, query(body.PortalLicenseKeyList), emptyPage},
	{"GET", "/v1/customer-portal/license-keys/{id}", holders, Input{}, notFound},
	{"POST", "/v1/customer-portal/license-keys/{id}/rotate", holdersWrite, Input{}, notFound},
	{"POST", "/v1/customer-portal/license-keys/validate", anyone, takes(body.LicenseKeyValidate), notFound},
	{"POST", "/v1/customer-portal/license-keys/activate", anyone, takes(body.LicenseKeyActivate), notFound},
	{"POST", "/v1/customer-portal/license-keys/deactivate", anyone, takes(body.LicenseKeyDeactivate), notFound},
	{"GET", "/v1/customer-portal/oauth-accounts/authorize", anyone, query(body.OAuthAuthorize), notKept},
	{"GET", "/v1/customer-portal/oauth-accounts/callback", anyone, query(body.OAuthCallback), invalidState},
	{"GET", "/v1/customer-portal/orders/", managers, query(body.PortalOrderList), emptyPage},
	{"GET", "/v1/customer-portal/orders/{id}", managers, Input{}, notFound},
	{"PATCH", "/v1/customer-portal/orders/{id}", managersWrite, takes(body.OrderUpdate), notFound},
	{"POST", "/v1/customer-portal/orders/{id}/invoice", managers, Input{}, notFound},
	{"GET", "/v1/customer-portal/orders/{id}/invoice", managers, Input{}, notFound},
	{"GET", "/v1/customer-portal/orders/{id}/receipt", managers, Input{}, notFound},
	{"GET", "/v1/customer-portal/orders/{id}/payment-status", managers, Input{}, notFound},
	{"POST", "/v1/customer-portal/orders/{id}/confirm-payment", managersWrite, takes(body.ConfirmPayment), notFound},
	{"GET", "/v1/customer-portal/subscriptions/", holders, query(body.PortalSubscriptionList), emptyPage},
	{"GET", "/v1/customer-portal/subscriptions/{id}", holders, Input{}, notFound},
	{"PATCH", "/v1/customer-portal/subscriptions/{id}", managersWrite, takes(body.PortalSubscriptionUpdate), notFound},
	{"DELETE", "/v1/customer-portal/subscriptions/{id}", managersWrite, Input{}, notFound},
	{"GET", "/v1/customer-portal/subscriptions/{id}/charge-preview", holders, Input{}, notFound},
	{"GET", "/v1/customer-portal/subscriptions/{id}/cancel-preview", holders, Input{}, notFound},
	{"POST", "/v1/customer-portal/subscriptions/{id}/change-preview", managersWrite, takes(body.SubscriptionChangePreview), notFound},
	{"POST", "/v1/customer-portal/subscriptions/{id}/revoke", managersWrite, takes(body.SubscriptionRevoke), notFound},
	{"GET", "/v1/customer-portal/wallets/", managers, query(body.PortalWalletList), emptyPage},
	{"GET", "/v1/customer-portal/wallets/{id}", managers, Input{}, notFound},
}
