package routers_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	"github.com/labstack/echo/v4"

	"github.com/postern-go/postern/polar/polartest"
	"github.com/postern-go/postern/polar/portalauth"
)

// chiRouter uses the middleware as it is, because chi's middleware has the same type.
func chiRouter(auth *portalauth.Verifier) http.Handler {
	r := chi.NewRouter()
	r.Get("/healthz", func(http.ResponseWriter, *http.Request) {})
	r.Group(func(r chi.Router) {
		r.Use(auth.Require("customer_portal:read"))
		r.Get("/notes/{id}", func(w http.ResponseWriter, r *http.Request) {
			identity, _ := portalauth.FromContext(r.Context())
			fmt.Fprint(w, chi.URLParam(r, "id"), " of ", identity.CustomerID)
		})
	})
	return r
}

// echoRouter wraps the middleware with echo.WrapMiddleware.
func echoRouter(auth *portalauth.Verifier) http.Handler {
	e := echo.New()
	e.GET("/healthz", func(c echo.Context) error { return c.NoContent(http.StatusOK) })
	notes := e.Group("/notes", echo.WrapMiddleware(auth.Require("customer_portal:read")))
	notes.GET("/:id", func(c echo.Context) error {
		identity, _ := portalauth.FromContext(c.Request().Context())
		return c.String(http.StatusOK, c.Param("id")+" of "+string(identity.CustomerID))
	})
	return e
}

// ginRouter converts the middleware to a gin.HandlerFunc, because gin has no other kind of middleware.
func ginRouter(auth *portalauth.Verifier) http.Handler {
	gin.SetMode(gin.ReleaseMode)
	wrap := func(middleware func(http.Handler) http.Handler) gin.HandlerFunc {
		return func(c *gin.Context) {
			called := false
			middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				called, c.Request = true, r
				c.Next()
			})).ServeHTTP(c.Writer, c.Request)
			if !called {
				c.Abort()
			}
		}
	}
	r := gin.New()
	r.GET("/healthz", func(c *gin.Context) { c.Status(http.StatusOK) })
	notes := r.Group("/notes", wrap(auth.Require("customer_portal:read")))
	notes.GET("/:id", func(c *gin.Context) {
		identity, _ := portalauth.FromContext(c.Request.Context())
		c.String(http.StatusOK, c.Param("id")+" of "+string(identity.CustomerID))
	})
	return r
}

func TestRouters(t *testing.T) {
	srv := polartest.New(t)
	session := srv.Session()
	auth, err := portalauth.New(srv.Client(), portalauth.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(auth.Close)
	for name, router := range map[string]http.Handler{"chi": chiRouter(auth), "echo": echoRouter(auth), "gin": ginRouter(auth)} {
		t.Run(name, func(t *testing.T) {
			for _, test := range []struct {
				target, bearer string
				status         int
				body           string
			}{
				{"/healthz", "", 200, ""},
				{"/notes/7", "", 401, `{"error":"Unauthorized","detail":"Unauthorized"}`},
				{"/notes/7", session.Token, 200, "7 of " + string(session.CustomerID)},
				{"/notes/7?customer_session_token=" + session.Token, "", 303, ""},
			} {
				r := httptest.NewRequest("GET", test.target, nil)
				if test.bearer != "" {
					r.Header.Set("Authorization", "Bearer "+test.bearer)
				}
				w := httptest.NewRecorder()
				router.ServeHTTP(w, r)
				if w.Code != test.status || w.Body.String() != test.body {
					t.Errorf("%s: %d %s", r.URL.Path, w.Code, w.Body)
				}
			}
		})
	}
}
