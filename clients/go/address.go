package sluice

import (
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
)

const (
	defaultAddress = "127.0.0.1:7070"
	// A token is a line; a longer file is something else and must not travel in a header.
	tokenBytesMax = 8192
)

// resolveAddress is the address a caller gave, else the environment's, else the default.
func resolveAddress(address string) string {
	if address == "" {
		address = os.Getenv("SLUICE_ADDRESS")
	}
	if address == "" {
		address = defaultAddress
	}
	return address
}

// isLoopback tells whether an address can only be this machine. A form it does not know is not loopback: the answer
// decides whether the admin token is sent.
func isLoopback(address string) bool {
	if strings.HasPrefix(address, "unix:") || strings.HasPrefix(address, "unix-abstract:") {
		return true
	}
	host, _, err := net.SplitHostPort(strings.TrimPrefix(address, "dns:///"))
	if err != nil {
		return false
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// defaultToken is the token of the environment, or this user's admin token when the server is on this machine.
func defaultToken(address string) string {
	if token := strings.TrimSpace(os.Getenv("SLUICE_TOKEN")); token != "" {
		return token
	}
	if !isLoopback(address) {
		return ""
	}
	return readTokenFile(adminTokenFile())
}

func adminTokenFile() string {
	state := os.Getenv("XDG_STATE_HOME")
	if !filepath.IsAbs(state) { // The XDG rules: a relative path is as good as none.
		home, err := os.UserHomeDir()
		if err != nil {
			return ""
		}
		state = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(state, "sluice", "admin-token")
}

// readTokenFile is the token in a file, or "" when there is none to read: reading needs no token, and a write without
// one gets the server's own words.
func readTokenFile(path string) string {
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, tokenBytesMax+1))
	if token := strings.TrimSpace(string(text)); err == nil && len(text) <= tokenBytesMax && isHeaderText(token) {
		return token
	}
	return ""
}

// isHeaderText tells whether gRPC can carry a text in a header as it is.
func isHeaderText(text string) bool {
	for i := range len(text) {
		if text[i] <= ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}
