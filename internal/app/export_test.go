package app

// Remembered returns how many tokens are in memory.
func Remembered(s *Service) int {
	n := 0
	s.callers.era.Load().tokens.Range(func(any, any) bool {
		n++
		return true
	})
	return n
}
