package message

// What black-box tests need of the last step: that it changes nothing more,
// and what it lets through.
var (
	Sanitize       = sanitize
	ElementClasses = elementClasses
)
