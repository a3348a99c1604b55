package visit

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"
	"golang.org/x/net/publicsuffix"

	"hsts-check/internal/host"
)

// AddCookieFile takes the cookies of a file in Netscape's format, as browsers'
// extensions and curl -c write it: domain, whether subdomains get it too, path,
// whether it is for https alone, when it ends (0: with the browser), name and
// value, with tabs between them. Those that have ended are left out. Each goes
// where it fits and [Request] allows it. The error begins with the number of the
// line, and quotes nothing of it.
func (r *Request) AddCookieFile(file io.Reader) error {
	jar, _ := r.Jar.(*cookiejar.Jar)
	if jar == nil {
		jar, _ = cookiejar.New(&cookiejar.Options{PublicSuffixList: publicsuffix.List})
	}
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	n := 0
	for lines.Scan() {
		n++
		line := strings.TrimSuffix(lines.Text(), "\r")
		line, httpOnly := strings.CutPrefix(line, "#HttpOnly_")
		if strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#") && !httpOnly {
			continue
		}
		from, cookie, err := parseNetscape(line)
		if err != nil {
			return fmt.Errorf("%d: %w", n, err)
		}
		r.filed.addCookie(cookie.Name + "=" + cookie.Value)
		jar.SetCookies(from, []*http.Cookie{cookie})
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("%d: %w", n+1, err)
	}
	r.Jar = jar
	return nil
}

// parseNetscape reads a line, and returns a URL that could have set the cookie.
func parseNetscape(line string) (*url.URL, *http.Cookie, error) {
	f := strings.Split(line, "\t")
	if len(f) == 6 { // as curl writes an empty value
		f = append(f, "")
	}
	if len(f) != 7 {
		return nil, nil, errors.New("it does not have seven fields with tabs between them")
	}
	name, err := host.ASCII(strings.TrimPrefix(f[0], "."))
	if err != nil {
		return nil, nil, errors.New("its first field is not a host")
	}
	ends, err := strconv.ParseInt(f[4], 10, 64)
	switch {
	case err != nil:
		return nil, nil, errors.New("its fifth field is not a time in seconds")
	case !strings.HasPrefix(f[2], "/"):
		return nil, nil, errors.New("its third field is not a path")
	case !httpguts.ValidHeaderFieldName(f[5]) || !httpguts.ValidHeaderFieldValue(f[6]) || strings.Contains(f[6], ";"):
		return nil, nil, errors.New("its name or value cannot be sent")
	}
	c := &http.Cookie{Name: f[5], Value: f[6], Path: f[2], Secure: strings.EqualFold(f[3], "TRUE")}
	if strings.EqualFold(f[1], "TRUE") {
		c.Domain = name
	}
	if ends > 0 {
		c.Expires = time.Unix(ends, 0)
	}
	return &url.URL{Scheme: "https", Host: name, Path: f[2]}, c, nil
}
