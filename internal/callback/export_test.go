package callback

import "context"

// DeliverNow delivers what waits for an app, as Run does when it is due.
func (s *Service) DeliverNow(ctx context.Context, k Key) error {
	return s.deliver(ctx, k, func() bool { return ctx.Err() == nil })
}
