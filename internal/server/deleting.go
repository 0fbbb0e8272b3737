package server

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tidings-im/tidings/internal/retention"
)

// deleting is what is measured of retention, on this node. It implements
// retention.Meter.
type deleting struct {
	rows   *prometheus.CounterVec // by kind
	failed prometheus.Counter
	last   prometheus.Gauge
	oldest prometheus.Gauge
}

func newDeleting() deleting {
	return deleting{
		rows: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tidings_retention_deleted_total", Help: `Rows deleted because they were kept long enough, by kind: "message", "inbox", "receipt", "change", "file" or "audit".`,
		}, []string{"kind"}),
		failed: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "tidings_retention_failures_total", Help: "Sweeps after which something that should be deleted was still there.",
		}),
		last: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "tidings_retention_last_success_timestamp_seconds", Help: "When this node last deleted everything that was due; 0 before the first time.",
		}),
		oldest: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "tidings_retention_oldest_message_timestamp_seconds", Help: "When the oldest message still kept was accepted, as of the last sweep; 0 when there was none.",
		}),
	}
}

func (d *deleting) register(r *prometheus.Registry) {
	r.MustRegister(d.rows, d.failed, d.last, d.oldest)
}

// Deleted implements retention.Meter.
func (d *deleting) Deleted(n retention.Deleted) {
	for kind, rows := range map[string]int{"message": n.Messages, "inbox": n.Filed, "receipt": n.Receipts, "change": n.Changes, "file": n.Files, "audit": n.Audit} {
		if rows > 0 {
			d.rows.WithLabelValues(kind).Add(float64(rows))
		}
	}
}

// Swept implements retention.Meter.
func (d *deleting) Swept(at, oldest time.Time) {
	d.last.Set(seconds(at))
	d.oldest.Set(0)
	if !oldest.IsZero() {
		d.oldest.Set(seconds(oldest))
	}
}

// Failed implements retention.Meter.
func (d *deleting) Failed() { d.failed.Inc() }

func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
