package dingtalk

import "github.com/tidings-im/tidings/internal/fault"

// wrapper is the errcode around failures of authentication, permission and
// throttling; their own number is the sub_code.
const wrapper = 88

// entry is how a failure looks on the wire.
type entry struct {
	errcode int
	wrapped bool // in 88, except where a route never wraps
}

// errcodes is the one table of failures. A route may answer some of them with
// another errcode (route.codes). docs/errors.md explains every row.
var errcodes = map[fault.Code]entry{
	fault.CodeInternal:      {errcode: 500},
	fault.CodeCommitUnknown: {errcode: 500},
	fault.CodeBusy:          {errcode: -1},
	fault.CodeStorageFull:   {errcode: -1},

	fault.CodeRouteUnknown:     {errcode: 404},
	fault.CodeAPIUnknown:       {errcode: 22},
	fault.CodeMethodNotAllowed: {errcode: 43002},
	fault.CodeBodyTooLarge:     {errcode: 41101},
	fault.CodeBodyMissing:      {errcode: 40035},
	fault.CodeBodyMalformed:    {errcode: 40035},
	fault.CodeParameterMissing: {errcode: 40035},
	fault.CodeParameterInvalid: {errcode: 40035},
	fault.CodeUseridsTooMany:   {errcode: 40032},
	fault.CodeDeptsTooMany:     {errcode: 40066},
	fault.CodeNotFound:         {errcode: 40035},
	fault.CodeConflict:         {errcode: 40035},

	fault.CodeTokenMissing:         {errcode: 40000, wrapped: true},
	fault.CodeTokenInvalid:         {errcode: 40014, wrapped: true},
	fault.CodeCredentialsInvalid:   {errcode: 40096},
	fault.CodeSignedInAsOther:      {errcode: 40035}, // our own API's
	fault.CodeSetupDone:            {errcode: 40035}, // likewise
	fault.CodeSignInWaiting:        {errcode: 40035}, // likewise, and those that follow
	fault.CodeSignInOff:            {errcode: 40035},
	fault.CodeSignInExpired:        {errcode: 40035},
	fault.CodeSignInElsewhere:      {errcode: 40035},
	fault.CodeSignInRefused:        {errcode: 40035},
	fault.CodeSignInSourceDown:     {errcode: 40035},
	fault.CodeLastWayIn:            {errcode: 40035},
	fault.CodePermissionDenied:     {errcode: 60011, wrapped: true},
	fault.CodeSuiteKeyInvalid:      {errcode: 40083},
	fault.CodeSuiteSecretInvalid:   {errcode: 40080},
	fault.CodeSuiteTicketInvalid:   {errcode: 40085},
	fault.CodeSignatureTimestamp:   {errcode: 853001},
	fault.CodeSignatureExpired:     {errcode: 853002},
	fault.CodeSignatureInvalid:     {errcode: 853004},
	fault.CodeNotInstalled:         {errcode: 41030},
	fault.CodeGrantTypeUnknown:     {errcode: 40002},
	fault.CodeAuthCodeInvalid:      {errcode: 40078},
	fault.CodePermanentCodeInvalid: {errcode: 40084},
	fault.CodeThrottled:            {errcode: 90018, wrapped: true},
	fault.CodeMonthlyCallsUsed:     {errcode: 90020, wrapped: true},

	fault.CodeAgentUnknown:       {errcode: 40056},
	fault.CodeTaskUnknown:        {errcode: 40035},
	fault.CodeEveryoneForbidden:  {errcode: 41028},
	fault.CodeEveryoneDailyLimit: {errcode: 41045},
	fault.CodeDirectSendOff:      {errcode: 41044},
	fault.CodeRecipientsTooMany:  {errcode: 41029},
	fault.CodeIdempotencyReused:  {errcode: 40035},
	fault.CodeAudienceChanged:    {errcode: 40035},
	fault.CodeOrganizationName:   {errcode: 40035},

	fault.CodeMessageTypeUnknown: {errcode: 40008},
	fault.CodeMessageIncomplete:  {errcode: 34014},
	fault.CodeMessageFieldLong:   {errcode: 34016},
	fault.CodeMessageFieldBad:    {errcode: 40035},
	fault.CodeMessageTooLarge:    {errcode: 45002},
	fault.CodeMediaUnknown:       {errcode: 40007},

	fault.CodeStatusBarAudience: {errcode: 400002},
	fault.CodeStatusBarType:     {errcode: 40035},
	fault.CodeTaskRecalled:      {errcode: 400002},
	fault.CodeReceiptsDropped:   {errcode: 40035},
	fault.CodeWindowClosed:      {errcode: 40035},
	fault.CodeResultTooLarge:    {errcode: 41052},

	fault.CodeTemplateUnknown:      {errcode: 885001},
	fault.CodeTemplateUnusable:     {errcode: 885006},
	fault.CodeTemplateValueMissing: {errcode: 400002},
	fault.CodeTemplateValueBad:     {errcode: 400002},
	fault.CodeTemplateFormInvalid:  {errcode: 400002},
	fault.CodeTemplateState:        {errcode: 400002},
	fault.CodeAppChanged:           {errcode: 400002},
	fault.CodeTemplateChanged:      {errcode: 400002},
	fault.CodeTemplatesOff:         {errcode: 400002},

	fault.CodeMultipart:     {errcode: 43008},
	fault.CodeMediaMissing:  {errcode: 41005},
	fault.CodeMediaType:     {errcode: 40004},
	fault.CodeMediaFormat:   {errcode: 40005},
	fault.CodeMediaTooLarge: {errcode: 40006},
	fault.CodeMediaEmpty:    {errcode: 44001},
	fault.CodeUploadQuota:   {errcode: 45001},

	fault.CodeDepartmentUnknown:    {errcode: 60003},
	fault.CodeDepartmentName:       {errcode: 60001},
	fault.CodeDepartmentDuplicate:  {errcode: 60021},
	fault.CodeDepartmentParent:     {errcode: 60004},
	fault.CodeDepartmentHasUsers:   {errcode: 60005},
	fault.CodeDepartmentHasChild:   {errcode: 60006},
	fault.CodeDepartmentRoot:       {errcode: 60018},
	fault.CodeDepartmentLoop:       {errcode: 60010},
	fault.CodeUserUnknown:          {errcode: 60121},
	fault.CodeUserExists:           {errcode: 60102},
	fault.CodeUserDisabled:         {errcode: 60120},
	fault.CodeUserOutside:          {errcode: 50002},
	fault.CodeDepartmentOutside:    {errcode: 50004},
	fault.CodeMobileInvalid:        {errcode: 60103},
	fault.CodeMobileExists:         {errcode: 60104},
	fault.CodeUserHoldsRole:        {errcode: 400002},
	fault.CodeCursorInvalid:        {errcode: 40068},
	fault.CodePageSize:             {errcode: 40069},
	fault.CodeOrganizationUnknown:  {errcode: 40013},
	fault.CodeOrganizationExists:   {errcode: 40035},
	fault.CodeOrganizationDisabled: {errcode: 50005},
	fault.CodeAppUnknown:           {errcode: 70003},

	fault.CodeCallbackUnknown:     {errcode: 71007},
	fault.CodeCallbackExists:      {errcode: 71006},
	fault.CodeCallbackTag:         {errcode: 71008},
	fault.CodeCallbackURL:         {errcode: 71011},
	fault.CodeCallbackUnreachable: {errcode: 71012},
	fault.CodeCallbackAnswer:      {errcode: 71009},
}

// Errcodes returns the errcodes of the table, for series that are there before
// the first failure. Routes answer with a few more.
func Errcodes() []int {
	seen := map[int]bool{}
	var all []int
	for _, e := range errcodes {
		if !seen[e.errcode] {
			seen[e.errcode] = true
			all = append(all, e.errcode)
		}
	}
	return all
}

// texts are the errmsgs by errcode, and the sub_msgs of wrapped ones.
var texts = map[int]string{
	-1:     "系统繁忙，请稍后再试",
	404:    "请求的URI地址不存在",
	500:    "系统错误",
	33012:  "不合法的userid",
	34014:  "消息体不完整",
	34016:  "消息内容过长",
	40000:  "access_token is blank",
	40004:  "不合法的媒体文件类型",
	40005:  "不合法的文件类型",
	40006:  "不合法的文件大小",
	40007:  "不合法的媒体文件id",
	40008:  "不合法的消息类型",
	40013:  "不合法的corpid",
	40014:  "不合法的access_token",
	40032:  "不合法的userid列表长度",
	40035:  "不合法的参数",
	40056:  "不合法的agentid",
	40066:  "不合法的部门列表",
	40068:  "不合法的偏移量",
	40069:  "不合法的分页大小",
	40104:  "不合法的手机号码",
	40002:  "不合法的凭证类型",
	40080:  "不合法的suitesecret",
	40082:  "不合法的suitetoken",
	40083:  "不合法的suiteid",
	40084:  "不合法的永久授权码",
	40085:  "不合法的suiteticket",
	40089:  "不合法的corpId或corpSecret",
	40078:  "不存在的临时授权码",
	40096:  "不合法的appKey或appSecret",
	41005:  "缺少媒体文件数据",
	41028:  "禁止发送全员消息",
	41029:  "消息接收者人数超过上限",
	41030:  "企业未对该套件授权",
	41044:  "禁止发送消息",
	41045:  "发送全员消息超过每日上限",
	41052:  "接收者人数过多，不返回结果",
	41101:  "请求数据过长",
	43001:  "需要GET请求",
	43002:  "需要POST请求",
	43008:  "需要multipart/form-data格式",
	44001:  "媒体文件为空",
	45001:  "多媒体文件大小超过限制",
	45002:  "消息内容超过长度上限",
	50002:  "员工不在应用的授权范围内",
	50004:  "部门不在应用的授权范围内",
	50005:  "企业已被禁用",
	60001:  "不合法的部门名称",
	60003:  "部门不存在",
	60004:  "父部门不存在",
	60005:  "不允许删除有成员的部门",
	60006:  "不允许删除有子部门的部门",
	60007:  "不允许删除根部门",
	60010:  "部门不能是自己的下级部门",
	60011:  "没有调用该接口的权限",
	60018:  "不允许修改根部门",
	60021:  "部门名称已存在",
	60102:  "userid已存在",
	60103:  "不合法的手机号码",
	60104:  "手机号码已存在",
	60105:  "不合法的邮箱",
	60110:  "部门数量超过上限",
	60112:  "不合法的姓名",
	60120:  "用户已被停用",
	60121:  "找不到该用户",
	60123:  "不合法的工号",
	70003:  "应用不存在",
	71006:  "回调地址已经存在",
	71007:  "回调地址已不存在",
	71008:  "回调call_back_tag必须在指定的call_back_tag列表中",
	71009:  "返回文本非success",
	71011:  "传入的url参数不是合法的url格式",
	71012:  "url地址访问异常",
	81003:  "查询消息已读状态失败",
	90018:  "应用调用该接口的频率超过上限",
	90020:  "企业本月的接口调用次数已用完",
	400002: "参数错误",
	853001: "时间戳格式不正确",
	853002: "时间戳与服务器时间相差超过1分钟",
	853004: "签名不匹配",
	853005: "签名中套件ticket参数无效",
	885001: "消息模板不存在",
	885006: "消息模板不可用",
}

// modernCode is how a failure looks on the newer wire.
type modernCode struct {
	status int
	code   string
}

// noAction is how the newer wire calls a path, or a method of one, that it does
// not have.
var noAction = modernCode{404, "InvalidAction.NotFound"}

// modernCodes are the failures that the newer routes have names for. Every
// other one is an unknownError.
var modernCodes = map[fault.Code]modernCode{
	fault.CodeCredentialsInvalid:   {400, "invalidClientIdOrSecret"},
	fault.CodeOrganizationDisabled: {400, "invalidClientIdOrSecret"},
	fault.CodeSuiteKeyInvalid:      {400, "invalidSuiteKey"},
	fault.CodeSuiteSecretInvalid:   {400, "invalidSuiteKey"},
	fault.CodeSuiteTicketInvalid:   {400, "invalidSuiteTicket"},
	fault.CodeNotInstalled:         {400, "invalidAuthInfo"},
	fault.CodeGrantTypeUnknown:     {400, "unsupported.grant.type"},
	fault.CodeAuthCodeInvalid:      {400, "invalidParameter.authCode.notFound"},
	fault.CodeTokenMissing:         {400, "AuthenticationFailed.MissingParameter"},
	fault.CodeTokenInvalid:         {400, "InvalidAuthentication"},
	fault.CodePermissionDenied:     {403, "Forbidden.AccessDenied.AccessTokenPermissionDenied"},
	fault.CodeParameterMissing:     {400, "MissingParameter"},
	fault.CodeParameterInvalid:     {400, "InvalidParameter"},
	fault.CodeBodyMissing:          {400, "Missingbody"},
	fault.CodeBodyMalformed:        {400, "InvalidParameter"},
	fault.CodeBodyTooLarge:         {413, "RequestEntityTooLarge"},
	fault.CodeRouteUnknown:         noAction,
	fault.CodeMethodNotAllowed:     noAction,
	fault.CodeThrottled:            {403, "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi"},
	fault.CodeBusy:                 {503, "ServiceUnavailable"},
	fault.CodeStorageFull:          {503, "ServiceUnavailable"},
}
