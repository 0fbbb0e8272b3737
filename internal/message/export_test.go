package message

// What black-box tests need of the last step: that it changes nothing more,
// and what it lets through.
var (
	Sanitize       = sanitize
	ElementClasses = elementClasses
)

// MarkdownSteps returns how many steps it takes to read a Markdown text.
func MarkdownSteps(text string) int {
	_, steps := countedMarkdown(text)
	return steps
}
