package polar_test
import ("testing";"time";"net/http";"context";"net/http/httptest";"slices";"fmt"
"github.com/postern-go/postern/polar")
func TestZZ(t *testing.T){
	for _, decoy := range []bool{false,true} {
	if decoy { tk:=time.NewTicker(20*time.Millisecond); defer tk.Stop(); go func(){ for range tk.C {} }() }
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Write([]byte(liveBody))
	}))
	c,_:=polar.New(polar.WithServerURL(s.URL)); ctx:=context.Background(); sec:=polar.SessionSecurity{CustomerSession:liveToken}
	plain:=&http.Client{Transport:&http.Transport{}}
	idle:=&http.Client{Transport:http.DefaultTransport.(*http.Transport).Clone()}
	c2,_:=polar.New(polar.WithServerURL(s.URL), polar.WithHTTPClient(&http.Client{Transport:&http.Transport{}}))
	runs:=map[string]func(){
		"polar":func(){c.CustomerPortal.CustomerSession.Introspect(ctx,sec)},
		"polar-plaintransport":func(){c2.CustomerPortal.CustomerSession.Introspect(ctx,sec)},
		"bare":func(){bareIntrospect(ctx,plain,s.URL+livePath)},
		"bare-default":func(){bareIntrospect(ctx,idle,s.URL+livePath)},
	}
	d:=map[string][]float64{}
	for i:=0;i<60;i++{ for k,f:=range runs { t0:=time.Now(); for j:=0;j<500;j++{f()}; d[k]=append(d[k],float64(time.Since(t0))/500/1000)}}
	for k,v:=range d{slices.Sort(v); fmt.Printf("decoy=%v %-22s p50 %.1fus p10 %.1f\n",decoy,k,v[len(v)/2],v[len(v)/10])}
	s.Close()
	}
}
