package notify

// SaveEvery has what days add up to saved after so many tasks.
func (s *Service) SaveEvery(tasks int) { s.sequencer.days.every = tasks }
