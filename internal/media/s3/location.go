package s3

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// Location is where a bucket is. It holds no secret.
type Location struct {
	Endpoint  string // HOST or HOST:PORT
	Insecure  bool   // http instead of https
	Bucket    string
	Prefix    string // of all keys, without slashes around it; may be empty
	Region    string // empty: the bucket is asked
	PathStyle bool   // the bucket stands in the path and not in the host name
}

// ParseLocation reads an address of the form
//
//	https://HOST/BUCKET/PREFIX?region=REGION&path-style=true
//
// PREFIX and what follows it may be missing. Errors do not repeat the address.
func ParseLocation(text string) (Location, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.Fragment != "" {
		return Location{}, errors.New("must be s3:https://HOST/BUCKET, perhaps with a prefix behind the bucket")
	}
	if u.User != nil {
		return Location{}, errors.New("must not hold credentials: they come from the environment or a file")
	}
	l := Location{Endpoint: u.Host, Insecure: u.Scheme == "http"}
	l.Bucket, l.Prefix, _ = strings.Cut(strings.Trim(u.Path, "/"), "/")
	if l.Bucket == "" {
		return Location{}, errors.New("names no bucket: s3:https://HOST/BUCKET")
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return Location{}, errors.New("what follows ? cannot be read")
	}
	for name, values := range query {
		value := values[len(values)-1]
		switch name {
		case "region":
			l.Region = value
		case "path-style":
			if l.PathStyle, err = strconv.ParseBool(value); err != nil {
				return Location{}, fmt.Errorf("path-style is %q, not true or false", value)
			}
		default:
			return Location{}, fmt.Errorf("knows region and path-style, but not %q", name)
		}
	}
	return l, nil
}

func (l Location) scheme() string {
	if l.Insecure {
		return "http"
	}
	return "https"
}
