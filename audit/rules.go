package audit

import "hsts-check/hsts"

// A Rule is one thing that can be wrong with a site.
type Rule struct {
	// ID is the rule's name for programs. It never changes its meaning.
	ID       string
	Severity Severity
	// Title says it in two to five words, for tables.
	Title string
	// Source is where the rule comes from: a section of a standard, or whose
	// bar it is.
	Source string
	// Help says what users lose and how to fix it, for people who run
	// servers.
	Help string

	// check returns a finding for each thing that is wrong, with its host and
	// its message, and a severity where it departs from the rule's. It is nil
	// for rules that look at more than one visit or at the preload list.
	check func(*evidence) []Finding
}

// Rules are all rules, those about the header first, then those about the
// site. The bar for a rule: it rests on a sentence of a standard, on a
// published bar, or on what browsers were seen to do; a site's owner can act
// on it; and it can be told from the exchanges alone. What is a matter of
// taste is left out.
var Rules = []Rule{
	{
		ID: "header-absent", Severity: SeverityError, Title: "no header",
		Source: "RFC 6797 section 7.1",
		Help: `An HSTS host must send Strict-Transport-Security over secure transport. Without it each
first request over http can be intercepted and kept on http, with its cookies and passwords.
Send it on every https response, error pages and redirects too.

` + HelpSend,
		check: checkAbsent,
	},
	{
		ID: "header-misnamed", Severity: SeverityWarning, Title: "header misspelled",
		Source: "RFC 6797 section 6.1",
		Help: `The answer has no Strict-Transport-Security field, but one whose name is nearly that. Browsers
read no other name: correct the spelling.`,
		check: checkMisnamed,
	},
	{
		ID: "header-syntax", Severity: SeverityError, Title: "broken syntax",
		Source: "RFC 6797 sections 6.1 and 8.1",
		Help: `The value breaks the grammar, and browsers ignore such a header: the site is as open as without
it. The message names the first byte that is wrong. A value looks like this:

    Strict-Transport-Security: max-age=300

Semicolons separate the directives, and the value is not in quotes. Browsers accept the header
for the first time once it is fixed, so take the same steps as with a new one.

` + HelpSend,
		check: checkFault(hsts.Syntax),
	},
	{
		ID: "max-age-absent", Severity: SeverityError, Title: "no max-age",
		Source: "RFC 6797 section 6.1.1",
		Help: `max-age is required. Browsers ignore a header without it, whatever else it says.

` + HelpSend,
		check: checkFault(hsts.MaxAgeAbsent),
	},
	{
		ID: "max-age-invalid", Severity: SeverityError, Title: "max-age not a number",
		Source: "RFC 6797 section 6.1.1",
		Help: `The value of max-age is a number of seconds, in digits only: no sign, no unit and no variable
that was never expanded. Browsers ignore the whole header.

` + HelpSend,
		check: checkFault(hsts.MaxAgeInvalid),
	},
	{
		ID: "directive-repeated", Severity: SeverityError, Title: "directive repeated",
		Source: "RFC 6797 section 6.1, requirement 2",
		Help: `No directive may be repeated. Browsers ignore a header that repeats max-age or
includeSubDomains. They accept a repeated preload or unknown directive, so for these the finding
is for information only. Look for two places that build the value, such as an application and
the server in front of it.`,
		check: checkRepeated,
	},
	{
		ID: "clients-differ", Severity: SeverityWarning, Title: "browsers disagree",
		Source: "RFC 6797 section 6.1; measured with Chromium 156 and Firefox ESR 153",
		Help: `Chromium or Firefox does not read the field as the RFC does, so it protects the users of one
browser and not those of another. Use the plain form, with nothing in quotes and no directives
of your own.`,
		check: checkClients,
	},
	{
		ID: "policy-cleared", Severity: SeverityError, Title: "policy cleared at once",
		Source: "W3C Clear Site Data section 3.1; measured with Firefox ESR 153",
		Help: `The site sends Clear-Site-Data with "cache" or "*", and Firefox then forgets the host's policy
with everything else, even one from the same answer. Chromium keeps it. Leave out "cache" and
"*" on pages where visits begin, or send the header again with the next answer of the same host.`,
		check: checkCleared,
	},
	{
		ID: "include-subdomains-value", Severity: SeverityError, Title: "includeSubDomains has a value",
		Source: "RFC 6797 section 6.1.2",
		Help: `includeSubDomains takes no value. With one, true or false, the directive is malformed and
browsers ignore the whole header. To leave subdomains out, leave the directive out.`,
		check: checkFault(hsts.IncludeSubDomainsValue),
	},
	{
		ID: "max-age-zero", Severity: SeverityError, Title: "switched off",
		Source: "RFC 6797 section 6.1.1",
		Help: `max-age=0 tells browsers to forget the host, which switches HSTS off. If you do not intend that,
send a positive value.

` + HelpSend,
		check: checkZero,
	},
	{
		ID: "max-age-short", Severity: SeverityWarning, Title: "max-age under a year",
		Source: "hstspreload.org, Internet.nl, OMB M-15-13: 31536000 seconds",
		Help: `A browser forgets the host when max-age has passed since the last visit, and the next visit
is open to interception again. The authorities ask for one year, 31536000 seconds. Raise it in
steps that you can undo: 300 (five minutes), 604800 (a week), 2592000 (a month), 31536000 (a
year). Keep each until it has passed without trouble.`,
		check: checkShort,
	},
	{
		ID: "max-age-excessive", Severity: SeverityInfo, Title: "max-age over ten years",
		Source: "measured with Chromium 156 and Firefox ESR 153",
		Help: `No browser keeps a policy that long: Chromium keeps it for a year, Firefox for a hundred. A value
that looks like a Unix time was probably meant as a date, but max-age counts seconds from the
visit. 31536000, one year, is enough.`,
		check: checkExcessive,
	},
	{
		ID: "max-age-quoted", Severity: SeverityInfo, Title: "max-age in quotes",
		Source: "RFC 6797 section 6.2; hstspreload.org",
		Help: `max-age="31536000" is legal and browsers accept it. The preload list and several tools do
not. Leave the quotes out.`,
		check: checkFault(hsts.MaxAgeQuoted),
	},
	{
		ID: "directive-unknown", Severity: SeverityInfo, Title: "unknown directive",
		Source: "RFC 6797 section 6.1, requirement 5",
		Help: `Browsers skip a directive that they do not know. If it is a misspelling of one that they know,
the intended directive has no effect, and the finding is a warning. The known ones are max-age,
includeSubDomains and preload.`,
		check: checkUnknown,
	},
	{
		ID: "directive-empty", Severity: SeverityInfo, Title: "stray semicolon",
		Source: "RFC 6797 section 6.1",
		Help:   `The grammar allows empty directives and browsers skip them. A stray semicolon does no harm.`,
		check:  checkFault(hsts.DirectiveEmpty),
	},
	{
		ID: "field-repeated", Severity: SeverityWarning, Title: "header sent twice",
		Source: "RFC 6797 sections 7.1 and 8.1",
		Help: `A response must have one such field, and browsers read only the first. If the fields differ,
this is an error: the intended one may be the one that is ignored. Usually both an application
and the server in front of it send one. Let only one of them do so:

nginx:    proxy_hide_header Strict-Transport-Security;  beside your add_header
Apache:   Header always set  (not add), and  Header unset  for the application's own
HAProxy:  http-response set-header  (not add-header)`,
		check: checkFieldRepeated,
	},
	{
		ID: "include-subdomains-absent", Severity: SeverityWarning, Title: "subdomains left open",
		Source: "RFC 6797 section 14.4; OWASP HSTS cheat sheet",
		Help: `Without includeSubDomains an attacker can still send users to any subdomain over http, real or
made up, and plant or read cookies of the whole domain there. Add it once every subdomain answers
over https, internal ones too, and with a short max-age at first: browsers cannot reach a
subdomain without https for that long.`,
		check: checkSubdomainsOpen,
	},
	{
		ID: "preload-unqualified", Severity: SeverityWarning, Title: "preload without effect",
		Source: "hstspreload.org, submission requirements",
		Help: `The header says preload, but the list would not take the site: that needs max-age of at least
31536000 and includeSubDomains, sent by the registrable domain. On a subdomain preload has no
effect. Meet the requirements, or leave it out.`,
		check: checkPreloadUnqualified,
	},
	{
		ID: "preload-consent", Severity: SeverityInfo, Title: "open to preload submission",
		Source: "hstspreload.org",
		Help: `preload on a registrable domain is consent: anyone may submit the domain to the list that
browsers ship. A removal takes months to reach users, and the list's owners no longer recommend
preloading. Send preload only if you have decided on that.`,
		check: checkPreloadConsent,
	},
	{
		ID: "preload-at-risk", Severity: SeverityWarning, Title: "preloading at risk",
		Source: "hstspreload.org, continued requirements",
		Help: `The site is on the preload list that browsers ship, but what it sends may lose it its place: the
list's owners scan sites again each week and drop those that fail for over 30 days. Entries with
the policy bulk-18-weeks need max-age of at least 10886400, those with bulk-1-year 31536000, both
with includeSubDomains and preload. The list inside this program has no policies, so with it this
rule fires only below 10886400. --preload-list reads a full list.`,
		check: checkAtRisk,
	},
	{
		ID: "certificate-invalid", Severity: SeverityError, Title: "bad certificate",
		Source: "RFC 6797 sections 8.1 and 8.4",
		Help: `Browsers take no policy from a connection with a certificate error, and refuse the connection if
they already know the host's policy. Install a certificate that is valid for the host name, has
not expired and comes from an authority that browsers trust, and send its chain with it.`,
		check: checkCertificate,
	},
	{
		ID: "chain-incomplete", Severity: SeverityWarning, Title: "intermediate certificate missing",
		Source: "RFC 8446 section 4.4.2; RFC 5280 section 4.2.2.1",
		Help: `The server does not send the intermediate certificate. Chromium fetches it from the URL in the
certificate; Firefox, command-line tools and apps often cannot, and fail. Serve the full chain:

nginx:    ssl_certificate fullchain.pem;
Apache:   SSLCertificateFile fullchain.pem
HAProxy:  crt with leaf, intermediate and key in one file`,
		check: checkChain,
	},
	{
		ID: "certificate-expiring", Severity: SeverityWarning, Title: "certificate ends soon",
		Source: "CA/Browser Forum Baseline Requirements section 6.3.2",
		Help: `The certificate ends within 14 days, or within a tenth of its lifetime if that is less. After
that, browsers refuse a host whose policy they know, and users cannot continue. Renew it, and find
out why it was not renewed automatically.`,
		check: checkExpiring,
	},
	{
		ID: "host-is-ip", Severity: SeverityError, Title: "host is an IP address",
		Source: "RFC 6797 section 8.1.1",
		Help:   `A browser never notes a policy for an IP address. Give the service a name.`,
		check:  checkIP,
	},
	{
		ID: "browser-refuses", Severity: SeverityError, Title: "browsers do not go there",
		Source: "Fetch Standard, port blocking; measured with Chromium 156 and Firefox ESR 153",
		Help: `The listed URL, or one that the page leads to, has a port that browsers block or a host name
that they do not look up, such as one with a label that begins or ends with a hyphen. No browser
can reach it. Use another port or name.`,
		check: checkBrowserRefuses,
	},
	{
		ID: "no-https", Severity: SeverityError, Title: "no https",
		Source: "RFC 6797 section 7.2; OMB M-15-13",
		Help: `The host answers over http and not at all over https. Anyone on the network path can read and
change what it sends, and browsers can learn no policy from it. Serve it over https with a
certificate for its name, then redirect http to it:

` + HelpRedirect,
		check: checkNoHTTPS,
	},
	{
		ID: "needs-upgrade", Severity: SeverityWarning, Title: "only browsers that try https",
		Source: "RFC 6797 section 7.2; measured with Chromium 156 and Firefox ESR 153",
		Help: `Chromium and Firefox try https by themselves when they are given an http address, and so see the
header. Other clients go over http: programs, apps, older browsers, and Firefox when a user types
http:// in full. The redirect there never leads them to https on the same host. Redirect http to
https on the same host first, and only then elsewhere:

` + HelpRedirect,
		check: checkNeedsUpgrade,
	},
	{
		ID: "header-over-http", Severity: SeverityWarning, Title: "header over plain http",
		Source: "RFC 6797 section 7.2",
		Help: `A host must not send the header over plain http. Browsers ignore it there, since anyone on the
network path could have added it. It does no harm, but suggests a protection that is not there.
Send it over https only.`,
		check: checkOverHTTP,
	},
	{
		ID: "http-no-redirect", Severity: SeverityWarning, Title: "http does not redirect",
		Source: "RFC 6797 section 7.2",
		Help: `Chromium and Firefox try https first when they are given an http address or none. Other clients
arrive over http, stay there and never see the header: programs, apps, older browsers, and
Firefox when a user types http:// in full. So does a browser whose attempt at https an attacker
makes fail. Redirect every http request to https on the same host:

` + HelpRedirect,
		check: checkNoRedirect,
	},
	{
		ID: "http-redirects-away", Severity: SeverityWarning, Title: "http redirects to other host",
		Source: "hstspreload.org, submission requirements",
		Help: `http://HOST redirects straight to another host. Chromium and Firefox try https://HOST first by
themselves and learn its policy there. Other clients never reach https://HOST, and their next
visit over http is open again. Redirect to https on the same host first, and only then elsewhere:

` + HelpRedirect,
		check: checkRedirectsAway,
	},
	{
		ID: "https-downgrade", Severity: SeverityError, Title: "https redirects to http",
		Source: "RFC 6797 section 2.3.1; measured with Chromium 156 and Firefox ESR 153",
		Help: `A redirect from https to http exposes what TLS protected. Chromium and Firefox try https there
first, and go on over http if that fails or leads back; the finding names the clients that do.
Correct the Location. The cause is often an application behind a proxy that does not know that it
is reached over https (X-Forwarded-Proto).`,
		check: checkDowngrade,
	},
	{
		ID: "hop-unprotected", Severity: SeverityWarning, Title: "later host not covered",
		Source: "RFC 6797 section 14.4",
		Help: `The page leads on to another host that clients would still reach over http. Send the header there
too, also with error pages: a host that answers with an error status and without the header is
not covered either.`,
		check: checkHops,
	},
	{
		ID: "chain-cut", Severity: SeverityWarning, Title: "chain cut short",
		Source: "RFC 9110 section 15.4; measured with Chromium 156 and Firefox ESR 153",
		Help: `The page leads on beyond what was seen of it: through more redirects than a browser follows (19
in Chromium, 20 in Firefox), in a loop, to something that is not a URL, or to a host that gave no
answer. What follows was not judged. This is an error if the verdict depends on it: if the host
was only slow, a browser may get further. Fix the redirect, or list the URL behind it by itself.`,
		check: checkChainCut,
	},
	{
		ID: "first-answer-bare", Severity: SeverityWarning, Title: "first answer lacks header",
		Source: "RFC 6797 section 7.1; hstspreload.org, submission requirements",
		Help: `The first answer over https comes without the header, and a later one of the same host has it,
as with a redirect to a page in another language or a log-in page. A client that goes no further
is not protected, and the list's owners and Internet.nl look only at the first answer. Send the
header with every answer; nginx and Apache need "always" for redirects and errors. VALUE is what
the later answer sends:

` + HelpAlways,
		check: checkFirstBare,
	},
	{
		ID: "answers-vary", Severity: SeverityWarning, Title: "answer depends on who asks",
		Source: "RFC 6797 section 7.1",
		Help: `A real browser (--browser) was answered otherwise than the program: a filter before the site lets
one in and refuses the other, or the site sends the header to some clients alone. Where a real
browser was let in, the site is judged by what that saw. Whoever a filter refuses is not taught the
policy: apps, other browsers, and the scanners of the preload list and Internet.nl, which see what
the program saw. Have the filter send the header too, with its refusals.`,
		check: checkVary,
	},
	{
		ID: "error-status", Severity: SeverityInfo, Title: "judged on an error page",
		Source: "RFC 6797 section 8.1",
		Help: `The answer has the header and an error status. Browsers accept it all the same. Check that the
listed URL is the page that you mean.`,
		check: checkErrorStatus,
	},
	{
		ID: "error-page-bare", Severity: SeverityWarning, Title: "error pages lack header",
		Source: "RFC 6797 section 7.1",
		Help: `The page has the header, and a page of the same host that does not exist lacks it. nginx leaves
add_header out of error pages unless it ends in "always"; Apache leaves out Header set unless it
is Header always set. VALUE is what the page sends:

` + HelpAlways,
		check: checkErrorPage,
	},
	{
		ID: "addresses-differ", Severity: SeverityError, Title: "addresses disagree",
		Source: "Internet.nl, https_hsts",
		Help: `The host has several addresses and they do not send the same policy: whether users are protected
depends on the address that their browser happens to use. Give all servers behind the name the same
configuration.`,
		check: checkAddresses,
	},
	{
		ID: "vantages-differ", Severity: SeverityWarning, Title: "differs by vantage point",
		Source: "hsts-check",
		Help: `The same site sends another policy elsewhere: whether users are protected depends on where they
are. This rule compares saved results of several vantage points, each surveyed with its own
--vantage, as in "hsts-check report akl.ndjson fra.ndjson". A vantage point that could not judge
the site does not count. Give the servers of all regions, and the networks in front of them, the
same configuration.`,
	},
	{
		ID: "apex-unprotected", Severity: SeverityWarning, Title: "registrable domain open",
		Source: "RFC 6797 section 14.4",
		Help: `The registrable domain does not cover its subdomains, so an attacker can send users to a made-up
subdomain over http and plant cookies for the whole domain. Once every subdomain answers over
https, send the header with includeSubDomains on https://DOMAIN too, before it redirects to www.`,
		check: checkApex,
	},
	{
		ID: "www-unprotected", Severity: SeverityWarning, Title: "www open",
		Source: "hstspreload.org, submission requirements",
		Help: `www. below the registrable domain answers and is not covered. Send the header there, or cover
it by includeSubDomains on the registrable domain.`,
		check: checkWWW,
	},
}

// RuleByID returns the rule of that ID; false if there is none.
func RuleByID(id string) (Rule, bool) {
	for _, r := range Rules {
		if r.ID == id {
			return r, true
		}
	}
	return Rule{}, false
}
