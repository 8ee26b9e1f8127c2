package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The server sends mails through a real Postfix, which requires STARTTLS with a certificate that is verified, and a password. Python's
// email package reads what Postfix delivers.
func TestFieldPostfix(t *testing.T) {
	p := startPostfix(t)
	t.Setenv("SSL_CERT_FILE", p.certificate)
	c := directoryConfig(t.TempDir())
	org := initialize(t, c, "--name", "株式会社アクメ") // longer with its encoding than one line of a header
	s := serve(t, c, "--smtp-url", "smtp://postern:"+postfixPassword+"@localhost:"+p.port+"?starttls=required", "--mail-from", "Postern <login@example.com>")
	status, body, err := s.call("POST", "/v1/customers/", org.AccessToken, map[string]string{"type": "individual", "email": "ada@example.org", "locale": "ja"})
	if err != nil || status != http.StatusCreated {
		t.Fatalf("create customer: %d %s %v", status, body, err)
	}
	s.requestCode(org, "ada@example.org")
	s.requestCode(org, "ada@example.org")
	mails := p.mails(2)
	for _, m := range mails {
		m.check(t)
	}
	if a, b := mails[0].Headers["message-id"], mails[1].Headers["message-id"]; a == b || a == "" {
		t.Errorf("the mails have the IDs %s and %s", a, b)
	}
	code := regexp.MustCompile(`(?m)^ +([A-Z0-9]{8})\s*$`).FindStringSubmatch(mails[0].Text)
	if code == nil {
		t.Fatalf("no code in %q", mails[0].Text)
	}
	status, body, err = s.call("POST", "/v1/customer-portal/customer-session/authenticate", org.AccessToken, map[string]string{"code": code[1]})
	if err != nil || status != http.StatusOK {
		t.Errorf("log in: %d %s %v", status, body, err)
	}
	s.stop()

	// A wrong password is an error of the log, without the password.
	s = serve(t, c, "--smtp-url", "smtp://postern:wrong-password@localhost:"+p.port, "--mail-from", "login@example.com")
	s.requestCode(org, "ada@example.org")
	for end := time.Now().Add(patience); !strings.Contains(s.log.String(), "sending a mail failed"); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("no line in the log about the wrong password")
		}
	}
	if strings.Contains(s.log.String(), "wrong-password") {
		t.Error("the log has the password")
	}
	s.stop()
}

// delivered is a mail as Python reads it.
type delivered struct {
	Defects, Names, Received []string
	Headers                  map[string]string
	FromName                 string `json:"from_name"`
	Text, HTML               string
}

func (m delivered) check(t *testing.T) {
	t.Helper()
	if len(m.Defects) > 0 {
		t.Errorf("the mail has defects: %q", m.Defects)
	}
	for name, want := range map[string]string{
		"subject": "株式会社アクメのサインインコード", "to": "ada@example.org", "auto-submitted": "auto-generated", "content-language": "ja", "mime-version": "1.0",
	} {
		if got := m.Headers[name]; got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if want := "株式会社アクメ (via Postern)"; m.FromName != want {
		t.Errorf("the sender is %q, want %q", m.FromName, want)
	}
	for _, name := range []string{"references", "in-reply-to", "list-unsubscribe", "bcc", "user-agent", "x-mailer"} {
		if m.Headers[name] != "" {
			t.Errorf("the mail has the header %s: %s", name, m.Headers[name])
		}
	}
	seen := map[string]bool{}
	for _, name := range m.Names {
		if seen[name] && name != "received" {
			t.Errorf("the mail has the header %s twice", name)
		}
		seen[name] = true
	}
	if received := strings.Join(m.Received, "\n"); !strings.Contains(received, "ESMTPSA") { // with TLS and authentication (RFC 3848)
		t.Errorf("the mail was received %s", received)
	}
	if !strings.Contains(m.Text, "サインイン") || !strings.Contains(m.HTML, "サインイン") {
		t.Errorf("the text is %q", m.Text)
	}
}

// postfixPassword is as in a URL; the password itself is pass/word+100%.
const postfixPassword = "pass%2Fword+100%25"

// postfix is a mail server that accepts mails for example.org, with STARTTLS and a password only.
type postfix struct {
	t                      *testing.T
	dir, port, certificate string
}

// startPostfix starts Postfix in a directory of its own, so that the mail system of the machine is not involved. It needs root, because Postfix
// runs its processes as other users.
func startPostfix(t *testing.T) *postfix {
	t.Helper()
	for _, program := range []string{"/usr/sbin/postfix", "/usr/sbin/saslpasswd2"} {
		if _, err := os.Stat(program); err != nil {
			t.Fatalf("%s is missing: run scripts/install-tools field", program)
		}
	}
	if os.Geteuid() != 0 {
		t.Fatal("Postfix can only be started by root")
	}
	dir, err := os.MkdirTemp("", "postern-postfix-")
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	must(t, os.Chmod(dir, 0o755)) // #nosec G302 -- the users of Postfix read it
	p := &postfix{t: t, dir: dir, port: freePort(t)}
	nobody, mailer := userIDs(t, "nobody"), userIDs(t, "postfix")
	for name, owner := range map[string][2]int{"conf": {}, "queue": {}, "data": mailer, "mail": nobody} {
		must(t, os.Mkdir(filepath.Join(dir, name), 0o755))
		must(t, os.Chown(filepath.Join(dir, name), owner[0], owner[1]))
	}
	must(t, os.Mkdir(filepath.Join(dir, "conf", "sasl"), 0o755)) // Debian's Postfix looks there
	p.certificate = p.writeCertificate()
	p.write("conf/sasl/smtpd.conf", "pwcheck_method: auxprop\nauxprop_plugin: sasldb\nmech_list: PLAIN LOGIN\nsasldb_path: %s/data/sasldb2\n", dir)
	p.write("conf/main.cf", postfixMain, dir, nobody[0], nobody[1])
	p.write("conf/master.cf", postfixMaster, p.port)
	password := exec.Command("/usr/sbin/saslpasswd2", "-p", "-c", "-f", dir+"/data/sasldb2", "-u", "example.com", "postern")
	password.Stdin = strings.NewReader("pass/word+100%")
	p.run(password)
	must(t, os.Chown(dir+"/data/sasldb2", mailer[0], mailer[1]))
	p.run(exec.Command("/usr/sbin/postfix", "-c", dir+"/conf", "start"))
	t.Cleanup(func() {
		p.run(exec.Command("/usr/sbin/postfix", "-c", dir+"/conf", "stop"))
		if log, err := os.ReadFile(dir + "/data/log"); t.Failed() {
			t.Logf("log of Postfix (%v):\n%s", err, log)
		}
	})
	return p
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (p *postfix) write(name, format string, args ...any) {
	p.t.Helper()
	must(p.t, os.WriteFile(filepath.Join(p.dir, name), fmt.Appendf(nil, format, args...), 0o644)) // #nosec G306 -- the users of Postfix read it
}

func (p *postfix) run(cmd *exec.Cmd) {
	p.t.Helper()
	if out, err := cmd.CombinedOutput(); err != nil {
		p.t.Fatalf("%s: %v\n%s", cmd, err, out)
	}
}

// writeCertificate writes a certificate for localhost and its key, and returns the path of the certificate.
func (p *postfix) writeCertificate() string {
	p.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(p.t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	must(p.t, err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	must(p.t, err)
	must(p.t, os.WriteFile(p.dir+"/conf/key.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600))
	p.write("conf/certificate.pem", "%s", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate}))
	return p.dir + "/conf/certificate.pem"
}

// mails waits for n mails in the mailbox of ada@example.org.
func (p *postfix) mails(n int) (mails []delivered) {
	p.t.Helper()
	box := p.dir + "/mail/ada"
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		if files, _ := os.ReadDir(box + "/new"); len(files) == n {
			break
		} else if time.Now().After(end) {
			p.t.Fatalf("%d mails were delivered, want %d", len(files), n)
		}
	}
	cmd := exec.Command("python3", "mail/read.py", box)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	must(p.t, err)
	must(p.t, json.Unmarshal(out, &mails))
	return mails
}

func userIDs(t *testing.T, name string) [2]int {
	t.Helper()
	u, err := user.Lookup(name)
	must(t, err)
	uid, err := strconv.Atoi(u.Uid)
	must(t, err)
	gid, err := strconv.Atoi(u.Gid)
	must(t, err)
	return [2]int{uid, gid}
}

func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer listener.Close()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	must(t, err)
	return port
}

// postfixMain is main.cf; its arguments are the directory, and the user and group who own the mailboxes.
const postfixMain = `compatibility_level = 3.6
queue_directory = %[1]s/queue
data_directory = %[1]s/data
maillog_file = %[1]s/data/log
maillog_file_prefixes = %[1]s
myhostname = localhost.example.com
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks =
mydestination =
alias_maps =
alias_database =
default_transport = error:this server delivers to example.org only
virtual_mailbox_domains = example.org
virtual_mailbox_base = %[1]s/mail
virtual_mailbox_maps = static:ada/
virtual_uid_maps = static:%[2]d
virtual_gid_maps = static:%[3]d
smtpd_tls_cert_file = %[1]s/conf/certificate.pem
smtpd_tls_key_file = %[1]s/conf/key.pem
smtpd_tls_security_level = encrypt
smtpd_tls_auth_only = yes
smtpd_tls_received_header = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = cyrus
smtpd_sasl_local_domain = example.com
smtpd_client_restrictions = permit_sasl_authenticated, reject
smtpd_relay_restrictions = permit_sasl_authenticated, reject
`

// postfixMaster is master.cf; its argument is the port.
const postfixMaster = `127.0.0.1:%s inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
`
