package server

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/tidings-im/tidings/internal/store"
)

// measure registers what is read off the rooms when somebody looks.
func (s *services) measure(m *metrics) {
	m.gauge("tidings_live_connections", "Event streams open now.", func() float64 { return float64(s.hub.Streams() + s.consoles.Streams()) })
	m.gauge("tidings_send_queue_depth", "Submissions that wait or are being committed.", func() float64 { return float64(s.notify.QueueDepth()) })
	m.gauge("tidings_store_wal_bytes", "Size of SQLite's write-ahead log; 0 on PostgreSQL.", func() float64 { return float64(s.db.LogSize()) })
	m.gauge("tidings_store_reserve_bytes", "Room kept on SQLite's disk for what goes on when that is full; 0 on PostgreSQL.", func() float64 { return float64(s.db.ReserveSize()) })
	m.gauge("tidings_store_full", "1 while sends are refused because the disk is full.", func() float64 {
		if s.db.CheckSpace() != nil {
			return 1
		}
		return 0
	})
	m.gauge("tidings_directory_lag_seconds", "For how long changes of people and departments made elsewhere may have been missed; below 2 while all is well.", func() float64 {
		return s.Directory.Lag().Seconds()
	})
	m.registry.MustRegister(pools{s.db})
}

// pools tells of the connections to the database.
type pools struct{ db *store.DB }

var (
	poolOpen   = prometheus.NewDesc("tidings_db_connections", "Connections to the database, by pool and state: used or idle.", []string{"pool", "state"}, nil)
	poolMax    = prometheus.NewDesc("tidings_db_connections_max", "Connections that a pool may open.", []string{"pool"}, nil)
	poolWaits  = prometheus.NewDesc("tidings_db_waits_total", "How often somebody waited for a connection.", []string{"pool"}, nil)
	poolWaited = prometheus.NewDesc("tidings_db_wait_seconds_total", "Time that was waited for connections.", []string{"pool"}, nil)
)

// Describe implements prometheus.Collector.
func (p pools) Describe(all chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{poolOpen, poolMax, poolWaits, poolWaited} {
		all <- d
	}
}

// Collect implements prometheus.Collector.
func (p pools) Collect(all chan<- prometheus.Metric) {
	for _, one := range p.db.Pools() {
		gauge := func(d *prometheus.Desc, kind prometheus.ValueType, value float64, labels ...string) {
			all <- prometheus.MustNewConstMetric(d, kind, value, append([]string{one.Name}, labels...)...)
		}
		gauge(poolOpen, prometheus.GaugeValue, float64(one.Used), "used")
		gauge(poolOpen, prometheus.GaugeValue, float64(one.Open-one.Used), "idle")
		gauge(poolMax, prometheus.GaugeValue, float64(one.Max))
		gauge(poolWaits, prometheus.CounterValue, float64(one.Waits))
		gauge(poolWaited, prometheus.CounterValue, one.Waited.Seconds())
	}
}
