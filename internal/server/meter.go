package server

import (
	"context"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/notify"
)

// sending is what is measured of sends.
type sending struct {
	sends      *prometheus.CounterVec // by result
	recipients *prometheus.CounterVec // by outcome
	batch      prometheus.Histogram
	commit     *prometheus.HistogramVec // by result
}

func newSending() sending {
	return sending{
		sends: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tidings_sends_total", Help: `Sends, by result: "accepted", "busy", "storage_full", "commit_unknown", or the kind of another refusal. Requests that cannot be read are not sends.`,
		}, []string{"result"}),
		recipients: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tidings_recipients_total", Help: `People named by accepted sends, by outcome: "sent" or "held".`,
		}, []string{"outcome"}),
		batch: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "tidings_batch_submissions", Help: "Submissions committed in one transaction.",
			Buckets: prometheus.ExponentialBuckets(1, 2, 10),
		}),
		commit: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "tidings_commit_seconds", Help: `Time of a sending transaction, by result: "committed" or "failed".`,
			Buckets: prometheus.ExponentialBuckets(0.0005, 2, 14),
		}, []string{"result"}),
	}
}

// ownResults are refusals that an operator has to tell from others of their kind.
func ownResults() []fault.Code {
	return []fault.Code{fault.CodeBusy, fault.CodeStorageFull, fault.CodeCommitUnknown}
}

func (s *sending) register(r *prometheus.Registry) {
	s.sends.WithLabelValues("accepted")
	for _, code := range ownResults() {
		s.sends.WithLabelValues(string(code))
	}
	r.MustRegister(s.sends, s.recipients, s.batch, s.commit)
}

// Batch implements notify.Meter.
func (s *sending) Batch(submissions int, took time.Duration, failed bool) {
	result := "committed"
	if failed {
		result = "failed"
	}
	s.batch.Observe(float64(submissions))
	s.commit.WithLabelValues(result).Observe(took.Seconds())
}

// Decided implements notify.Meter.
func (s *sending) Decided(sent, held uint64) {
	s.recipients.WithLabelValues("sent").Add(float64(sent))
	s.recipients.WithLabelValues("held").Add(float64(held))
}

// meteredSends counts sends by result on their way to the room.
type meteredSends struct {
	*notify.Service
	metrics *metrics
}

func (s meteredSends) Send(ctx context.Context, r notify.SendRequest) (int64, error) {
	task, err := s.Service.Send(ctx, r)
	s.count(err)
	return task, err
}

func (s meteredSends) SendTemplate(ctx context.Context, r notify.TemplateRequest) (int64, error) {
	task, err := s.Service.SendTemplate(ctx, r)
	s.count(err)
	return task, err
}

// SendByHand is one on its way from our own API.
func (s meteredSends) SendByHand(ctx context.Context, h notify.ByHand) (int64, error) {
	task, err := s.Service.SendByHand(ctx, h)
	s.count(err)
	return task, err
}

func (s meteredSends) count(err error) {
	result := "accepted"
	if err != nil {
		f := fault.From(err)
		result = f.Kind.String()
		if slices.Contains(ownResults(), f.Code) {
			result = string(f.Code)
		}
	}
	s.metrics.sends.WithLabelValues(result).Inc()
}
