package demo

import "time"

// yunfanPast is what people of 云帆科技 were sent. The duty roster's app may send each
// person six messages a day, the expenses' reaches three of the centres, and
// somebody named once has left, so that some people are held back as anywhere.
func yunfanPast() past {
	const hr, it, expenses = "people", "it", "expenses"
	const rd, sales, supply, staff = "产品研发中心", "营销中心", "供应链中心", "职能中心"
	const platform, quality, design, operations = rd + "/平台研发部", rd + "/质量保障部", rd + "/产品设计部", rd + "/运维部"
	return past{
		apps: []pastApp{
			{role: hr, name: "人事服务", description: "假期、考勤、入职和培训的通知", composer: "jinshiya"},
			{role: it, name: "运维值班", description: "变更、故障和账号的通知", daily: 6},
			{role: expenses, name: "费用报销", description: "报销、借款和预算的通知", depts: []string{rd, sales, staff}},
		},
		sends: []pastSend{
			told(0, 912, newsRole, toAll(), 91, markdown("本月全员会安排", "### 本月全员会安排\n\n**时间**：明天 16:00 至 17:00\n\n**地点**：一楼多功能厅，异地同事线上参加\n\n- 上月经营情况\n- 四季度重点项目\n- 现场问答\n\n[提交问题](https://oa.example.com/townhall/questions)"), byHand("zhaominghui")),
			told(0, 1035, hr, toDepts(rd), 78, button("内训报名：沟通与协作", "### 沟通与协作\n\n两个半天的工作坊，每期 20 人，报满为止。\n\n- 讲师：汪静萱\n- 地点：三楼 海棠会议室", "报名", "https://learn.example.com/workshops/collaboration")),
			told(0, 1520, expenses, toUsers("linxiaoyu", "zhaominghui", "shijianhua"), 95, form("费用报销", "林晓雨提交的差旅报销单", "https://oa.example.com/expense/30518", "待审批", pending, "林晓雨", "单号：", "30518", "行程：", "杭州，2 天", "金额：", "1,264.00 元"), becomes(3*time.Hour, "已同意", agreed, "")),
			told(1, 850, it, toDepts(operations, platform), 86, markdown("变更预告：网关证书更换", "### 变更预告：网关证书更换\n\n**窗口**：今晚 22:30 至 23:00\n\n- 影响：长连接重连一次\n- 负责：董承宇\n- 回滚：保留旧证书，五分钟内可切回\n\n[变更单](https://ops.example.com/change/1187)")),
			told(1, 1105, hr, toUsers("lukeyi", "wangjingxuan", "zengjingyi"), 66, plainText("面试提醒：视觉设计师候选人今天 14:30 到访，会议室 二楼 木棉。请面试官提前十分钟查看作品集。")),
			told(1, 1740, newsRole, toDepts(staff+"/行政部", "总经理办公室"), 72, uploaded("file", nil)),
			told(2, 930, hr, toDepts(sales), 58, plainText("考勤提醒：上月还有未确认的外勤打卡，请今天下班前在考勤页补充说明，逾期按缺卡计。")),
			told(2, 1645, hr, toAll(), 64, plainText("考勤提醒：上月还有未确认的外勤打卡，请今天下班前在考勤页补充说明，逾期按缺卡计。")),
			told(2, 1410, it, toUsers("wanghaoran", "zhangzihan", "liwenbo"), 95, plainText("代码仓库权限复核：你在 order-service 的写权限本周到期，请在权限页确认是否续期。")),
			filled(3, 1020, toDepts(supply+"/采购部"), 75, "markdown", map[string]string{"order": "SO-20396", "carrier": "顺达快运", "arrival": "后天下午", "parcel_url": "SD88119023"}),
			told(3, 1355, newsRole, toDepts(sales), 69, uploaded("image", nil), byHand("zhaominghui")),
			told(3, 1805, it, toDepts(rd), 55, plainText("今晚 23:00 起测试环境停机扩容，预计一小时。请把正在跑的压测改到明天上午。")),
			told(4, 905, hr, toUsers("tangboyu", "hanxuetong", "zhengkexin"), 95, form("加班审批", "唐博宇提交的加班申请", "https://oa.example.com/overtime/8812", "待审批", pending, "唐博宇", "时长：", "3 小时", "事由：", "回归测试值守", "补偿：", "调休"), becomes(95*time.Minute, "已同意", agreed, "")),
			told(4, 1130, hr, toDepts(design, quality), 83, linkTo("https://learn.example.com/courses/usability-testing", "新课上线：可用性测试", "从招募到报告，六节短课，附模板。完成测验可得内训积分 15 分。")),
			told(4, 1540, expenses, toDepts(sales, supply+"/采购部"), 47, plainText("预算提示：本季度招待费已用 82%。超出部分请先走预算调整，再提交报销。")),
			told(5, 845, newsRole, toAll(), 88, plainText("今天上午 10:00 一楼和二楼消防演练，听到警报后请走最近的楼梯到南广场集合，不要乘电梯。"), byHand("zhaominghui")),
			told(5, 1425, hr, toDepts(staff, sales+"/市场部"), 62, button("年会节目征集", "### 年会节目征集\n\n报名截止下周五，每个中心至少一个节目。\n\n> 道具和服装费用实报实销", "填写节目单", "https://hr.example.com/gala/acts"), byHand("jinshiya")),
			told(6, 950, it, toUsers("xiaojianing", "tianhongwei", "dongchengyu"), 95, form("故障单", "订单查询接口超时", "https://ops.example.com/incident/459", "处理中", pending, "值班机器人", "级别：", "P2", "影响：", "约 3% 的查询变慢", "值班：", "田宏伟"), becomes(70*time.Minute, "已恢复", agreed, "")),
			told(6, 1055, newsRole, toUsers("linxiaoyu", "sunmengyao", "zhouyuchen"), 95, uploaded("voice", object{"duration": "2"})),
			told(6, 1615, hr, toUsers("fanyuhang", "jinshiya"), 95, plainText("本月社保增减员名单已生成，请在 17:30 前核对并提交。")),
			told(7, 920, hr, toAll(), 93, markdown("工资条已发放", "### 工资条已发放\n\n本月工资条可以查看，有疑问请在三个工作日内联系薪酬专员范宇航。\n\n[查看工资条](https://hr.example.com/payslip)")),
			told(7, 1330, expenses, toUsers("jiangtao", "panweiming", "liaominzhi"), 95, form("费用报销", "蒋涛提交的招待费报销单", "https://oa.example.com/expense/30566", "待财务审核", pending, "蒋涛", "单号：", "30566", "金额：", "2,180.00 元", "客户：", "南方仓储"), becomes(5*time.Hour, "已退回", refused, "")),
			told(7, 1715, it, toDepts(operations), 90, markdown("周值班交接", "### 周值班交接\n\n- 遗留：备份任务偶发超时，已加告警\n- 变更：网关证书已更换，旧证书本周下线\n- 下周值班：董承宇")),
			told(8, 1010, newsRole, toDepts(sales, staff), 34, plainText("客户开放日的接待分组表已发到各部门，请组长今天确认到场人数和用餐人数。"), recalled(26*time.Minute, "zhaominghui"), byHand("zhaominghui")),
			told(8, 1048, newsRole, toDepts(sales, staff), 81, plainText("更正：客户开放日的接待分组表以今天 10:40 的版本为准。请组长今天确认到场人数和用餐人数。"), byHand("zhaominghui")),
			filled(8, 1505, toUsers("mengfanrong", "xiongdawei", "qinyujia"), 70, "action_card_single", map[string]string{"order": "SO-20407", "window": "15:30–17:00", "address": "北门仓库", "delivery_url": "D-7702"}),
			told(9, 900, hr, toUsers("zhaominghui", "lijiaqi", "linxiaoyu"), 95, form("请假审批", "李佳琪提交的调休申请", "https://oa.example.com/leave/20790", "待审批", pending, "李佳琪", "请假类型：", "调休", "时长：", "1 天", "事由：", "家中有事"), becomes(42*time.Minute, "已同意", agreed, "zhaominghui")),
			told(9, 1400, it, toAll(), 52, markdown("邮箱安全提醒", "### 邮箱安全提醒\n\n近期有冒充财务的钓鱼邮件。请记住：\n\n1. 公司不会用邮件索要密码\n2. 付款信息变更必须电话核实\n3. 可疑邮件请点“举报”\n\n[三分钟自测](https://learn.example.com/security/phishing)")),
			told(10, 855, hr, toDepts(rd, sales, supply, staff), 76, button("员工满意度问卷", "### 员工满意度问卷\n\n共 18 题，约六分钟，匿名填写。\n\n结果会在下次全员会公布。", "开始填写", "https://hr.example.com/survey"), byHand("jinshiya")),
			told(10, 1120, it, toDepts(platform), 80, plainText("依赖扫描：order-service 有两个组件需要升级，工单已派给刘一凡，本迭代内处理。")),
			told(10, 1630, expenses, toDepts(staff+"/财务部"), 95, plainText("月结提醒：明天 18:00 关闭本月报销入口，请今天清理待审核单据。")),
			told(11, 940, newsRole, toDepts(rd), 74, linkTo("https://oa.example.com/news/okr", "四季度目标已公布", "各部门目标和负责人一览，含评分标准与复盘日期。")),
			told(11, 1515, hr, toUsers("duxiaofeng", "yechenxi", "fanyuhang"), 95, form("出差申请", "叶晨曦提交的出差申请", "https://oa.example.com/trip/4471", "待审批", pending, "叶晨曦", "目的地：", "深圳", "天数：", "3 天", "事由：", "客户验收"), becomes(2*time.Hour, "已同意", agreed, "")),
			told(12, 214, it, toDepts(operations), 85, plainText("告警：order-03 磁盘使用率 91%，超过阈值 85%。")),
			told(12, 219, it, toDepts(operations), 85, plainText("告警：order-03 磁盘使用率 93%，日志清理任务未运行。")),
			told(12, 223, it, toDepts(operations), 85, plainText("告警：order-03 写入延迟 480 毫秒，超过阈值 200 毫秒。")),
			told(12, 228, it, toDepts(operations), 85, plainText("告警：order-03 磁盘使用率 96%，已通知值班电话。")),
			told(12, 236, it, toDepts(operations), 85, plainText("告警：order-03 从负载均衡摘除，流量切到 order-04。")),
			told(12, 241, it, toDepts(operations), 85, plainText("恢复：order-03 日志已清理，磁盘使用率 58%。")),
			told(12, 255, it, toDepts(operations, platform), 85, plainText("恢复：order-03 重新接入负载均衡，全部指标正常。")),
			told(12, 1000, hr, toDepts(sales+"/客户成功部"), 79, plainText("排班提醒：下周客户热线排班已发布，换班请在今天 17:00 前由双方确认。")),
			told(13, 925, expenses, toDepts(rd, sales), 61, markdown("差旅标准调整", "### 差旅标准调整\n\n下月起执行：\n\n| 项目 | 原标准 | 新标准 |\n|---|---|---|\n| 一线城市住宿 | 450 元 | 500 元 |\n| 其他城市住宿 | 350 元 | 380 元 |\n\n[全文](https://oa.example.com/policy/travel)"), byHand("zhaominghui")),
			filled(13, 1440, toUsers("tanxueqin", "lukeyi"), 95, "action_card_buttons", map[string]string{"name": "何嘉悦", "start": "周一 9:00", "place": "三楼前台", "guide": "林晓雨", "person_url": "0066"}, byHand("zhaominghui")),
			told(14, 1110, it, toDepts(rd, staff), 44, plainText("今天 12:30 至 12:50 三楼无线网络切换，视频会议请改用有线或换到二楼。")),
			told(14, 1600, hr, toDepts(rd, staff), 82, markdown("图书角上新", "### 图书角上新\n\n这个月新到 24 本，技术、管理和文学各八本。\n\n借阅期三周，可续借一次。\n\n[查看书单](https://hr.example.com/library)"), byHand("jinshiya")),
			told(15, 915, newsRole, toDepts(supply), 77, plainText("盘点通知：今天 17:00 起主仓停止出入库，预计 21:00 恢复。急单请在 15:00 前提交。")),
			told(15, 1345, hr, toUsers("zhaominghui", "liuyifan", "tanxueqin"), 95, form("转正评审", "吴思远的转正评审", "https://hr.example.com/probation/612", "待评审", pending, "人力资源部", "岗位：", "移动端工程师", "导师：", "刘一凡", "试用期：", "三个月"), becomes(6*time.Hour, "已通过", agreed, "")),
			told(16, 1030, it, toUsers("zhengkexin", "fengjunjie", "hanxuetong", "tangboyu"), 90, plainText("测试机更换：新机器已放在 3F-27 工位，旧机器请在本周内清空数据后交还方志远。")),
			told(16, 1550, hr, toDepts(sales, supply), 38, plainText("体检报告领取时间改为明天 9:00 至 11:00。"), recalled(18*time.Minute, "")),
			told(17, 840, newsRole, toAll(), 89, plainText("今天最高气温下降约 8 度，空调已切换为供暖。个别工位偏冷请报行政部 傅小梅。")),
			told(17, 1420, expenses, toUsers("liuyifan", "zhaominghui", "shijianhua"), 95, form("借款申请", "刘一凡提交的会议借款", "https://oa.example.com/loan/1093", "待审批", pending, "刘一凡", "金额：", "6,000.00 元", "用途：", "技术大会展位", "归还：", "会后五个工作日"), becomes(150*time.Minute, "已同意", agreed, "")),
			told(18, 935, hr, toDepts(rd), 68, button("绩效自评开始", "### 绩效自评开始\n\n请在五个工作日内完成自评，之后由主管评分。\n\n- 写三件最重要的事\n- 附上数据或链接", "填写自评", "https://hr.example.com/review/self")),
			told(18, 1720, it, toDepts(operations, quality), 73, markdown("发布总结：订单服务 3.7.2", "### 发布总结：订单服务 3.7.2\n\n- 全量时间：16:48\n- 错误率：0.02%\n- 回滚：未触发\n\n[监控面板](https://ops.example.com/release/372)")),
			told(19, 910, hr, toDepts(rd, staff), 71, plainText("下周一至周三人事窗口办理居住证材料盖章，请提前在人事服务预约时段。"), byHand("jinshiya")),
			told(19, 1100, it, toUsers("sunmengyao", "zhouyuchen", "wusiyuan"), 70, plainText("前端构建缓存服务器今天 12:00 重启，约五分钟，期间构建会变慢。")),
			told(19, 1610, newsRole, toDepts(sales), 57, linkTo("https://oa.example.com/news/openday", "客户开放日回顾", "四十二家客户到场，收集建议六十余条，照片和纪要都在这里。")),
		},
	}
}
