package browser
import ("testing";"fmt")
func BenchmarkHostile(b *testing.B){
	u := URL{Scheme: "http", Host: "a.test", Path: "/"}
	var f []string
	n:=0
	for i:=0; n<16384; i++ { s:=fmt.Sprintf("%x", i); f=append(f,s); n+=len(s) }
	for _, c := range []Client{Chromium,Firefox} {
	b.Run(fmt.Sprint(c), func(b *testing.B){ for b.Loop() { var j jar; for range 2 {j.take(c,u,f,measured)}; if len(j.header(u,measured))==0 {b.Fatal()} } })
	}
	b.Run("usual", func(b *testing.B){ b.ReportAllocs(); g:=[]string{"PHPSESSID=abcdef; Path=/; Secure; HttpOnly; SameSite=Lax", "lang=en; Expires=Thu, 01-Jan-2037 00:00:00 GMT; Path=/"}; u.Scheme="https"; for b.Loop() { var j jar; j.take(Firefox,u,g,measured); j.header(u,measured) } })
}
