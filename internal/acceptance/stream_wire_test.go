package acceptance_test

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	elva "github.com/SupermanScott/Elva"
)

// TestEvents_NotChunkedOverHTTP1 checks the bytes on the wire. Chunks would need three system calls for a batch.
func TestEvents_NotChunkedOverHTTP1(t *testing.T) {
	h := newHost(t, elva.Config{}, nil)
	address, err := url.Parse(h.URL)
	if err != nil {
		t.Fatal(err)
	}
	for _, version := range []string{"1.0", "1.1"} {
		conn, err := net.Dial("tcp", address.Host)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := fmt.Fprintf(conn, "GET /?events HTTP/%s\r\nHost: x\r\n\r\n", version); err != nil {
			t.Fatal(err)
		}
		r := bufio.NewReader(conn)
		header := ""
		for line := ""; line != "\r\n"; header += line {
			if line, err = r.ReadString('\n'); err != nil {
				t.Fatal(err)
			}
		}
		lower := strings.ToLower(header)
		if strings.Contains(lower, "transfer-encoding") || strings.Contains(lower, "content-length") {
			t.Errorf("HTTP/%s: the header is\n%s", version, header)
		}
		if line, err := r.ReadString('\n'); err != nil || line != "retry: 1000\n" {
			t.Errorf("HTTP/%s: the body begins with %q, %v", version, line, err)
		}
	}
}

func TestEvents_ReverseProxyAndHTTP2(t *testing.T) {
	h := newHost(t, elva.Config{}, nil)
	address, err := url.Parse(h.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httptest.NewUnstartedServer(httputil.NewSingleHostReverseProxy(address))
	proxy.EnableHTTP2 = true
	proxy.StartTLS()
	t.Cleanup(proxy.Close)
	direct := httptest.NewUnstartedServer(h.Handler)
	direct.EnableHTTP2 = true
	direct.StartTLS()
	t.Cleanup(direct.Close)
	for name, server := range map[string]*httptest.Server{"proxy": proxy, "direct": direct} {
		for _, version := range []int{1, 2} {
			t.Run(fmt.Sprint(name, " HTTP/", version), func(t *testing.T) {
				transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: version == 2}
				defer transport.CloseIdleConnections()
				res, err := (&http.Client{Transport: transport}).Get(server.URL + "/?events")
				if err != nil {
					t.Fatal(err)
				}
				defer res.Body.Close()
				if res.ProtoMajor != version || res.Header.Get("Transfer-Encoding") != "" {
					t.Errorf("%s with the header %v", res.Proto, res.Header)
				}
				r := bufio.NewReader(res.Body)
				for n := range 3 { // each has to arrive before the next is published
					text := fmt.Sprintf("record %d of %s %d", n, name, version)
					h.publish(text)
					for {
						line, err := r.ReadString('\n')
						if err != nil {
							t.Fatal(err)
						}
						if strings.HasPrefix(line, "data: [") && strings.Contains(line, text) {
							break
						}
					}
				}
			})
		}
	}
}
