package main

import (
	"bufio"
	"bytes"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/signal"
	"strings"

	"github.com/spf13/pflag"
	"golang.org/x/term"

	"hsts-check/report"
	"hsts-check/visit"
)

// Adding holds the flags that say what is added to requests. Their values are
// secret: no message quotes one, and files named here are inputs.
type adding struct {
	headers []string
	user    string
	cookies []string
	cert    string
	key     string

	named bool     // --user was given
	files []string // that were read
	seal  []byte   // what two runs that add the same have in common
}

const addingHelp = `
Requests:
  -H, --header FIELD      'A: 1' is sent, 'A:' not; @FILE has more; repeatable
  -u, --user USER:PASSWORD  for Basic; a password that is missing is asked for
  -b, --cookie DATA       'a=b; c=d', or a Netscape cookie file; repeatable
  -E, --cert FILE[:PASSWORD], --key FILE  client certificate and key (PEM);
                          all these: for the listed host and its subdomains,
                          logins over https alone, values in no record
`

func (o *adding) register(f *pflag.FlagSet) {
	f.StringArrayVarP(&o.headers, "header", "H", nil, "")
	f.StringVarP(&o.user, "user", "u", "", "")
	f.StringArrayVarP(&o.cookies, "cookie", "b", nil, "")
	f.StringVarP(&o.cert, "cert", "E", "", "")
	f.StringVar(&o.key, "key", "", "")
}

// request makes what the flags describe, or says which of them is wrong.
func (o *adding) request(p *program, f *pflag.FlagSet) (visit.Request, error) {
	var r visit.Request
	o.named = f.Changed("user")
	for _, add := range []func(*program, *visit.Request) error{o.addHeaders, o.addCookies, o.addCertificate, o.addUser} {
		if err := add(p, &r); err != nil {
			return r, err
		}
	}
	return r, nil
}

// sealed adds what a run shares with another one that adds the same.
func (o *adding) sealed(kind string, text []byte) {
	o.seal = fmt.Appendf(o.seal, "%s %d %s\n", kind, len(text), text)
}

// digest stands for all that is added in the manifest of a run; "" for nothing.
// It takes long to make, so that whoever reads a manifest cannot try out
// passwords: as many rounds as the OWASP Password Storage Cheat Sheet asks for.
func (o *adding) digest() string {
	if o.seal == nil {
		return ""
	}
	sum, err := pbkdf2.Key(sha256.New, string(o.seal), []byte("hsts-check requests"), 600_000, 16)
	if err != nil {
		panic(err) // the length is one that it takes
	}
	return hex.EncodeToString(sum)
}

const headerHint = `as in -H 'X-Name: value'; -H 'X-Name:' leaves it out, -H 'X-Name;' sends it empty, -H @FILE reads lines`

func (o *adding) addHeaders(_ *program, r *visit.Request) error {
	for _, line := range o.headers {
		name, isFile := strings.CutPrefix(line, "@")
		if !isFile {
			if err := r.AddField(line); err != nil {
				return withHint(fmt.Errorf("--header: %w", err), headerHint)
			}
			o.sealed("header", []byte(line))
			continue
		}
		text, err := o.read("--header", name)
		if err != nil {
			return err
		}
		lines := bufio.NewScanner(bytes.NewReader(text))
		lines.Buffer(nil, len(text)+1)
		for n := 1; lines.Scan(); n++ {
			if strings.TrimSpace(lines.Text()) == "" {
				continue
			}
			if err := r.AddField(lines.Text()); err != nil {
				return withHint(fmt.Errorf("%s:%d: %w", name, n, err), headerHint)
			}
		}
		o.sealed("header", text)
	}
	return nil
}

// read reads a file that a flag names.
func (o *adding) read(flag, name string) ([]byte, error) {
	if name == "-" {
		return nil, withHint(fmt.Errorf("%s reads no standard input", flag), "name a file; sites may come from standard input")
	}
	text, err := readBounded(name)
	if err != nil {
		return nil, withHint(fmt.Errorf("%s: cannot read %s: %w", flag, name, cause(err)), "name a file that exists and that you may read")
	}
	o.files = append(o.files, name)
	return text, nil
}

// mostRead is more than such a file holds.
const mostRead = 8 << 20

func readBounded(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, mostRead+1))
	if err == nil && len(text) > mostRead {
		err = errors.New("it has more than 8 MiB")
	}
	return text, err
}

func (o *adding) addCookies(_ *program, r *visit.Request) error {
	for _, text := range o.cookies {
		if strings.Contains(text, "=") {
			if err := r.AddField("Cookie: " + text); err != nil {
				return withHint(fmt.Errorf("--cookie: %w", err), cookieHint)
			}
			o.sealed("cookie", []byte(text))
			continue
		}
		if text == "" {
			return withHint(errors.New("--cookie is empty"), cookieHint)
		}
		file, err := o.read("--cookie", text)
		if err != nil {
			return withHint(errors.New("--cookie has no = in it, so it names a file, which cannot be read"), cookieHint)
		}
		if err := r.AddCookieFile(bytes.NewReader(file)); err != nil {
			return withHint(fmt.Errorf("%s:%w", text, err), "it takes the format of Netscape, as curl -c writes it")
		}
		o.sealed("cookies", file)
	}
	return nil
}

const cookieHint = "as in -b 'name=value; name2=value2'; without a = it is the name of a cookie file"

func (o *adding) addUser(p *program, r *visit.Request) error {
	if !o.named {
		return nil
	}
	name, password, given := strings.Cut(o.user, ":")
	if strings.ContainsAny(o.user, "\r\n\x00") {
		return withHint(errors.New("--user holds a line break"), "write USER:PASSWORD on one line")
	}
	if o.user == "" {
		return withHint(errors.New("--user is empty"), userHint)
	}
	if !given {
		var err error
		password, err = p.askPassword(fmt.Sprintf("%q", name))
		if errors.Is(err, errNoTerminal) {
			return withHint(fmt.Errorf("--user has no password, and %w", err), userHint)
		} else if err != nil {
			return err
		}
	}
	r.User = url.UserPassword(name, password)
	o.sealed("user", []byte(name+":"+password))
	return nil
}

const userHint = "as in -u USER:PASSWORD; other programs can see it there, and not in -H @FILE with 'Authorization: ...'"

var errNoTerminal = errors.New("standard input is no terminal to ask for one")

// askPassword asks for a password on the terminal, and leaves that as it was,
// whatever comes.
func (p *program) askPassword(whose string) (string, error) {
	f, isFile := p.stdin.(*os.File)
	if !isFile || !term.IsTerminal(int(f.Fd())) {
		return "", errNoTerminal
	}
	was, err := term.GetState(int(f.Fd()))
	if err != nil {
		return "", fmt.Errorf("cannot ask for the password of %s: %w", whose, err)
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, ends()...)
	defer signal.Stop(signals)
	fmt.Fprintf(p.stderr, "hsts-check: password of %s: ", report.Visible(whose))
	defer fmt.Fprintln(p.stderr) // which the terminal did not echo
	var password []byte
	read := make(chan error, 1)
	go func() {
		var err error
		password, err = term.ReadPassword(int(f.Fd()))
		read <- err
	}()
	select {
	case err := <-read:
		if err != nil {
			return "", fmt.Errorf("no password of %s came: %w", whose, err)
		}
		return string(password), nil
	case <-signals:
		term.Restore(int(f.Fd()), was)
		return "", errInterrupted
	}
}
