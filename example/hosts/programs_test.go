package hosts

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/SupermanScott/Elva/internal/redistest"
)

// program is one of the hosts, running.
type program struct {
	url    string // of the page, with the slash
	client *http.Client
}

// build builds the program in a folder, unchanged but for the addresses in it, and returns its source and its path.
func build(t *testing.T, folder string, addresses map[string]string) (code, binary string) {
	t.Helper()
	dir := t.TempDir()
	source, err := filepath.Abs(filepath.Join(folder, "main.go"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(source)
	if err != nil {
		t.Fatal(err)
	}
	code = string(text)
	for old, replacement := range addresses {
		if strings.Count(code, old) != 1 {
			t.Fatalf("%s has %s not just once", source, old)
		}
		code = strings.Replace(code, old, fmt.Sprintf("%q", replacement), 1)
	}
	copied, overlay := filepath.Join(dir, "main.go"), filepath.Join(dir, "overlay.json")
	binary = filepath.Join(dir, filepath.Base(folder)+".exe")
	replace, _ := json.Marshal(map[string]map[string]string{"Replace": {source: copied}})
	for name, data := range map[string][]byte{copied: []byte(code), overlay: replace} {
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-overlay", overlay, "-o", binary, "./"+folder).CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v\n%s", folder, err, out)
	}
	return code, binary
}

// start builds and runs the program in a folder.
func start(t *testing.T, folder string, server redisServer) program {
	t.Helper()
	address := fmt.Sprint("127.0.0.1:", redistest.FreePort(t))
	code, binary := build(t, folder, map[string]string{`"localhost:6379"`: server.Addr, `"localhost:8080"`: address})
	dir := filepath.Dir(binary)

	p := program{url: "http://" + address + "/debug/logs/", client: newClient(t, nil)}
	if strings.Contains(code, "ListenAndServeTLS") {
		p.url = "https" + strings.TrimPrefix(p.url, "http")
		p.client = newClient(t, writeCertificate(t, dir))
	}
	command := exec.Command(binary)
	command.Dir = dir
	var output strings.Builder
	command.Stdout, command.Stderr = &output, &output
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		command.Process.Kill()
		command.Wait()
		if t.Failed() {
			t.Logf("%s wrote:\n%.5000s", folder, &output)
		}
	})
	eventually(t, func() string {
		connection, err := net.Dial("tcp", address)
		if err != nil {
			return err.Error()
		}
		connection.Close()
		return ""
	})
	return p
}

// newClient returns a client of its own, so that a test's connections end with it. authority may be nil.
func newClient(t *testing.T, authority *x509.CertPool) *http.Client {
	transport := &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: authority}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// writeCertificate writes cert.pem and key.pem for the loopback, and returns who vouches for them.
func writeCertificate(t *testing.T, dir string) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	for name, block := range map[string]*pem.Block{"cert.pem": {Type: "CERTIFICATE", Bytes: certificate}, "key.pem": {Type: "PRIVATE KEY", Bytes: private}} {
		data := pem.EncodeToMemory(block)
		pool.AppendCertsFromPEM(data)
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return pool
}

// folders are the programs. What is not in here has no test, which one of them checks.
var folders = []string{"std", "chi", "gin", "echo", "gorilla", "httprouter", "fiber", "connect", "debug", "http2"}

func TestEveryProgramIsTested(t *testing.T) {
	found, err := filepath.Glob("*/main.go")
	if tested := append([]string{"instances"}, folders...); err != nil || len(found) != len(tested) {
		t.Errorf("programs %q, tested %q: %v", found, tested, err)
	}
}

func TestHosts_Mounting(t *testing.T) {
	for _, folder := range folders {
		t.Run(folder, func(t *testing.T) {
			server := startRedis(t)
			p := start(t, folder, server)
			for _, address := range []string{p.url, strings.TrimSuffix(p.url, "/")} {
				checkPage(t, p.client, address)
				s := open(t, p.client, address)
				if want := map[bool]int{true: 2, false: 1}[folder == "http2"]; s.Proto != want {
					t.Errorf("HTTP/%d, want HTTP/%d", s.Proto, want)
				}
				s.await("status", `"live"`)
				if took := latency(t, server, s); took > 300*time.Millisecond {
					t.Errorf("%s: from PUBLISH to the event %v, at best", address, took)
				} else {
					t.Logf("%s: from PUBLISH to the event %v, at best", address, took)
				}
				checkResume(t, server, p.client, address)
				t.Run("Chromium", func(t *testing.T) {
					page := openTab(t)
					page.open(t, address)
					page.awaitLive(t)
					text := "seen at " + address
					server.publish(t, text)
					page.awaitMessage(t, text)
				})
			}
		})
	}
}

// TestHTTP2_OpenPageLeavesConnections opens more streams than HTTP/1.1 allows for.
func TestHTTP2_OpenPageLeavesConnections(t *testing.T) {
	server := startRedis(t)
	p := start(t, "http2", server)
	tabs := make([]*tab, 8)
	first := openTab(t)
	for i := range tabs {
		if tabs[i] = first; i > 0 {
			tabs[i] = first.sibling(t)
		}
		tabs[i].open(t, p.url)
	}
	for _, tab := range tabs {
		tab.awaitLive(t)
	}
}
