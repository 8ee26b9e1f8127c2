package webhook

import (
	"net/netip"
	"testing"
)

func TestGuardRefusesPrivateAddresses(t *testing.T) {
	strict := guard{}
	for address, want := range map[string]bool{
		"8.8.8.8:443": true, "[2606:4700::1111]:443": true, "[::ffff:8.8.8.8]:443": true,
		"127.0.0.1:443": false, "127.255.0.3:443": false, "[::1]:443": false, "[::]:443": false, "0.0.0.0:80": false, "0.1.2.3:80": false,
		"10.1.2.3:443": false, "172.16.0.1:443": false, "172.32.0.1:443": true, "192.168.1.1:443": false, "100.64.0.1:443": false,
		"169.254.169.254:80": false, "[fe80::1%eth0]:443": false, "[fc00::1]:443": false, "[fd12::1]:443": false, "[fec0::1]:443": false,
		"[::ffff:10.0.0.1]:443": false, "[::ffff:169.254.169.254]:80": false, "[64:ff9b::a00:1]:443": false, "[2002:a00:1::]:443": false,
		"[2001::1]:443": false, "224.0.0.1:443": false, "[ff02::1]:443": false, "255.255.255.255:443": false, "198.18.0.1:443": false,
		"[::127.0.0.1]:443": false, "localhost:443": false, "": false,
		"168.63.129.16:80": false, "168.63.129.17:80": true, "[::ffff:168.63.129.16]:80": false, "100.100.100.200:80": false, "192.0.0.192:80": false,
		"[fd00:ec2::254]:80": false, "[fd20:ce::254]:80": false, "[::ffff:0:a00:1]:443": false, "[::ffff:0:8.8.8.8]:443": false,
		"[64:ff9b:1::8.8.8.8]:443": false, "[100::1]:443": false, "[100:0:0:1::1]:443": false, "[5f00::1]:443": false, "[3fff:fff::1]:443": false,
		"[2620:4f:8000::1]:443": false, "[2001:20::1]:443": false, "[4000::1]:443": false, "192.31.196.1:443": false, "192.52.193.1:443": false,
		"192.175.48.1:443": false, "192.88.99.1:443": false, "[2a00:1450::1]:443": true,
	} {
		if got := strict.control("tcp", address, nil) == nil; got != want {
			t.Errorf("%s is allowed: %v", address, got)
		}
	}
	own := guard{[]netip.Prefix{netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("::1/128")}}
	for address, want := range map[string]bool{
		"10.1.2.3:443": true, "[::ffff:10.1.2.3]:443": true, "10.2.0.1:443": false, "[::1]:80": true, "127.0.0.1:80": false, "8.8.8.8:443": true,
	} {
		if got := own.control("tcp", address, nil) == nil; got != want {
			t.Errorf("among allowed networks, %s is allowed: %v", address, got)
		}
	}
}
