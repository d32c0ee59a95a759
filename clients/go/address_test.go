package sluice

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/grpc/credentials/insecure"
)

func TestOnlyLoopbackAddressesAreLoopback(t *testing.T) {
	for address, want := range map[string]bool{
		"127.0.0.1:7070": true, "127.9.9.9:1": true, "[::1]:7070": true, "localhost:7070": true, "LOCALHOST:1": true,
		"unix:/run/sluice.sock": true, "unix:///run/sluice.sock": true, "unix-abstract:sluice": true,
		"dns:///localhost:7070": true,
		"10.0.0.1:7070":         false, "localhost.evil.example:7070": false, "127.0.0.1.evil.example:7070": false,
		"127.0.0.1": false, "": false, "127.0.0.1:1,10.0.0.1:2": false, "dns://8.8.8.8/localhost:7070": false,
		"ipv4:127.0.0.1:1,10.0.0.1:2": false, "0.0.0.0:7070": false, "[::]:7070": false, "xds:///localhost:7070": false,
	} {
		if got := isLoopback(address); got != want {
			t.Errorf("isLoopback(%q) = %v", address, got)
		}
	}
}

func setTokenFile(t *testing.T, text string) {
	t.Helper()
	state := t.TempDir()
	t.Setenv("XDG_STATE_HOME", state)
	t.Setenv("SLUICE_TOKEN", "")
	if err := os.MkdirAll(filepath.Join(state, "sluice"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(state, "sluice", "admin-token"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestTheAdminTokenIsFoundOnLoopbackOnly(t *testing.T) {
	setTokenFile(t, "secret\n")
	if got := defaultToken("127.0.0.1:7070"); got != "secret" {
		t.Errorf("on loopback the token is %q", got)
	}
	if got := defaultToken("10.0.0.1:7070"); got != "" {
		t.Errorf("elsewhere the token is %q", got)
	}
}

func TestTheEnvironmentsTokenWinsOverTheFile(t *testing.T) {
	setTokenFile(t, "secret")
	t.Setenv("SLUICE_TOKEN", " mine \n")
	for _, address := range []string{"127.0.0.1:7070", "10.0.0.1:7070"} {
		if got := defaultToken(address); got != "mine" {
			t.Errorf("for %s the token is %q", address, got)
		}
	}
}

func TestAFileThatHoldsNoTokenIsNoToken(t *testing.T) {
	for _, text := range []string{"", "two\nlines", "\x00", strings.Repeat("x", tokenBytesMax+1)} {
		setTokenFile(t, text)
		if got := defaultToken("127.0.0.1:7070"); got != "" {
			t.Errorf("%.20q gave the token %.20q", text, got)
		}
	}
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	if got := defaultToken("127.0.0.1:7070"); got != "" {
		t.Errorf("a missing file gave the token %q", got)
	}
}

func TestTheAddressComesFromTheCallerTheEnvironmentOrTheDefault(t *testing.T) {
	t.Setenv("SLUICE_ADDRESS", "")
	if got := resolveAddress(""); got != "127.0.0.1:7070" {
		t.Error(got)
	}
	t.Setenv("SLUICE_ADDRESS", "example:1")
	if got := resolveAddress(""); got != "example:1" {
		t.Error(got)
	}
	if got := resolveAddress("given:2"); got != "given:2" {
		t.Error(got)
	}
}

func TestDialRefusesToSendATokenAwayInPlainText(t *testing.T) {
	ctx := context.Background()
	plain := WithTransportCredentials(insecure.NewCredentials())
	for _, options := range [][]Option{{WithToken("secret")}, {WithToken("secret"), plain}} {
		if _, err := Dial(ctx, "10.0.0.1:7070", options...); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("got %v", err)
		}
	}
	for _, options := range [][]Option{{WithToken("secret"), WithPlaintext()}, {WithToken("")}} {
		client, err := Dial(ctx, "10.0.0.1:7070", options...)
		if err != nil {
			t.Fatal(err)
		}
		client.Close()
	}
	if _, err := Dial(ctx, "127.0.0.1:1", WithToken("a\nb")); err == nil {
		t.Error("a token of two lines was taken")
	}
}

func TestEveryCallCarriesTheToken(t *testing.T) {
	setTokenFile(t, "secret")
	fake := &fakeServer{}
	serve(t, fake).Database("d").Table(context.Background(), "t")
	if got := fake.header("authorization"); len(got) != 1 || got[0] != "Bearer secret" {
		t.Errorf("the header is %q", got)
	}
}
