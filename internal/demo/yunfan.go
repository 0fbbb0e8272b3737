package demo

func yunfan() organization {
	return organization{
		key: "yunfan", name: "云帆科技（演示）", zone: "Asia/Shanghai", people: "yunfan.csv",
		app: "协同办公", sender: "云帆消息中心", reader: "linxiaoyu", greeting: "你好，林晓雨，这是一条测试通知",
		trusted: []string{"hr.example.com", "learn.example.com", "oa.example.com", "ops.example.com"},
		image:   "开放日海报.png", voice: "晨会提醒.wav", file: "差旅报销标准.pdf",
		paper: []string{
			"差旅报销标准", "一、适用范围：公司全体员工因公出差。", "二、交通：高铁二等座或飞机经济舱，凭票据实报销。",
			"三、住宿：一线城市每晚不超过 500 元，其他城市不超过 380 元。", "四、补贴：出差期间每人每天 100 元。",
			"五、出差结束后十个工作日内提交报销单。",
		},
		messages: []message{
			{name: "text", to: audience{everyone: true}, about: "everyone", body: plain("text", object{
				"content": "各位同事：本周五 18:30 至 21:00 进行机房网络割接，期间 OA、邮箱和报销系统会有短时中断，请提前保存工作内容。",
			})},
			{name: "image", to: audience{depts: []string{"营销中心"}}, about: "Marketing and Sales", body: uploaded("image", nil)},
			{
				name: "voice", to: audience{users: []string{"linxiaoyu", "wanghaoran", "liuyifan"}},
				about: "three engineers", body: uploaded("voice", object{"duration": "2"}),
			},
			{
				name: "file", to: audience{depts: []string{"产品研发中心", "营销中心", "供应链中心"}},
				about: "three centres", body: uploaded("file", nil),
			},
			{name: "link", to: audience{depts: []string{"产品研发中心"}}, about: "Research and Development", body: func(media func(string) string) object {
				return object{"msgtype": "link", "link": object{
					"messageUrl": "https://learn.example.com/courses/secure-coding", "picUrl": media("image"),
					"title": "新课上线：安全编码入门", "text": "三节课，共九十分钟。本月内学完并通过小测验，即可获得内训积分 20 分。",
				}}
			}},
			{
				name: "oa", to: audience{users: []string{"zhaominghui", "linxiaoyu", "tanxueqin"}}, about: "the three people involved",
				body: func(func(string) string) object {
					return card("请假审批", "林晓雨提交的年假申请", "https://oa.example.com/leave/20871",
						rows("请假类型：", "年假", "开始时间：", "12月7日 上午", "结束时间：", "12月9日 下午", "时长：", "3 天", "事由：", "回乡探亲"),
						"待审批", pending, "林晓雨")
				},
			},
			{name: "markdown", to: audience{depts: []string{"产品研发中心/平台研发部", "产品研发中心/运维部"}}, about: "Platform and Operations", body: plain("markdown", object{
				"title": "发布通知：订单服务 3.8.0",
				"text": "### 发布通知：订单服务 3.8.0\n\n**窗口**：今晚 22:00 至 22:30\n\n" +
					"- 下单接口改为异步校验库存\n- 修复跨时区的对账日期\n- 数据库连接池上限调为 64\n\n" +
					"> 回滚方案已演练，值班：田宏伟\n\n[查看发布单](https://ops.example.com/release/380)",
			})},
			{name: "action_card", to: audience{depts: []string{"职能中心", "产品研发中心"}}, about: "two centres", body: plain("action_card", object{
				"title":        "年度体检预约已开放",
				"markdown":     "### 年度体检预约已开放\n\n请在 **11 月 30 日**前选择体检机构和日期。\n\n- 机构：仁和、康宁、安平三家可选\n- 体检当天算出勤",
				"single_title": "立即预约", "single_url": "https://hr.example.com/checkup",
			})},
		},
		lively: yunfanLively(), past: yunfanPast(),
	}
}
