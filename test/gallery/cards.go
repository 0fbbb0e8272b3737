package main

import (
	"fmt"
	"strings"
)

type object = map[string]any

// card is one message of the gallery.
type card struct {
	name     string
	app      string
	message  object
	recalled bool
}

type part struct {
	title string
	cards []card
}

const (
	longName = "集团共享服务中心差旅与费用报销一体化管理平台（华东大区试运行）Travel and Expenses"
	rtl      = "מחר ייערך תרגיל פינוי בבניין הראשי בשעה 10:00, נא להישמע להוראות."
	emoji    = "🎂🎉 生日快乐！👨‍👩‍👧‍👦🏳️‍🌈 愿你每天都有好心情 ☕️"
	trusted  = "https://trusted.example.com/page"
	foreign  = "https://news.example.com/today?from=tidings"
	sideLink = "dingtalk://dingtalkclient/page/link?url=https%3A%2F%2Ftrusted.example.com%2Fform&pc_slide=true"
)

// word is one word that nothing can break.
func word(n int) string { return strings.Repeat("W", n) }

// prose is n characters of Chinese text.
func prose(n int) string {
	const text = "请各部门于本周五前完成年度资产盘点，核对设备编号、使用人与存放地点，如有差异请在系统中登记原因。"
	return string([]rune(strings.Repeat(text, n/40+1))[:n])
}

func of(kind string, fields object) object { return object{"msgtype": kind, kind: fields} }

func text(s string) object { return of("text", object{"content": s}) }

func markdown(title, s string) object { return of("markdown", object{"title": title, "text": s}) }

func oa(head, bar, body object) object {
	fields := object{"message_url": trusted, "head": head, "body": body}
	if bar != nil {
		fields["status_bar"] = bar
	}
	return of("oa", fields)
}

func head(color string) object { return object{"bgcolor": color, "text": "头"} }

func bar(value, color string) object { return object{"status_value": value, "status_bg": color} }

func form(n int) []object {
	var rows []object
	for i := range n {
		rows = append(rows, object{"key": fmt.Sprintf("第 %d 项：", i+1), "value": []string{"年假", "12月7日 上午", "3 天", "1,204.00 元"}[i%4]})
	}
	return rows
}

func buttons(n int, direction string) object {
	var list []object
	for i := range n {
		list = append(list, object{"title": fmt.Sprintf("按钮 %d", i+1), "action_url": trusted})
	}
	return of("action_card", object{"title": "操作", "markdown": "### 请选择\n\n从下面选择一项。", "btn_orientation": direction, "btn_json_list": list})
}

func sections() []part {
	return []part{
		{"text", []card{
			{name: "usual", message: text("各位同事：本周五 18:30 至 21:00 进行机房网络割接，请提前保存工作内容。详情见 https://trusted.example.com/notice")},
			{name: "one character", message: text("好")},
			{name: "long", message: text(prose(500))},
			{name: "lines", message: text("第一行\n第二行\n\n    缩进的一行\n" + foreign)},
			{name: "right to left", message: text(rtl)},
			{name: "emoji", message: text(emoji)},
			{name: "a word of 500", message: text(word(500))},
			{name: "markup", message: text("<b>不是标记</b> &amp; <script>alert(1)</script>")},
			{name: "long app", app: longName, message: text("应用名称很长时，标题行不换行。")},
			{name: "recalled", message: text("不再可见"), recalled: true},
		}},
		{"image, voice, file", []card{
			{name: "image", message: of("image", object{"media_id": "@poster.svg"})},
			{name: "tall image", message: of("image", object{"media_id": "@tall.svg"})},
			{name: "small image", message: of("image", object{"media_id": "@small.svg"})},
			{name: "missing image", message: of("image", object{"media_id": "@gone"})},
			{name: "voice", message: of("voice", object{"media_id": "@voice.wav", "duration": "2"})},
			{name: "long voice", message: of("voice", object{"media_id": "@voice.wav", "duration": "59"})},
			{name: "missing voice", message: of("voice", object{"media_id": "@gone", "duration": "7"})},
			{name: "file", message: of("file", object{"media_id": "@report.pdf"})},
			{name: "small file", message: of("file", object{"media_id": "@table.xlsx"})},
			{name: "packed file", message: of("file", object{"media_id": "@packed.zip"})},
			{name: "missing file", message: of("file", object{"media_id": "@gone"})},
		}},
		{"link", []card{
			{name: "usual", message: link("新课上线：安全编码入门", "三节课，共九十分钟。本月内学完并通过小测验，即可获得内训积分 20 分。", "@poster.svg", trusted)},
			{name: "missing picture", message: link("没有图片", "图片已不存在。", "@gone", trusted)},
			{name: "foreign picture", message: link("外站图片", "图片来自不受信任的网站，点击后加载。", "https://pictures.example.com/a.png", foreign)},
			{name: "broken picture", message: link("打不开的图片", "图片来自受信任的网站，但打不开。", "https://trusted.example.com/broken.png", trusted)},
			{name: "longest", message: link(prose(100), prose(500), "@poster.svg", trusted)},
			{name: "no way to open", message: link("打不开的链接", "这是一个不能打开的地址。", "@poster.svg", "intent://scan/#Intent;end")},
			{name: "right to left", message: link(rtl, rtl, "@poster.svg", sideLink)},
		}},
		{"oa", oaCards()},
		{"markdown", []card{
			{name: "usual", message: markdown("发布通知", "### 发布通知：订单服务 3.8.0\n\n**窗口**：今晚 22:00 至 22:30\n\n- 下单接口改为异步校验库存\n- 修复跨时区的对账日期\n\n> 回滚方案已演练，值班：田宏伟\n\n[查看发布单](https://trusted.example.com/release/380)")},
			{name: "headings", message: markdown("标题", "# 一级标题\n## 二级标题\n### 三级标题\n#### 四级标题\n##### 五级标题\n###### 六级标题\n正文")},
			{name: "lists", message: markdown("列表", "1. 第一\n2. 第二\n   - 嵌套\n     - 再嵌套\n3. 第三\n\n***\n\n*斜体*、**粗体**、`code`\n\n```\nlet long = \""+word(80)+"\";\n```")},
			{name: "pictures", message: markdown("图片", "自己的：\n\n![海报](@poster.svg)\n\n外站的：\n\n![外站](https://pictures.example.com/a.png)\n\n打不开的：\n\n![坏](https://trusted.example.com/broken.png)")},
			{name: "markup", message: markdown("标记", "<img src=x onerror=alert(1)>\n\n[点我](javascript:alert(1))\n\n<iframe src=https://news.example.com></iframe>")},
			{name: "table", message: markdown("表格", "本周差旅汇总\n\n| 部门 | 人次 | 金额 |\n|---|:-:|--:|\n| 研发中心 | 12 | 48,200.00 |\n| 市场部 | 4 | ~~9,980.00~~ 9,480.00 |\n| **合计** | 16 | **57,680.00** |")},
			{name: "wide table", message: markdown("宽表", "| 日期 | 单号 | 出发 | 到达 | 事由 | 金额 |\n|---|---|---|---|---|--:|\n| 2026-03-04 | BX-2026-0417 | 上海 | 北京 | 客户现场验收与培训，含两日住宿 | 3,204.50 |")},
			{name: "tasks", message: markdown("任务", "发布前检查：\n\n- [x] 回归测试通过\n- [ ] 灰度 5% 观察三十分钟，确认错误率没有上升之后再继续\n- [ ] 通知值班\n  - 已电话联系\n- 其他")},
			{name: "code", message: markdown("代码", "```\nERROR 2026-03-04 09:05:00 order-service\n  at Order.check (order.go:128)\n```\n\n设为 `max_connections=200`。")},
			{name: "numbers", message: markdown("数字", strings.Repeat("本月共计1,204,880.50元，同比增长12.5%，截至2026-03-04 18:30:00，单号BX-2026-0417，电话010-0000-0000，单价¥1,280.00。", 3))},
			{name: "longest", message: markdown("长", prose(1200)+"\n\n"+word(500))},
			{name: "right to left", message: markdown("ימין לשמאל", "### "+rtl+"\n\n- "+rtl+"\n\n> "+rtl)},
		}},
		{"action_card", []card{
			{name: "one jump", message: of("action_card", object{"title": "体检", "markdown": "### 年度体检预约已开放\n\n请在 **11 月 30 日**前选择体检机构和日期。", "single_title": "立即预约", "single_url": trusted})},
			{name: "long jump", message: of("action_card", object{"title": "长", "markdown": "长标题的跳转。", "single_title": "查看全部内容并且完成确认登记手续吧", "single_url": foreign})},
			{name: "two side by side", message: buttons(2, "1")},
			{name: "two stacked", message: buttons(2, "0")},
			{name: "ten stacked", message: buttons(10, "0")},
			{name: "five side by side", message: buttons(5, "1")},
			{name: "long labels side by side", message: labels("1", "同意并转交财务共享中心复核", "拒绝", "查看")},
			{name: "tall with buttons", message: tall()},
			{name: "side panel", message: of("action_card", object{"title": "侧边", "markdown": "在侧边栏打开。", "single_title": "填写表单", "single_url": sideLink})},
			{name: "mini program", message: of("action_card", object{"title": "小程序", "markdown": "小程序页面。", "single_title": "打开小程序", "single_url": "eapp://pages/index/index?id=1"})},
		}},
	}
}

func labels(direction string, titles ...string) object {
	var list []object
	for _, title := range titles {
		list = append(list, object{"title": title, "action_url": trusted})
	}
	return of("action_card", object{"title": "操作", "markdown": "请选择一项。", "btn_orientation": direction, "btn_json_list": list})
}

func tall() object {
	list := []object{{"title": "同意", "action_url": trusted}, {"title": "拒绝", "action_url": trusted}}
	return of("action_card", object{"title": "长", "markdown": "### 采购申请\n\n" + prose(900), "btn_orientation": "1", "btn_json_list": list})
}

func link(title, s, picture, url string) object {
	return of("link", object{"messageUrl": url, "picUrl": picture, "title": title, "text": s})
}

func oaCards() []card {
	pending := bar("待审批", "0xFFFF9D46")
	return []card{
		{name: "usual", message: oa(head("FF3E7BFA"), pending, object{"title": "林晓雨提交的年假申请", "form": form(5), "author": "林晓雨"})},
		{name: "only a head", message: oa(head("FFBBBBBB"), nil, object{})},
		{name: "only a title", message: oa(head("FF000000"), nil, object{"title": "只有标题"})},
		{name: "six rows", message: oa(head("FF1A7F37"), bar("已同意", "0xFF78C06E"), object{"title": "六行", "form": form(6)})},
		{name: "twelve rows", message: oa(head("FFF65E5E"), bar("已拒绝", "0xFFF65E5E"), object{"title": "十二行", "form": form(12)})},
		{name: "everything", message: oa(head("FFFFE100"), bar("已撤回", "0xFF858E99"), object{
			"title": "本月报销汇总", "rich": object{"num": "99,999.00", "unit": "元"}, "form": form(3),
			"content": prose(200), "image": "@poster.svg", "file_count": "3", "author": "财务共享中心",
		})},
		{name: "white head", message: oa(head("FFFFFFFF"), bar("白色状态栏", "0xFFFFFFFF"), object{"title": "白色", "content": "浅色也要看得清。"})},
		{name: "long values", message: oa(head("FF6B2FBF"), bar(prose(40), "0xFF3E7BFA"), object{
			"title": prose(50), "form": []object{{"key": prose(30), "value": prose(80)}, {"key": "链接", "value": word(120)}},
			"rich": object{"num": word(30), "unit": prose(12)}, "author": prose(30),
		})},
		{name: "all at its most", message: oa(head("FF3E7BFA"), pending, object{
			"title": prose(60), "rich": object{"num": "1,204,880.50", "unit": "元（含税，人民币）"}, "form": form(12),
			"content": prose(200), "image": "@tall.svg", "file_count": "12", "author": prose(20),
		})},
		{name: "short and long keys", message: oa(head("FF1A7F37"), bar("已同意", "0xFF78C06E"), object{"title": "报销单", "form": []object{
			{"key": "金额", "value": "1,204,880.50元（一百二十万四千八百八十元五角）"},
			{"key": "日期", "value": "2026-03-04 09:05:00 至 2026-03-06 18:30:00"},
			{"key": "收款账户开户银行及支行名称", "value": "0000 0000 0000 0000 000"},
		}})},
		{name: "values of both directions", message: oa(head("FF767A7D"), nil, object{"title": "访客登记", "form": []object{
			{"key": "姓名", "value": "דוד כהן (12)"}, {"key": "楼层", "value": "3 层"},
		}, "content": rtl})},
		{name: "right to left", message: oa(head("FF087A6B"), bar("ממתין", "0xFFFF9D46"), object{"title": rtl, "form": []object{{"key": "שם", "value": rtl}}, "content": rtl})},
	}
}
