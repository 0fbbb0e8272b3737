package rest

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tidings-im/tidings/internal/policy"
)

const (
	templatesPath = prefix + "/apps/{agent_id}/templates"
	oneTemplate   = templatesPath + "/{id}"
	versionsPath  = oneTemplate + "/versions"
	oneVersion    = versionsPath + "/{number}"
)

func templateOperation(id, method, path, summary, text string) huma.Operation {
	return huma.Operation{
		OperationID: id, Method: method, Path: path, Tags: []string{"templates"}, Summary: summary, Description: text,
	}
}

// templateRoutes is the part of the table about templates as they are.
func (a *api) templateRoutes() {
	operation(a, templateOperation("listTemplates", http.MethodGet, templatesPath, "List an app's templates",
		"Oldest first, without their forms."), policy.TemplatesRead, a.templates)
	operation(a, created(templateOperation("createTemplate", http.MethodPost, templatesPath, "Create a template",
		"It has a draft of the form, which may have errors that lintTemplate finds: they keep it from being submitted only.")), policy.TemplatesWrite, a.createTemplate)
	operation(a, templateOperation("lintTemplate", http.MethodPost, templatesPath+"/lint", "Check a form",
		"Everything that is wrong with a form, or not as good as it could be, and the parameters that stand in it. Nothing is stored."), policy.TemplatesRead, a.lintForm)
	operation(a, templateOperation("previewTemplate", http.MethodPost, templatesPath+"/preview", "Show a form as a card",
		"As an inbox of the asker's organization would show it. "+previewText), policy.TemplatesRead, a.previewForm)
	operation(a, templateOperation("getTemplate", http.MethodGet, oneTemplate, "Get a template",
		"With its newest version."), policy.TemplatesRead, a.oneTemplate)
	operation(a, templateOperation("saveTemplate", http.MethodPut, oneTemplate, "Save the draft",
		"Where there is no draft, one begins with the form; what is in review must be withdrawn first. With edition nothing is "+
			"overwritten that the asker has not read: template_changed when somebody has saved since."), policy.TemplatesWrite, a.saveTemplate)
	operation(a, emptied(templateOperation("deleteTemplate", http.MethodDelete, oneTemplate, "Delete a template",
		"For good: nothing that is accepted after the answer uses it. What was sent stays as it is.")), policy.TemplatesWrite, a.deleteTemplate)
	operation(a, templateOperation("getTemplateLog", http.MethodGet, oneTemplate+"/log", "Tell who did what when",
		"Every step that the template has taken, oldest first. Reviewers of other organizations see no steps of drafts."), policy.TemplatesRead, a.log)
	operation(a, templateOperation("listTemplateVersions", http.MethodGet, versionsPath, "List a template's versions",
		"Newest first, without their forms."), policy.TemplatesRead, a.versions)
	operation(a, templateOperation("getTemplateVersion", http.MethodGet, oneVersion, "Get a version", "With its form."), policy.TemplatesRead, a.version)
	operation(a, templateOperation("compareTemplateVersion", http.MethodGet, oneVersion+"/difference", "Compare a version with another",
		"The fields that differ, as they were and as they are. Without against it is compared with the live version."), policy.TemplatesRead, a.difference)
	operation(a, templateOperation("lintTemplateVersion", http.MethodGet, oneVersion+"/lint", "Check a version",
		"As lintTemplate, for the form of a version."), policy.TemplatesRead, a.lintVersion)
	operation(a, templateOperation("previewTemplateVersion", http.MethodPost, oneVersion+"/preview", "Show a version as a card",
		"As previewTemplate, for the form of a version. "+previewText), policy.TemplatesRead, a.previewVersion)
	operation(a, templateOperation("listTemplateReviews", http.MethodGet, prefix+"/template-reviews", "List what waits for one's review",
		"Longest first, without forms: the versions in review, of all apps, that the asker may decide on. Templates of an app that "+
			"is installed nowhere are left out, because they have no address here."), policy.ReviewsRead, a.reviews)
}

// templateStepRoutes is the part of the table about what becomes of templates.
func (a *api) templateStepRoutes() {
	step := func(id, path, summary, text string) huma.Operation {
		return templateOperation(id, http.MethodPost, path, summary, text)
	}
	operation(a, step("submitTemplate", oneTemplate+"/submit", "Submit the draft for review",
		"Refused with template_form_invalid while linting finds an error in it; findings in the problem are all of them."), policy.TemplatesWrite, a.submit)
	operation(a, step("withdrawTemplate", oneTemplate+"/withdraw", "Take a version back from review",
		"A draft with its form follows it."), policy.TemplatesWrite, a.step(a.Templates.Withdraw))
	operation(a, step("enableTemplate", oneTemplate+"/enable", "Take a template into use again",
		"The live version is sent again."), policy.TemplatesWrite, a.step(a.Templates.Enable))
	operation(a, step("disableTemplate", oneTemplate+"/disable", "Take a template out of use",
		"Nothing that is accepted after the answer uses it."), policy.TemplatesWrite, a.step(a.Templates.Disable))
	operation(a, created(step("cloneTemplate", oneTemplate+"/clone", "Make a template of another one",
		"With a draft of the form of a version, the newest where none is named.")), policy.TemplatesWrite, a.clone)
	operation(a, step("approveTemplate", oneVersion+"/approve", "Approve a version",
		"It is the live one from then on, and the template is in use. "+secondText), policy.TemplatesReview, a.approve)
	operation(a, step("rejectTemplate", oneVersion+"/reject", "Reject a version",
		"It goes back to its authors with a reason of at most 500 characters. "+secondText), policy.TemplatesReview, a.reject)
	operation(a, step("testTemplate", oneVersion+"/test", "Send a version to oneself",
		"Reviewed or not, to the asker alone, from the app as it is installed in their organization. Parameters without a value "+
			"have their sample."), policy.TemplatesTest, a.test)
}

func created(op huma.Operation) huma.Operation {
	op.DefaultStatus = http.StatusCreated
	return op
}

func emptied(op huma.Operation) huma.Operation {
	op.DefaultStatus = http.StatusNoContent
	return op
}

const (
	secondText  = "Of two who decide, the second is told who was first."
	previewText = "Parameters without a value have their sample. A form with errors is refused with template_form_invalid; findings " +
		"in the problem are all of them. Nothing is stored or sent."
)
