package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/tidings-im/tidings/internal/policy"
)

func address(text string) (string, error) {
	_, port, err := net.SplitHostPort(text)
	if err != nil {
		return "", fmt.Errorf("%q is not HOST:PORT", text)
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return "", fmt.Errorf("%q has no port between 0 and 65535", text)
	}
	return text, nil
}

func addressOrOff(text string) (string, error) {
	if text == "off" {
		return "", nil
	}
	value, err := address(text)
	if err != nil {
		return "", fmt.Errorf("%w, nor off", err)
	}
	return value, nil
}

// publicURL takes an address without a path. A slash at its end does no harm
// and is left out. An empty one is as none.
func publicURL(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil ||
		strings.Trim(u.Path, "/") != "" || strings.ContainsAny(text, "?#") {
		return "", errors.New("must be http:// or https:// and a host, perhaps a port, and nothing after it")
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
			return "", errors.New("has no port between 1 and 65535")
		}
	}
	return u.Scheme + "://" + strings.ToLower(u.Host), nil
}

func directory(text string) (string, error) {
	if text == "" {
		return "", errors.New("is empty")
	}
	path, err := filepath.Abs(text)
	if err != nil {
		return "", fmt.Errorf("no absolute path: %w", err)
	}
	return path, nil
}

// fileOrNone takes the path of a file; "" is none.
func fileOrNone(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	return directory(text)
}

// ParseDatabase checks the address of a database; a path becomes absolute. The
// error never repeats the value: it may hold a password.
func ParseDatabase(text string) (string, error) { return database(text) }

func database(text string) (string, error) {
	if path, ok := strings.CutPrefix(text, "sqlite:"); ok {
		path, err := directory(path)
		return "sqlite:" + path, err
	}
	if strings.HasPrefix(text, "postgres://") || strings.HasPrefix(text, "postgresql://") {
		return text, nil
	}
	return "", errors.New("must be sqlite:PATH or postgres://…")
}

// database refuses a password on the command line, which everybody on the
// machine can read.
func (s *sources) database(text string) (string, error) {
	if _, onFlag := s.flags["database"]; onFlag {
		return DatabaseFlag(text)
	}
	return database(text)
}

// DatabaseFlag is ParseDatabase for an address on the command line, where a
// password is refused: everybody on the machine can read it there.
func DatabaseFlag(text string) (string, error) {
	address, err := database(text)
	if err != nil || strings.HasPrefix(address, "sqlite:") {
		return address, err
	}
	u, err := url.Parse(text)
	if err != nil { // url.Parse repeats what it cannot read
		return "", errors.New("is no address that can be read")
	}
	if holdsPassword(u) {
		return "", errors.New("holds a password, which everybody on this machine could read: put it into ~/.pgpass, a file that PGPASSFILE names, or PGPASSWORD, or say the whole address in TIDINGS_DATABASE or in the file of --config")
	}
	return address, nil
}

// prefixes takes addresses and networks with commas between them.
func prefixes(text string) ([]netip.Prefix, error) {
	var all []netip.Prefix
	for one := range strings.SplitSeq(text, ",") {
		one = strings.TrimSpace(one)
		if one == "" {
			continue
		}
		prefix, err := netip.ParsePrefix(one)
		if addr, single := netip.ParseAddr(one); single == nil {
			prefix, err = addr.Prefix(addr.BitLen())
		}
		if err != nil || strings.Contains(one, "%") {
			return nil, fmt.Errorf("%q is neither an address such as 192.0.2.1 nor a network such as 10.0.0.0/8", one)
		}
		all = append(all, prefix.Masked())
	}
	return all, nil
}

// headerName takes what a header may be called.
func headerName(text string) (string, error) {
	other := func(r rune) bool {
		return r != '-' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	}
	if text == "" || len(text) > 64 || strings.ContainsFunc(text, other) {
		return "", fmt.Errorf("%q is not the name of a header", text)
	}
	return text, nil
}

func holdsPassword(u *url.URL) bool {
	_, secret := u.User.Password()
	return secret || u.Query().Has("password")
}

func preset(text string) (string, error) { return oneOf(policy.Presets()...)(text) }

func level(text string) (slog.Level, error) {
	if _, err := oneOf("debug", "info", "warn", "error")(text); err != nil {
		return 0, err
	}
	var l slog.Level
	return l, l.UnmarshalText([]byte(text))
}

func onOff(text string) (bool, error) {
	_, err := oneOf("on", "off")(text)
	return text == "on", err
}

func oneOf(allowed ...string) func(string) (string, error) {
	return func(text string) (string, error) {
		if !slices.Contains(allowed, text) {
			return "", fmt.Errorf("%q is none of %s", text, strings.Join(allowed, ", "))
		}
		return text, nil
	}
}
