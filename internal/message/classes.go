package message

import "strings"

// The classes of the HTML, a stable surface for style sheets and scripts. The
// root is always <article class="td-card td-TYPE" dir="auto">; texts that may run
// in another direction than their card have a dir="auto" of their own.
const (
	classCard = "td-card"

	classHead   = "td-head"   // header strip of an oa card, with data-color and inks
	classApp    = "td-app"    // the app's name in it
	classTop    = "td-top"    // of an oa card: its title and, beside it, its status bar
	classTitle  = "td-title"  // h3 around the card's title
	classOpener = "td-opener" // the anchor whose click target is the whole card

	classBubble     = "td-bubble"             // text
	classContent    = "td-content"            // text of a link card
	classClamped    = "td-content td-clamp"   // content of an oa card, to be clamped to three lines
	classProse      = "td-prose"              // rendered Markdown
	classHeading    = "td-heading"            // a heading in it, with data-level 1 to 6
	classTable      = "td-table"              // div around a table in it, whose cells have data-align: center, right
	classTask       = "td-task"               // the box of a task in it, ☐ or ☑, with data-checked
	classFigure     = "td-figure"             // image
	classPicture    = "td-picture"            // a picture in any card; an upload with width and height
	classThumb      = "td-picture td-thumb"   // the small picture of a link card
	classAsk        = "td-ask"                // a picture to be loaded on a click: data-src, data-host
	classMissing    = "td-missing"            // a picture or upload that is not there
	classVoice      = "td-recording"          // data-src, data-media, data-type: the content type
	classDuration   = "td-duration"           // data-duration in seconds
	classFile       = "td-attachment"         // data-src, data-media, data-type
	classFileName   = "td-file-name"          // the upload's name; empty when it is gone
	classRich       = "td-rich"               // the big number of an oa card
	classNum        = "td-num"                //
	classUnit       = "td-unit"               //
	classForm       = "td-form"               // dl of rows
	classRow        = "td-row"                // div around dt and dd
	classMore       = "td-more"               // details around the rows beyond six
	classMoreToggle = "td-more-toggle"        // its summary, empty, with data-count
	classFiles      = "td-files"              // "3 attachments"
	classCount      = "td-count"              // the 3 in it, as the sender wrote it
	classAuthor     = "td-author"             //
	classStatus     = "td-status"             // the status bar, with data-color and inks
	classSingle     = "td-single"             // the one jump of an action card
	classStacked    = "td-buttons td-stacked" // ul of buttons, one below the other
	classSide       = "td-buttons td-side"    // ul of buttons, side by side
	classButton     = "td-button"             //
	classAnchor     = "td-anchor"             // a link in a text
	classOff        = "td-off"                // where a link would be if it could be opened: data-kind
	classDead       = "td-dead"               // the text of a link that cannot be opened
)

// elementClasses returns the values the class attribute may have, by element.
// Exact values per element are also quicker to check than any list of names.
func elementClasses() map[string][]string {
	missing, ask, off := " "+classMissing, " "+classAsk, " "+classOff
	var roots []string
	for _, t := range allTypes() {
		roots = append(roots, classCard+" "+classOf(t))
	}
	return map[string][]string{
		"article": roots,
		"header":  {classHead},
		"h3":      {classTitle, classHeading},
		"h4":      {classHeading},
		"h5":      {classHeading},
		"h6":      {classHeading},
		"p": {
			classBubble, classContent, classClamped, classRich, classFiles, classAuthor, classStatus, classSingle,
		},
		"div":     {classTop, classRow, classProse, classTable, classVoice, classVoice + missing, classFile, classFile + missing},
		"figure":  {classFigure, classFigure + missing},
		"dl":      {classForm},
		"details": {classMore},
		"summary": {classMoreToggle},
		"ul":      {classStacked, classSide},
		"a":       {classAnchor, classOpener, classButton},
		"img":     {classPicture, classThumb},
		"button":  {classPicture + ask, classThumb + ask},
		"span": {
			classApp, classNum, classUnit, classCount, classDuration, classFileName, classDead, classOff,
			classTask, classAnchor + off, classButton + off, classPicture + missing, classThumb + missing,
			classPicture + ask, classThumb + ask,
		},
	}
}

// classOf returns the class of a type's root element: td-text, td-action-card.
func classOf(t Type) string { return "td-" + strings.ReplaceAll(string(t), "_", "-") }

func allTypes() []Type {
	return []Type{
		TypeText, TypeImage, TypeVoice, TypeFile, TypeLink, TypeOA, TypeMarkdown, TypeActionCard,
	}
}
