package lab

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Zoo returns hosts that would keep, choke, mislead or exhaust whoever visits
// them, named by what they do: "silent.zoo.test". Those that send a policy at
// all send max-age=31536000.
func Zoo() []Host {
	zoo := map[string]Host{
		// Connections.
		"silent":         {TLS: Silent},
		"refused":        {TLS: Refused},
		"reset":          {TLS: Reset},
		"reset-late":     {TLS: ResetAfterHandshake},
		"ssh":            {TLS: Garbage},
		"drip-handshake": {TLS: DripHandshake},
		"alert":          {TLS: FailHandshake},
		"wrong-alpn":     {TLS: WrongALPN},
		"old-tls":        {TLS: OldTLS},
		"client-cert":    {TLS: ClientCert},
		"long-chain":     {Cert: CertLongChain, Answer: zooSTS},
		"huge-cert":      {Cert: CertHuge, Answer: zooSTS},

		// Heads.
		"hung":            {Answer: Answer{Delay: lifetime}},
		"drip":            {Answer: Answer{Fields: zooSTS.Fields, Drip: time.Second}},
		"endless-head":    {Answer: Answer{Raw: "HTTP/1.1 200 OK\r\n", Endless: "X: y\r\n"}},
		"many-fields":     {Answer: Answer{Fields: append(manyFields(), zooSTS.Fields...)}},
		"huge-field":      {Answer: Answer{Fields: append([]string{"X: " + strings.Repeat("y", 1<<20)}, zooSTS.Fields...)}},
		"huge-head":       {Answer: Answer{Raw: "HTTP/1.1 200 OK\r\n" + strings.Repeat("X: y\r\n", 10<<20/6) + "\r\n"}},
		"endless-interim": {Answer: Answer{Raw: "HTTP/1.1 100 C\r\n\r\n", Endless: "HTTP/1.1 103 E\r\n\r\n"}},
		"nul":             {Answer: Answer{Fields: append([]string{"X: \x00"}, zooSTS.Fields...)}},
		"bare-cr":         {Answer: STS("max-age=31536000\r; includeSubDomains")},
		"folded":          {Answer: STS("max-age=31536000;\r\n includeSubDomains")},
		"bytes":           {Answer: Answer{Fields: append([]string{"X: \xff\x1b[2J"}, zooSTS.Fields...)}},
		"stray-byte":      {Answer: Answer{Raw: "\x85HTTP\r\n" + zooSTS.Fields[0] + "\r\n\r\n"}},
		"two-lengths":     {Answer: Answer{Fields: append([]string{"Content-Length: 1", "Content-Length: 2"}, zooSTS.Fields...)}},
		"http-0.9":        {Answer: Answer{Raw: "<html>\n\n"}},
		"http-1.0":        {Answer: Answer{Raw: "HTTP/1.0 200 OK\r\n" + zooSTS.Fields[0] + "\r\n\r\n"}},
		"endless-body":    {Answer: Answer{Fields: zooSTS.Fields, Endless: "x"}},
		"gzip-bomb":       {Answer: Answer{Fields: append([]string{"Content-Encoding: gzip"}, zooSTS.Fields...), Endless: "\x1f\x8b\x08\x00\x00\x00\x00\x00"}},
		"nasty-value":     {Answer: STS("\x1b]0;owned\x07::error::\u202e<script>=cmd()")},
		"folded-for-long": {Answer: Answer{Fields: []string{"X: a" + strings.Repeat("\r\n b", 12<<10), zooSTS.Fields[0]}}},
		"many-refreshes":  {Answer: Answer{Fields: append(slices.Repeat([]string{"Refresh: 1"}, 16<<10), zooSTS.Fields...)}},
		"many-policies":   {Answer: STS(strings.Split(strings.Repeat("max-age=0,", 500), ",")...)},

		// HTTP/2.
		"h2":              {TLS: OnlyH2, Answer: zooSTS},
		"h2-raw":          {TLS: OnlyH2, Answer: Answer{Raw: "HTTP/1.1 200 OK\r\n\r\n"}},
		"h2-silent":       {TLS: OnlyH2, Answer: Answer{Delay: lifetime}},
		"h2-goaway":       {TLS: OnlyH2, Answer: Answer{Raw: h2Settings + "\x00\x00\x08\x07\x00\x00\x00\x00\x00" + "\x00\x00\x00\x00\x00\x00\x00\x00"}},
		"h2-status":       {TLS: OnlyH2, Answer: Answer{Raw: h2Settings + "\x00\x00\x06\x01\x05\x00\x00\x00\x01" + "\x08\x049999"}},
		"h2-reset":        {TLS: OnlyH2, Answer: Answer{Raw: h2Settings + "\x00\x00\x04\x03\x00\x00\x00\x00\x01" + "\x00\x00\x00\x07"}},
		"h2-continuation": {TLS: OnlyH2, Answer: Answer{Raw: h2Settings + "\x00\x00\x01\x01\x00\x00\x00\x00\x01" + "\x88", Endless: "\x00\x00\x06\x09\x00\x00\x00\x00\x01" + "\x00\x01a\x01b\x82"}},
		"h2-settings":     {TLS: OnlyH2, Answer: Answer{Raw: h2Settings, Endless: h2Settings}},
		"h2-windows":      {TLS: OnlyH2, Answer: Answer{Raw: h2Settings, Endless: "\x00\x00\x04\x08\x00\x00\x00\x00\x00" + "\x00\x00\x00\x01"}},
		"h2-unknown":      {TLS: OnlyH2, Answer: Answer{Raw: h2Settings, Endless: "\x00\x20\x00\xfa\x00\x00\x00\x00\x00" + strings.Repeat("x", 8<<10)}},
		"h2-pings":        {TLS: OnlyH2, Answer: Answer{Raw: h2Settings, Endless: "\x00\x00\x08\x06\x00\x00\x00\x00\x00" + "12345678"}},

		// Redirects.
		"loop":         {Answer: Answer{Location: "/"}},
		"long":         {Answer: Answer{Location: "x/"}},
		"other-case":   {Answer: Answer{Location: "HTTPS://OTHER-CASE.ZOO.TEST/"}},
		"other-port":   {Answer: Answer{Location: "https://other-port.zoo.test:443/"}},
		"file":         {Answer: Answer{Location: "file:///etc/passwd"}},
		"javascript":   {Answer: Answer{Location: "javascript:alert(1)"}},
		"data":         {Answer: Answer{Location: "data:text/html,x"}},
		"user":         {Answer: Answer{Location: "https://user:secret@hung.zoo.test/"}},
		"homograph":    {Answer: Answer{Location: "https://www.ххх.test/"}},
		"crlf":         {Answer: Answer{Location: "/\r\nStrict-Transport-Security: max-age=31536000"}},
		"two-targets":  {Answer: Answer{Location: "/a", Fields: []string{"Location: /b"}}},
		"cookies":      {Answer: Answer{Location: "x/", Fields: manyCookies()}},
		"no-host":      {Answer: Answer{Location: "https:///"}},
		"long-targets": {Answer: Answer{Location: strings.Repeat("x", 300) + "/"}},
		"huge-target":  {Answer: Answer{Location: "/" + strings.Repeat("x", 60<<10)}},
	}
	var hosts []Host
	for name, h := range zoo {
		h.Name = name + ".zoo.test"
		hosts = append(hosts, h)
	}
	return hosts
}

var zooSTS = STS("max-age=31536000")

// h2Settings is an empty SETTINGS frame (RFC 9113 section 6.5).
const h2Settings = "\x00\x00\x00\x04\x00\x00\x00\x00\x00"

func manyCookies() (fields []string) {
	for i := range 1000 {
		fields = append(fields, fmt.Sprintf("Set-Cookie: a%d=%s", i, strings.Repeat("x", 20)))
	}
	return fields
}

func manyFields() []string {
	return strings.Split(strings.TrimSuffix(strings.Repeat("X: y\n", 100_000), "\n"), "\n")
}
