package demo

import (
	"fmt"
	"time"
)

// lively is one notification of an ordinary day. serial and at make its
// content new each time.
type lively struct {
	to   audience
	body func(serial int, at time.Time) object
	// then, when it is there, is what the status bar says one round later.
	then, color string
}

func said(format string) func(int, time.Time) object {
	return func(serial int, at time.Time) object {
		return object{"msgtype": "text", "text": object{"content": fmt.Sprintf(format, serial, at.Format("15:04:05"))}}
	}
}

func note(title, format string) func(int, time.Time) object {
	return func(serial int, at time.Time) object {
		return object{"msgtype": "markdown", "markdown": object{"title": title, "text": fmt.Sprintf(format, serial, at.Format("15:04:05"))}}
	}
}

func yunfanLively() []lively {
	return []lively{
		{to: audience{users: []string{"linxiaoyu"}}, body: note("生日快乐", "### 🎂 生日快乐，林晓雨！\n\n感谢与公司同行的每一天。蛋糕券 No. %d 已放入福利账户（%s），一个月内有效。")},
		{to: audience{depts: []string{"供应链中心/仓储物流部"}}, body: said("订单 SO-%d 已于 %s 出库，承运：顺达快运，预计两日内送达。")},
		{
			to: audience{users: []string{"zhaominghui", "linxiaoyu"}}, then: "已同意", color: agreed,
			body: func(serial int, at time.Time) object {
				return card("加班审批", "林晓雨提交的加班申请", fmt.Sprintf("https://oa.example.com/overtime/%d", serial),
					rows("单号：", fmt.Sprint(serial), "提交时间：", at.Format("15:04:05"), "时长：", "2 小时", "事由：", "订单服务发布值守"),
					"待审批", pending, "林晓雨")
			},
		},
		{to: audience{depts: []string{"产品研发中心"}}, body: note("会议提醒", "### 会议提醒\n\n**技术评审会**将在 15 分钟后开始（第 %d 次，%s 发出）。\n\n- 地点：三楼 海棠会议室\n- 议题：消息中心容量规划")},
		{to: audience{users: []string{"lukeyi", "wangjingxuan", "linxiaoyu"}}, body: said("入职提醒：新同事（工号 %d）今天报到，请在 %s 之后领取电脑和门禁卡，并安排导师见面。")},
		{
			to: audience{users: []string{"shijianhua", "linxiaoyu"}}, then: "已退回", color: refused,
			body: func(serial int, at time.Time) object {
				return card("费用报销", "林晓雨提交的报销单", fmt.Sprintf("https://oa.example.com/expense/%d", serial),
					rows("单号：", fmt.Sprint(serial), "提交时间：", at.Format("15:04:05"), "金额：", "386.50 元", "类别：", "市内交通"),
					"待财务审核", pending, "林晓雨")
			},
		},
		{to: audience{depts: []string{"营销中心/客户成功部"}}, body: said("工单 #%d 于 %s 升级为紧急：客户反映报表无法导出，请尽快响应。")},
		{to: audience{depts: []string{"产品研发中心/运维部"}}, body: note("告警恢复", "**告警已恢复**\n\n- 编号：ALM-%d\n- 时间：%s\n- 主机：order-03 磁盘使用率回落到 61%%")},
	}
}

func northwharfLively() []lively {
	return []lively{
		{to: audience{users: []string{"dkowalski"}}, body: note("Happy birthday", "### 🎂 Happy birthday, Dawid!\n\nVoucher No. %d for the café is in your account since %s. Enjoy.")},
		{to: audience{depts: []string{"Operations/Warehouse"}}, body: said("Order NW-%d left the warehouse at %s and is due in two days.")},
		{
			to: audience{users: []string{"pnair", "dkowalski"}}, then: "Approved", color: agreed,
			body: func(serial int, at time.Time) object {
				return card("Time off", "Time off for Dawid Kowalski", fmt.Sprintf("https://desk.example.com/leave/%d", serial),
					rows("Request:", fmt.Sprint(serial), "Asked at:", at.Format("15:04:05"), "Days:", "2", "Reason:", "Moving house"),
					"Waiting for approval", pending, "Dawid Kowalski")
			},
		},
		{to: audience{depts: []string{"Engineering"}}, body: note("Design review in 15 minutes", "### Design review in 15 minutes\n\nSession %d, announced at %s, room Harbour.\n\n- Capacity of the booking service\n- Moving the reports")},
		{to: audience{users: []string{"twalsh", "mfischer"}}, body: said("Starter %d arrives today. Laptop and badge are at the desk from %s; please introduce the buddy before lunch.")},
		{to: audience{depts: []string{"Sales/Customer Care"}}, body: said("Ticket #%d became urgent at %s: a customer cannot export the monthly report.")},
		{to: audience{depts: []string{"Engineering/Platform"}}, body: note("Alert cleared", "**Alert cleared**\n\n- No. %d\n- At %s\n- Host booking-03: disk use is back to 61%%")},
	}
}
