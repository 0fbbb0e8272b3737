package server

import "github.com/prometheus/client_golang/prometheus"

// calling is what is measured of events that are told to apps, on this node. It
// implements callback.Meter.
type calling struct {
	attempts *prometheus.CounterVec // by result
	givenUp  prometheus.Counter
}

func newCalling() calling {
	return calling{
		attempts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tidings_callback_attempts_total", Help: `Attempts to tell an app of an event, by result: "delivered" or "failed".`,
		}, []string{"result"}),
		givenUp: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "tidings_callback_given_up_total", Help: "Events that could not be told to an app within 24 hours or 30 attempts.",
		}),
	}
}

func (c *calling) register(r *prometheus.Registry) {
	for _, result := range []string{"delivered", "failed"} {
		c.attempts.WithLabelValues(result)
	}
	r.MustRegister(c.attempts, c.givenUp)
}

// Attempted implements callback.Meter.
func (c *calling) Attempted(delivered bool) {
	result := "failed"
	if delivered {
		result = "delivered"
	}
	c.attempts.WithLabelValues(result).Inc()
}

// GaveUp implements callback.Meter.
func (c *calling) GaveUp(events int) { c.givenUp.Add(float64(events)) }
