package polar_test
import ("testing";"time";"net/http";"context";"slices";"fmt";"net/http/httptest"
"github.com/postern-go/postern/polar")
func TestZZ(t *testing.T){
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Write([]byte(liveBody))
	}))
	defer s.Close()
	ctx:=context.Background(); sec:=polar.SessionSecurity{CustomerSession:liveToken}
	mk:=func(o ...polar.Option) func(){ c,_:=polar.New(append(o,polar.WithServerURL(s.URL))...); return func(){c.CustomerPortal.CustomerSession.Introspect(ctx,sec)} }
	bare:=func(c *http.Client, d time.Duration) func(){ return func(){ cx:=ctx; if d>0 { var cancel func(); cx,cancel=context.WithTimeout(ctx,d); defer cancel() }; bareIntrospect(cx,c,s.URL+livePath)}}
	runs:=[]struct{n string; f func()}{
		{"polar",mk()},
		{"polar, plain transport",mk(polar.WithHTTPClient(&http.Client{Transport:&http.Transport{}}))},
		{"bare",bare(&http.Client{Transport:&http.Transport{}},0)},
		{"bare default transport",bare(&http.Client{Transport:http.DefaultTransport.(*http.Transport).Clone()},0)},
		{"bare + ctx timeout",bare(&http.Client{Transport:&http.Transport{}},10*time.Second)},
		{"bare + client timeout",bare(&http.Client{Transport:&http.Transport{},Timeout:10*time.Second},0)},
	}
	d:=map[string][]float64{}
	for i:=0;i<80;i++{ for _,r:=range runs { r.f(); t0:=time.Now(); for j:=0;j<400;j++{r.f()}; d[r.n]=append(d[r.n],float64(time.Since(t0))/400/1000)}}
	for _,r:=range runs{v:=d[r.n]; slices.Sort(v); fmt.Printf("ZZ %-24s p50 %.1fus p10 %.1f\n",r.n,v[len(v)/2],v[len(v)/10])}
}
