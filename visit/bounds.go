package visit

import "hsts-check/browser"

// What one server can cost, and one survey hold. Of a handshake, crypto/tls
// takes 256 KiB of certificates and no more; lines of lists are bounded in
// package lists.
const (
	// maxHead is how many bytes of a response are read in search of the end of
	// its head, interim answers included, and so the bound of its fields too.
	// Chromium stops there (measured with Chromium 156).
	maxHead = 256 << 10

	// maxConnection is how many bytes a connection may bring: certificates, a head
	// and what is read of a page, and as much again for the frames around them.
	maxConnection = 1 << 20

	// maxKeptBuffer is how long a buffer may be that is kept for another head.
	maxKeptBuffer = 32 << 10

	// maxValue is how many bytes of a value are kept, those of the header apart,
	// which browsers read whole: one more than what is followed of a URL, so that
	// it can be told from one that is not too long.
	maxValue = browser.MaxURL + 1

	// maxServer is how many bytes of a Server field are kept: enough to tell which
	// software it is.
	maxServer = 100

	// maxMisnamed is how many names are kept that are nearly the header's.
	maxMisnamed = 12

	// maxSetCookie is how many bytes of Set-Cookie fields of one answer are read.
	// No client keeps more in a visit.
	maxSetCookie = 16 << 10

	// maxFields is how many bytes a visit may hold of what goes into its record:
	// the URLs and fields of all its answers. One answer may have a field as long
	// as a head.
	maxFields = maxHead + 64<<10

	// filesPerVisit is how many open files a visit needs, for a connection and a
	// look-up; ownFiles is how many the program has open besides.
	filesPerVisit = 2
	ownFiles      = 32

	// maxAddresses is how many addresses of a host are tried for one exchange:
	// three of each version of IP.
	maxAddresses = 6
	// maxProbedAddresses is how many are visited one by one where that is asked
	// for: more than any honest name has.
	maxProbedAddresses = 16

	// siteTimeouts is how many times the timeout of one exchange a site may
	// take in all: enough for a chain of hosts that are slow, not for one that
	// stalls at every hop and again at every probe.
	siteTimeouts = 4

	// secondPatience is how long http is waited for at a host that let a whole
	// timeout pass over https: what is there answers by then, and most such hosts
	// are not there at all.
	secondPatience = browser.LeastPatience

	// perHost is how many visits at once one host gets: about what a browser
	// makes of connections to it.
	perHost = 4

	// maxShortages is how often an exchange is made again after this machine ran
	// short: for some seconds, in which other visits end.
	maxShortages = 6

	// maxIntermediates is how many missing certificates of one chain are
	// fetched. Chains of public authorities have one or two.
	maxIntermediates = 3
	// maxIssuerURLs is how many of a certificate's AIA URLs are asked: public
	// authorities name one or two, and somebody else's server pays for the rest.
	maxIssuerURLs = 4
	// maxIssuers is how many certificates of AIA URLs a run keeps.
	maxIssuers = 256
	// maxIssuerRedirects bounds the requests for one of them.
	maxIssuerRedirects = 3
	// maxCertificate bounds a fetched certificate, in bytes.
	maxCertificate = 64 << 10

	// window is how many sites a survey may be ahead of the result it yields
	// next. A silent site holds its successors' results back until it times
	// out, so a survey can go no faster than window sites in the time of the
	// slowest one.
	window = 16 << 10
	// maxHeld is how many bytes the sites of the window and what was seen of
	// them may hold before no further one is started. Ordinary sites never come
	// near.
	maxHeld = 32 << 20
)
