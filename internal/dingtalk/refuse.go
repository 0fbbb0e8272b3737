package dingtalk

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/tidings-im/tidings/internal/fault"
)

// refuse answers a failure and logs it.
func (c *call) refuse(err error) {
	f := fault.From(err)
	c.log(f, err)
	if !c.begun {
		c.answer(f)
	}
}

// log writes one line about a failure: what is our own fault loudly and with
// its cause, what is the caller's only by its code.
func (c *call) log(f *fault.Fault, err error) {
	level, detail := slog.LevelDebug, slog.String("field", f.Field)
	gone := c.r.Context().Err() != nil && errors.Is(err, context.Canceled)
	switch {
	case gone:
	case f.Code == fault.CodeStorageFull: // the store says it once
		detail = slog.Any("error", err)
	case f.Code == fault.CodeBusy:
		level, detail = slog.LevelWarn, slog.Any("error", err)
	case f.Kind == fault.Internal || f.Kind == fault.Unavailable:
		level, detail = slog.LevelError, slog.Any("error", err)
	}
	c.Log.LogAttrs(c.r.Context(), level, "call refused", slog.String("request_id", c.id),
		slog.String("route", c.route.path), slog.String("code", string(f.Code)), detail)
}

// answer writes the envelope of a failure.
func (c *call) answer(f *fault.Fault) {
	if c.Refused != nil {
		c.Refused(c.r, f, c.entryOf(f).errcode)
	}
	if f.Code == fault.CodeThrottled || f.RetryAfter > 0 {
		seconds := max(1, int64((f.RetryAfter+time.Second-1)/time.Second))
		c.w.Header().Set("Retry-After", strconv.FormatInt(seconds, 10))
	}
	switch c.style {
	case modern:
		c.answerModern(f)
	case gateway:
		c.answerGateway(f)
	default:
		c.answerLegacy(f)
	}
}

// entryOf is the row of the table for a failure of this call.
func (c *call) entryOf(f *fault.Fault) entry {
	e, ok := errcodes[f.Code]
	if !ok {
		e = errcodes[fault.CodeInternal]
	}
	if own, ok := c.codes[f.Code]; ok {
		e.errcode = own
	}
	return e
}

func (c *call) answerLegacy(f *fault.Fault) {
	e, o := c.entryOf(f), newObject()
	switch {
	case f.Code == fault.CodeAPIUnknown:
		reason := "不合法ApiName，ApiName = " + f.Text
		o.int("errcode", int64(e.errcode))
		o.text("errmsg", "Invalid method[submsg="+reason+"]")
		o.text("sub_msg", reason)
	case e.wrapped && c.style != bare:
		code, reason := strconv.Itoa(e.errcode), subMessage(e.errcode, f)
		o.int("errcode", wrapper)
		o.text("errmsg", "ding talk error[subcode="+code+",submsg="+reason+"]")
		o.text("sub_code", code)
		o.text("sub_msg", reason)
	default:
		o.int("errcode", int64(e.errcode))
		o.text("errmsg", errmsg(e.errcode, f))
		if detail := detailOf(f); detail != "" {
			o.text("sub_msg", detail)
		}
	}
	o.text("request_id", c.id)
	c.finish(legacyStatus(f.Code), o)
}

// subMessage is a wrapped failure's text. A missing scope is named: whoever
// reads the answer can have it granted.
func subMessage(errcode int, f *fault.Fault) string {
	text := texts[errcode]
	switch {
	case f.Code == fault.CodePermissionDenied && f.Field != "":
		text += "，应用尚未开通所需的权限：[" + f.Field + "]"
	case f.Limit > 0:
		text += "，上限 " + strconv.FormatInt(f.Limit, 10)
	}
	return text
}

// legacyStatus is 200 whatever happens, but for what the HTTP layer refuses.
func legacyStatus(code fault.Code) int {
	if code == fault.CodeBodyTooLarge {
		return http.StatusRequestEntityTooLarge
	}
	return http.StatusOK
}

// errmsg is the errcode's text, with the parameter it is about and the limit
// that was broken.
func errmsg(errcode int, f *fault.Fault) string {
	if f.Code == fault.CodeParameterMissing {
		return "缺少参数 " + f.Field
	}
	text := texts[errcode]
	if f.Field != "" {
		text += " " + f.Field
	}
	if f.Limit > 0 {
		text += "，上限 " + strconv.FormatInt(f.Limit, 10)
		if f.Actual > 0 {
			text += "，实际 " + strconv.FormatInt(f.Actual, 10)
		}
	}
	return text
}

// detailOf is the fault's own English text, completed with field, limit and
// actual value where it does not name them.
func detailOf(f *fault.Fault) string {
	if f.Kind == fault.Internal || f.Code == fault.CodeRouteUnknown {
		return "" // there is nothing to add
	}
	detail := f.Text
	if f.Field != "" && !strings.Contains(detail, f.Field) {
		detail = f.Field + ": " + detail
	}
	for _, number := range []struct {
		name string
		n    int64
	}{{"limit", f.Limit}, {"actual", f.Actual}} {
		if text := strconv.FormatInt(number.n, 10); number.n > 0 && !strings.Contains(detail, text) {
			detail += ", " + number.name + " " + text
		}
	}
	return detail
}

// answerModern writes the envelope of the newer wire.
func (c *call) answerModern(f *fault.Fault) {
	m, ok := c.route.modern[f.Code]
	if !ok {
		m, ok = modernCodes[f.Code]
	}
	if !ok {
		m = modernCode{http.StatusInternalServerError, "unknownError"}
	}
	message := f.Text
	switch {
	case f.Kind == fault.Internal:
		message = texts[500]
	case f.Code == fault.CodeCredentialsInvalid, f.Code == fault.CodeTokenInvalid, f.Code == fault.CodeAuthCodeInvalid:
		message = texts[errcodes[f.Code].errcode]
	case m == noAction:
		message = "Specified api is not found, please check your url and method."
	}
	o := newObject()
	o.text("code", m.code)
	o.text("requestid", c.id)
	o.text("message", message)
	if f.Code == fault.CodePermissionDenied && c.route.requires != "" {
		o.object("accessdenieddetail", func(o *object) {
			o.list("requiredScopes", 1, func(int) { o.b = appendString(o.b, c.route.requires) })
		})
	}
	if f.Code == fault.CodeMethodNotAllowed {
		c.w.Header().Set("Allow", strings.Join(c.route.methods, ", "))
	}
	c.finish(m.status, o)
}
