package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// lifetime is how long something is good, as the command line says it: days,
// such as 7d, or what Go's durations are written like, such as 36h or 1h30m.
type lifetime time.Duration

// maxLife keeps sums of times from running over; what there is a limit for has
// a lower one of its own.
const (
	oneDay  = 24 * time.Hour
	maxDays = 36_500
	maxLife = maxDays * oneDay
)

// UnmarshalText implements encoding.TextUnmarshaler.
func (l *lifetime) UnmarshalText(text []byte) error {
	d, err := parseLife(string(text))
	*l = lifetime(d)
	return err
}

func parseLife(text string) (time.Duration, error) {
	var d time.Duration
	if number, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.Atoi(number)
		if err != nil {
			return 0, fmt.Errorf("%q is no duration: write days like 7d, or 36h, or 90m", text)
		}
		if n < 1 || n > maxDays {
			return 0, fmt.Errorf("%d days: must be at least 1, the limit is %d", n, maxDays)
		}
		return time.Duration(n) * oneDay, nil
	}
	d, err := time.ParseDuration(text)
	switch {
	case err != nil:
		return 0, fmt.Errorf("%q is no duration: write days like 7d, or 36h, or 90m", text)
	case d <= 0 || d > maxLife:
		return 0, fmt.Errorf("%s: must be more than 0, the limit is %dd", text, maxDays)
	}
	return d, nil
}
