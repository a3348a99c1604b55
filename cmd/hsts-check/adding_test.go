package main

import (
	"archive/zip"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"io"
	"io/fs"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/youmark/pkcs8"

	"hsts-check/internal/lab"
	"hsts-check/report"
)

// TestSecretsStayHome: what is added to requests stands in no output, whatever a
// server or a proxy makes of it.
func TestSecretsStayHome(t *testing.T) {
	const user, password, token, cookie, filed, keyed = "agent-smith", "p4ss w%rd", "t0ken-0f-mine", "c00kie-monster", "f1led-away", "k3y-pass"
	t.Chdir(t.TempDir())
	secrets := []string{password, "p4ss", token, cookie, filed, keyed, user, "YWdlbnQtc21pdGg6cDRzcyB3JXJk"}
	echo := url.QueryEscape(user+password) + token + cookie + filed + "YWdlbnQtc21pdGg6cDRzcyB3JXJk"
	at := func(location string, fields ...string) lab.Host {
		return lab.Host{Answer: lab.Answer{Status: 302, Location: location, Fields: fields}}
	}
	hosts := map[string]lab.Host{
		"follows.test": {Paths: map[string]lab.Answer{"/": {Location: "/in?" + echo}}, Answer: lab.STS("max-age=300")},
		"away.test":    at("https://nowhere.test/" + echo),
		"host.test":    at("https://" + token + ".nowhere.test/"),
		"user.test":    at("https://" + user + ":" + token + "@nowhere.test/"),
		"bad.test":     at("https://a.test:99999/" + echo),
		"port.test":    at("https://a.test:25/" + echo),
		"long.test":    at("https://a.test:99999/"+strings.Repeat("x", 170)+echo, "Server: "+strings.Repeat("x", 95)+token),
		"loop.test":    {Paths: map[string]lab.Answer{"/": {Location: "/" + echo}}, Answer: lab.Answer{Location: "/" + echo}},
		"fields.test": at("", "Strict-Transport-Security: max-age=300; "+token, "Server: "+echo, "Refresh: 0; url=/"+echo, `Clear-Site-Data: "`+token+`"`,
			"Set-Cookie: "+token+"="+token, "X-"+token+": "+token),
		"void.test":    {Answer: lab.STS(`max-age="` + password + `; ` + token)},
		"denied.test":  {Answer: lab.Answer{Status: 401, Fields: []string{"WWW-Authenticate: " + token + " realm=" + token, "WWW-Authenticate: Basic realm=" + password}}},
		"garbage.test": {Answer: lab.Answer{Raw: token + " " + password + "\r\n\r\n"}},
		"expired.test": {Cert: lab.CertExpired, Answer: lab.Answer{Location: "/" + echo}},
		"reset.test":   {TLS: lab.ResetAfterHandshake},
		"cert.test":    {TLS: lab.ClientCert, Answer: lab.Answer{Location: "/" + token}},
		"h2.test":      {TLS: lab.OnlyH2, Answer: lab.Answer{Raw: "HTTP/1.1 200 " + token + "\r\n\r\n"}},
	}
	var all []lab.Host
	var sites []string
	for name, h := range hosts {
		h.Name = name
		all, sites = append(all, h), append(sites, name)
	}
	slices.Sort(sites)
	_, flags := startLabFor(t, all...)
	writeFile(t, "list.txt", strings.Join(sites, "\n")+"\n")
	writeFile(t, "cookies.txt", "follows.test\tFALSE\t/\tTRUE\t0\tid\t"+filed+"\n.away.test\tTRUE\t/\tTRUE\t0\tid\t"+filed+"\n")
	writeFile(t, "fields.txt", "X-Key: "+token+"\nX-Path: a\n")
	certs, key := makeClientCert(t)
	locked, err := pkcs8.MarshalPrivateKey(key, []byte(keyed), nil)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, "client.pem", string(certs)+string(pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: locked})))
	flags = append(flags, "--retries", "0", "-u", user+":"+password, "-H", "@fields.txt", "-b", "mine="+cookie, "-b", "cookies.txt", "-E", "client.pem:"+keyed)

	inputs := []string{"list.txt", "cookies.txt", "fields.txt", "client.pem"}
	check := func(args ...string) {
		t.Helper()
		var stdout, stderr strings.Builder
		run(t.Context(), args, strings.NewReader(""), &stdout, &stderr)
		texts := map[string]string{"stdout": stdout.String(), "stderr": stderr.String()}
		addFiles(t, texts, inputs)
		for name, text := range texts {
			for _, s := range secrets {
				for _, spelled := range []string{s, url.QueryEscape(s), url.PathEscape(s)} {
					if i := strings.Index(strings.ToLower(text), strings.ToLower(spelled)); i >= 0 {
						t.Fatalf("%q: %s holds %q: %.300s", args, name, spelled, text[max(0, i-100):])
					}
				}
			}
		}
		if !strings.Contains(texts["out.ndjson"], `"sent":["X-Key","X-Path","Authorization","Cookie"]`) || !strings.Contains(texts["out.ndjson"], `"client_certificate":"sent"`) {
			t.Fatalf("%q: nothing was sent: %s", args, texts["out.ndjson"])
		}
	}
	outputs := []string{"-o", "out.ndjson"}
	for _, f := range report.Formats {
		if f.Name != "ndjson" && f.Ending != "" {
			outputs = append(outputs, "-o", "out"+f.Ending)
		}
	}
	check(slices.Concat(flags, outputs, []string{"-v", "--require", "owasp", "--probe", "all", "list.txt"})...)
	for _, f := range report.Formats {
		check(slices.Concat(flags, []string{"-v", "-f", f.Name, "-o", "out.ndjson", "list.txt"})...)
	}
	check(slices.Concat(flags, []string{"-o", "out.ndjson", "--resume", "out.ndjson", "list.txt"})...)
	check(slices.Concat(flags, []string{"-o", "out.ndjson", "--resume", "out.ndjson", "-H", "X-More: 1", "list.txt"})...)

	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "/"+token)
		http.Error(w, token, http.StatusBadGateway)
	}))
	defer proxy.Close()
	var stdout, stderr strings.Builder
	run(t.Context(), slices.Concat(flags, []string{"-v", "-f", "ndjson", "-x", proxy.URL, "list.txt"}), strings.NewReader(""), &stdout, &stderr)
	for _, s := range secrets {
		if strings.Contains(stdout.String()+stderr.String(), s) {
			t.Errorf("by way of a proxy: %q is in %s%s", s, stdout.String(), stderr.String())
		}
	}
}

// addFiles adds what stands in the files here, those in archives too.
func addFiles(t *testing.T, texts map[string]string, but []string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS("."), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || slices.Contains(but, name) {
			return err
		}
		text, err := os.ReadFile(name)
		texts[name] = string(text)
		if archive, bad := zip.NewReader(bytes.NewReader(text), int64(len(text))); bad == nil {
			for _, f := range archive.File {
				r, err := f.Open()
				if err != nil {
					return err
				}
				part, err := io.ReadAll(r)
				if err != nil {
					return err
				}
				texts[name+":"+f.Name] = string(part)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func makeClientCert(t *testing.T) (certs []byte, key *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), key
}

// TestAddingRefuses what it cannot send, with the way out and without a secret.
func TestAddingRefuses(t *testing.T) {
	t.Chdir(t.TempDir())
	certs, key := makeClientCert(t)
	_, other := makeClientCert(t)
	pkcs1 := func(k *ecdsa.PrivateKey) string {
		der, err := x509.MarshalPKCS8PrivateKey(k)
		if err != nil {
			t.Fatal(err)
		}
		return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	}
	locked, err := pkcs8.MarshalPrivateKey(key, []byte("right"), nil)
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(certs)
	writeFile(t, "cert.pem", string(certs))
	writeFile(t, "key.pem", pkcs1(key))
	writeFile(t, "both.pem", string(certs)+pkcs1(key))
	writeFile(t, "other.pem", pkcs1(other))
	writeFile(t, "locked.pem", string(pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: locked})))
	writeFile(t, "old.pem", "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00000000000000000000000000000000\n\nAAAA\n-----END RSA PRIVATE KEY-----\n")
	writeFile(t, "client.p12", "\x30\x05\x02\x01\x03\x30\x00")
	writeFile(t, "cert.der", string(block.Bytes))
	writeFile(t, "fields.txt", "X-A: 1\n\nX-B s3cret\n")
	writeFile(t, "cookies.txt", "# Netscape HTTP Cookie File\nid s3cret\n")
	for _, tt := range []struct {
		args       string
		says, hint string
	}{
		{"-H s3cret", `--header: it has no colon: write "Name: value"`, "as in -H 'X-Name: value'"},
		{"-H @fields.txt", `fields.txt:3: it has no colon`, "as in -H"},
		{"-H @missing.txt", "--header: cannot read missing.txt: no such file", "name a file"},
		{"-H @-", "--header reads no standard input", "name a file"},
		{"-H Host:s3cret.test", "--header: Host cannot be sent: it names the site: lead the site elsewhere with --connect-to or --resolve", "as in -H"},
		{"-H X-A:s3cret\n", "--header: the value of X-A holds a line break", "as in -H"},
		{"-u s3cret", `--user has no password, and standard input is no terminal to ask for one`, "as in -u USER:PASSWORD"},
		{"-u ", "--user is empty", "as in -u USER:PASSWORD"},
		{"-u me:s3cret\n", "--user holds a line break", "on one line"},
		{"-b s3cret", "--cookie has no = in it, so it names a file, which cannot be read", "as in -b"},
		{"-b ", "--cookie is empty", "as in -b"},
		{"-b a=s3cret\r", "--cookie: the value of Cookie holds a line break", "as in -b"},
		{"-b cookies.txt", "cookies.txt:2: it does not have seven fields with tabs between them", "format of Netscape"},
		{"--key key.pem", "--key has no certificate to go with", "name it with -E FILE"},
		{"-E missing.pem", "--cert: cannot read missing.pem: no such file", "name a file"},
		{"-E cert.pem", "--cert cert.pem: there is no key in it: name its file with --key FILE", "as in -E client.pem"},
		{"-E key.pem", "--cert key.pem: there is no certificate in it", "as in -E client.pem"},
		{"-E cert.pem --key cert.pem", "--cert cert.pem: there is no key in cert.pem", "as in -E client.pem"},
		{"-E cert.pem --key other.pem", "--cert cert.pem: private key does not match public key", "as in -E client.pem"},
		{"-E cert.pem:s3cret --key locked.pem", "--key locked.pem: its key does not open with this password", "openssl pkey -in locked.pem -out"},
		{"-E cert.pem --key locked.pem", "--key locked.pem: its key is encrypted, and standard input is no terminal to ask for one", "as in -E FILE:PASSWORD; or decrypt it"},
		{"-E cert.pem --key old.pem", "--key old.pem: its key is encrypted in a way that is no longer safe", "openssl pkey -in old.pem -out"},
		{"-E client.p12:s3cret", "--cert client.p12 is PKCS#12, not PEM", "openssl pkcs12 -in client.p12 -out client.pem -nodes"},
		{"-E cert.der", "--cert cert.der is not PEM", "openssl x509 -inform der -in cert.der"},
		{"-E fields.txt", "--cert fields.txt is not PEM", "as in -E client.pem"},
	} {
		var stdout, stderr strings.Builder
		status := run(t.Context(), append(strings.Split(tt.args, " "), "a.test"), strings.NewReader(""), &stdout, &stderr)
		said := stderr.String()
		if status != exitFailed || stdout.Len() > 0 || !strings.HasPrefix(said, "hsts-check: "+tt.says) || !strings.Contains(said, "\nhint: ") || !strings.Contains(said, tt.hint) || strings.Contains(said, "s3cret") || !complaint.MatchString(said) {
			t.Errorf("%q: status %d, %q, want %q and %q", tt.args, status, said, tt.says, tt.hint)
		}
	}
	for _, args := range []string{"-E both.pem", "-E cert.pem --key key.pem", "-E cert.pem:right --key locked.pem"} {
		var stderr strings.Builder
		if status := run(t.Context(), append(strings.Split(args, " "), "--deadline", "1ns", "a.test"), strings.NewReader(""), io.Discard, &stderr); status != exitOK {
			t.Errorf("%q: status %d, %s", args, status, stderr.String())
		}
	}
}

func TestCutPassword(t *testing.T) {
	for s, want := range map[string][2]string{
		"client.pem": {"client.pem", ""}, "client.pem:pass": {"client.pem", "pass"}, "client.pem:pa:ss": {"client.pem", "pa:ss"},
		`a\:b.pem:pass`: {"a:b.pem", "pass"}, `a\\b.pem:p`: {`a\b.pem`, "p"}, `c:\client.pem:pass`: {`c:\client.pem`, "pass"}, "c:/client.pem": {"c:/client.pem", ""}, `a\b.pem`: {`a\b.pem`, ""},
	} {
		if name, password := cutPassword(s); name != want[0] || password != want[1] {
			t.Errorf("%q: %q, %q, want %q", s, name, password, want)
		}
	}
}

// TestResumeNoticesWhatIsAdded, and the manifest tells nobody what it was.
func TestResumeNoticesWhatIsAdded(t *testing.T) {
	t.Chdir(t.TempDir())
	_, flags := startLabFor(t, everyHost)
	survey := func(want int, args ...string) string {
		t.Helper()
		var stderr strings.Builder
		args = slices.Concat(flags, []string{"-f", "csv", "-o", "out.ndjson"}, args, []string{"one.test"})
		if status := run(t.Context(), args, strings.NewReader(""), io.Discard, &stderr); status != want {
			t.Fatalf("%q: status %d, %s", args, status, stderr.String())
		}
		return stderr.String()
	}
	survey(exitOK, "-u", "me:s3cret", "-H", "X-A: s3cret")
	if text := readFile(t, "out.ndjson.run"); strings.Contains(text, "s3cret") || !strings.Contains(text, `"requests": "`) {
		t.Errorf("the manifest is %s", text)
	}
	survey(exitOK, "--resume", "out.ndjson", "-u", "me:s3cret", "-H", "X-A: s3cret")
	for _, args := range [][]string{{"-u", "me:other", "-H", "X-A: s3cret"}, {"-u", "me:s3cret"}, {"-u", "me:s3cret", "-H", "X-A: s3cret", "-b", "a=b"}} {
		if said := survey(exitFailed, append(args, "--resume", "out.ndjson")...); !strings.Contains(said, "it was made with values of its own for -H, -u, -b or -E, and this run has values of its own for -H, -u, -b or -E") {
			t.Errorf("%q: %s", args, said)
		}
	}
	if said := survey(exitFailed, "--resume", "out.ndjson"); !strings.Contains(said, "and this run has no -H, -u, -b or -E") {
		t.Errorf("nothing: %s", said)
	}
}

// TestAddedFilesAreSpared by outputs.
func TestAddedFilesAreSpared(t *testing.T) {
	t.Chdir(t.TempDir())
	writeFile(t, "fields.csv", "X-A: 1\n")
	var stderr strings.Builder
	if status := run(t.Context(), []string{"-H", "@fields.csv", "-o", "fields.csv", "a.test"}, strings.NewReader(""), io.Discard, &stderr); status != exitFailed || !strings.Contains(stderr.String(), "would replace fields.csv, which is to be read") {
		t.Errorf("status %d: %s", status, stderr.String())
	}
}
