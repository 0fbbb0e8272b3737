package fault

// Code is the stable name of a failure. Codes are never renamed or reused:
// clients, logs and docs/errors.md refer to them.
type Code string

// All codes. Keep kinds below and docs/errors.md in step.
const (
	CodeInternal      Code = "internal"
	CodeCommitUnknown Code = "commit_unknown" // the database was lost during COMMIT
	CodeBusy          Code = "busy"           // nothing was and nothing will be committed
	CodeStorageFull   Code = "storage_full"

	CodeRouteUnknown     Code = "route_unknown"
	CodeAPIUnknown       Code = "api_unknown" // a path under /topapi, or a method of the gateway, that names no API
	CodeMethodNotAllowed Code = "method_not_allowed"
	CodeBodyTooLarge     Code = "body_too_large"
	CodeBodyMissing      Code = "body_missing" // a body of JSON is needed
	CodeBodyMalformed    Code = "body_malformed"
	CodeParameterMissing Code = "parameter_missing"
	CodeParameterInvalid Code = "parameter_invalid"
	CodeUseridsTooMany   Code = "userids_too_many"
	CodeDeptsTooMany     Code = "departments_too_many"
	CodeNotFound         Code = "not_found"
	CodeConflict         Code = "conflict"

	CodeTokenMissing         Code = "token_missing"
	CodeTokenInvalid         Code = "token_invalid"
	CodeCredentialsInvalid   Code = "credentials_invalid"
	CodeSignedInAsOther      Code = "signed_in_as_other" // of a sign-in link that nobody has said may replace a session
	CodeSetupDone            Code = "setup_done"         // there is an organization: no setup link works
	CodeSignInWaiting        Code = "signin_waiting"     // nobody is linked to the account of elsewhere
	CodeSignInOff            Code = "signin_off"         // whose account here is disabled
	CodeSignInExpired        Code = "signin_expired"     // it took too long, was finished already or was never begun
	CodeSignInElsewhere      Code = "signin_elsewhere"   // it was begun in another browser
	CodeSignInRefused        Code = "signin_refused"     // the source does not confirm who it is
	CodeSignInSourceDown     Code = "signin_source_down" // or its answer is of no use
	CodeLastWayIn            Code = "last_way_in"        // no owner could sign in any more
	CodePermissionDenied     Code = "permission_denied"
	CodeSuiteKeyInvalid      Code = "suite_key_invalid"
	CodeSuiteSecretInvalid   Code = "suite_secret_invalid"
	CodeSuiteTicketInvalid   Code = "suite_ticket_invalid"
	CodeSignatureTimestamp   Code = "signature_timestamp_invalid"
	CodeSignatureExpired     Code = "signature_expired"
	CodeSignatureInvalid     Code = "signature_invalid"
	CodeNotInstalled         Code = "app_not_installed"
	CodeGrantTypeUnknown     Code = "grant_type_unknown"
	CodeAuthCodeInvalid      Code = "auth_code_invalid"      // what a program exchanges for a user token, or a provider for a permanent code
	CodePermanentCodeInvalid Code = "permanent_code_invalid" // what a provider shows of an installation
	CodeThrottled            Code = "throttled"
	CodeMonthlyCallsUsed     Code = "monthly_calls_used"

	CodeAgentUnknown       Code = "agent_unknown"
	CodeTaskUnknown        Code = "task_unknown"
	CodeEveryoneForbidden  Code = "everyone_forbidden"
	CodeEveryoneDailyLimit Code = "everyone_daily_limit"
	CodeDirectSendOff      Code = "direct_send_off"
	CodeRecipientsTooMany  Code = "recipients_too_many"
	CodeIdempotencyReused  Code = "idempotency_key_reused"
	CodeAudienceChanged    Code = "audience_changed"        // not whom the sender has seen would get it
	CodeOrganizationName   Code = "organization_name_wrong" // it has to be typed, and is not what was

	CodeMessageTypeUnknown Code = "message_type_unknown"
	CodeMessageIncomplete  Code = "message_incomplete"
	CodeMessageFieldLong   Code = "message_field_too_long"
	CodeMessageFieldBad    Code = "message_field_invalid"
	CodeMessageTooLarge    Code = "message_too_large"
	CodeMediaUnknown       Code = "media_unknown"

	CodeStatusBarAudience Code = "status_bar_audience" // status bar sent to more people than allowed
	CodeStatusBarType     Code = "status_bar_type"     // not an oa message
	CodeTaskRecalled      Code = "task_recalled"
	CodeReceiptsDropped   Code = "receipts_dropped" // who has read it is no longer kept
	CodeWindowClosed      Code = "window_closed"    // too late to recall, update or query
	CodeResultTooLarge    Code = "result_too_large" // more recipients than a result may list

	CodeTemplateUnknown      Code = "template_unknown"
	CodeTemplateUnusable     Code = "template_unusable" // not approved, or disabled
	CodeTemplateValueMissing Code = "template_value_missing"
	CodeTemplateValueBad     Code = "template_value_invalid" // leads a link elsewhere, or changes what a text means
	CodeTemplateFormInvalid  Code = "template_form_invalid"
	CodeTemplateState        Code = "template_state"   // its version is not in the state for this step, or no longer
	CodeAppChanged           Code = "app_changed"      // somebody else has changed the app meanwhile
	CodeTemplateChanged      Code = "template_changed" // the draft was saved by somebody else meanwhile
	CodeTemplatesOff         Code = "templates_off"    // an internal app, where templates are not for those

	CodeMultipart     Code = "multipart_required" // the body of an upload is no multipart form
	CodeMediaMissing  Code = "media_missing"
	CodeMediaType     Code = "media_type_unknown"
	CodeMediaFormat   Code = "media_format_invalid" // content does not match the type it is uploaded as
	CodeMediaTooLarge Code = "media_too_large"
	CodeMediaEmpty    Code = "media_empty"
	CodeUploadQuota   Code = "upload_quota_used" // the files kept of the app or organization are as many bytes as may be

	CodeDepartmentUnknown    Code = "department_unknown"
	CodeDepartmentName       Code = "department_name_invalid"
	CodeDepartmentDuplicate  Code = "department_name_duplicate"
	CodeDepartmentParent     Code = "department_parent_unknown"
	CodeDepartmentHasUsers   Code = "department_has_users"
	CodeDepartmentHasChild   Code = "department_has_children"
	CodeDepartmentRoot       Code = "department_root_fixed"
	CodeDepartmentLoop       Code = "department_loop"
	CodeUserUnknown          Code = "user_unknown"
	CodeUserExists           Code = "user_exists"
	CodeUserDisabled         Code = "user_disabled"
	CodeUserOutside          Code = "user_outside_range"       // the app may not see them
	CodeDepartmentOutside    Code = "department_outside_range" // likewise
	CodeMobileInvalid        Code = "mobile_invalid"
	CodeMobileExists         Code = "mobile_exists"
	CodeUserHoldsRole        Code = "user_holds_role"
	CodeCursorInvalid        Code = "cursor_invalid"
	CodePageSize             Code = "page_size_invalid"
	CodeOrganizationUnknown  Code = "organization_unknown"
	CodeOrganizationExists   Code = "organization_exists"
	CodeOrganizationDisabled Code = "organization_disabled"
	CodeAppUnknown           Code = "app_unknown"

	CodeCallbackUnknown     Code = "callback_unknown"
	CodeCallbackExists      Code = "callback_exists"
	CodeCallbackTag         Code = "callback_event_unknown"
	CodeCallbackURL         Code = "callback_url_invalid"
	CodeCallbackUnreachable Code = "callback_unreachable" // or an address that may not be called
	CodeCallbackAnswer      Code = "callback_answer_wrong"
)

var kinds = map[Code]Kind{
	CodeInternal:      Internal,
	CodeCommitUnknown: Unavailable,
	CodeBusy:          Unavailable,
	CodeStorageFull:   Exhausted,

	CodeRouteUnknown:     NotFound,
	CodeAPIUnknown:       NotFound,
	CodeMethodNotAllowed: Invalid,
	CodeBodyTooLarge:     Invalid,
	CodeBodyMissing:      Invalid,
	CodeBodyMalformed:    Invalid,
	CodeParameterMissing: Invalid,
	CodeParameterInvalid: Invalid,
	CodeUseridsTooMany:   Invalid,
	CodeDeptsTooMany:     Invalid,
	CodeNotFound:         NotFound,
	CodeConflict:         Conflict,

	CodeTokenMissing:         Unauthenticated,
	CodeTokenInvalid:         Unauthenticated,
	CodeCredentialsInvalid:   Unauthenticated,
	CodeSignedInAsOther:      Conflict,
	CodeSetupDone:            Conflict,
	CodeSignInWaiting:        Forbidden,
	CodeSignInOff:            Forbidden,
	CodeSignInExpired:        Invalid,
	CodeSignInElsewhere:      Invalid,
	CodeSignInRefused:        Unauthenticated,
	CodeSignInSourceDown:     Unavailable,
	CodeLastWayIn:            Conflict,
	CodePermissionDenied:     Forbidden,
	CodeSuiteKeyInvalid:      Unauthenticated,
	CodeSuiteSecretInvalid:   Unauthenticated,
	CodeSuiteTicketInvalid:   Unauthenticated,
	CodeSignatureTimestamp:   Invalid,
	CodeSignatureExpired:     Unauthenticated,
	CodeSignatureInvalid:     Unauthenticated,
	CodeNotInstalled:         Forbidden,
	CodeGrantTypeUnknown:     Invalid,
	CodeAuthCodeInvalid:      Invalid,
	CodePermanentCodeInvalid: Invalid,
	CodeThrottled:            Exhausted,
	CodeMonthlyCallsUsed:     Exhausted,

	CodeAgentUnknown:       NotFound,
	CodeTaskUnknown:        NotFound,
	CodeEveryoneForbidden:  Forbidden,
	CodeEveryoneDailyLimit: Exhausted,
	CodeDirectSendOff:      Forbidden,
	CodeRecipientsTooMany:  Invalid,
	CodeIdempotencyReused:  Conflict,
	CodeAudienceChanged:    Conflict,
	CodeOrganizationName:   Invalid,

	CodeMessageTypeUnknown: Invalid,
	CodeMessageIncomplete:  Invalid,
	CodeMessageFieldLong:   Invalid,
	CodeMessageFieldBad:    Invalid,
	CodeMessageTooLarge:    Invalid,
	CodeMediaUnknown:       Invalid,

	CodeStatusBarAudience: Invalid,
	CodeStatusBarType:     Invalid,
	CodeTaskRecalled:      Conflict,
	CodeReceiptsDropped:   Conflict,
	CodeWindowClosed:      Forbidden,
	CodeResultTooLarge:    Forbidden,

	CodeTemplateUnknown:      NotFound,
	CodeTemplateUnusable:     Conflict,
	CodeTemplateValueMissing: Invalid,
	CodeTemplateValueBad:     Invalid,
	CodeTemplateFormInvalid:  Invalid,
	CodeTemplateState:        Conflict,
	CodeAppChanged:           Conflict,
	CodeTemplateChanged:      Conflict,
	CodeTemplatesOff:         Forbidden,

	CodeMultipart:     Invalid,
	CodeMediaMissing:  Invalid,
	CodeMediaType:     Invalid,
	CodeMediaFormat:   Invalid,
	CodeMediaTooLarge: Invalid,
	CodeMediaEmpty:    Invalid,
	CodeUploadQuota:   Exhausted,

	CodeDepartmentUnknown:    NotFound,
	CodeDepartmentName:       Invalid,
	CodeDepartmentDuplicate:  Conflict,
	CodeDepartmentParent:     NotFound,
	CodeDepartmentHasUsers:   Conflict,
	CodeDepartmentHasChild:   Conflict,
	CodeDepartmentRoot:       Forbidden,
	CodeDepartmentLoop:       Conflict,
	CodeUserUnknown:          NotFound,
	CodeUserExists:           Conflict,
	CodeUserDisabled:         Forbidden,
	CodeUserOutside:          Forbidden,
	CodeDepartmentOutside:    Forbidden,
	CodeMobileInvalid:        Invalid,
	CodeMobileExists:         Conflict,
	CodeUserHoldsRole:        Conflict,
	CodeCursorInvalid:        Invalid,
	CodePageSize:             Invalid,
	CodeOrganizationUnknown:  NotFound,
	CodeOrganizationExists:   Conflict,
	CodeOrganizationDisabled: Forbidden,
	CodeAppUnknown:           NotFound,

	CodeCallbackUnknown:     NotFound,
	CodeCallbackExists:      Conflict,
	CodeCallbackTag:         Invalid,
	CodeCallbackURL:         Invalid,
	CodeCallbackUnreachable: Invalid,
	CodeCallbackAnswer:      Invalid,
}

// KindOf returns the kind of a code; Internal for a code nobody declared.
func KindOf(code Code) Kind { return kinds[code] }

// Codes returns every declared code, in no particular order: the tests that
// keep the wires' tables and docs/errors.md complete walk it.
func Codes() []Code {
	all := make([]Code, 0, len(kinds))
	for c := range kinds {
		all = append(all, c)
	}
	return all
}
