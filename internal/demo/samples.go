package demo

import (
	"github.com/tidings-im/tidings/internal/review"
	"github.com/tidings-im/tidings/internal/template"
)

// samples are the third-party app's templates. Each parameter has room for 60
// characters of any script, also where a message has 2,048 bytes. One that
// stands in a link is called …_url and is a part of its query, so that whatever
// it says the link leads where it is written to.
func samples() []sample {
	return []sample{
		{key: "markdown", form: orderShipped(), end: review.Approved},
		{key: "action_card_single", form: deliveryToday(), end: review.Approved},
		{key: "action_card_buttons", form: firstDay(), end: review.Approved},
		{key: "form", form: deliveryReceipt(), end: review.Approved},
		{key: "in_review", form: returnReceived(), end: review.InReview},
		{
			key: "rejected", form: anniversary(), end: review.Rejected,
			reason: "工作通知不是广告：请说明它与客户的哪张订单有关。\nWork notifications carry no advertising: say which order of the customer's it is about.",
		},
	}
}

func orderShipped() template.Form {
	return template.Form{
		Kind: template.KindMarkdown, Name: "订单发货 Order shipped",
		UseCase: "订单出库后告知客户的采购人员，并附上查询物流的链接。Tells a customer's buyers that their order has left, with a link to follow it.",
		Title:   "您的订单已发货 Your order is on its way",
		Content: "**订单已发货 Your order is on its way**\n\n- 订单 Order: ${order}\n- 承运 Carrier: ${carrier}\n" +
			"- 预计送达 Expected: ${arrival}\n\n[查看物流 Follow it](https://example.com/track?parcel=${parcel_url})",
		Parameters: []template.Parameter{
			{Name: "order", Description: "订单号 number of the order", Sample: "SO-20418"},
			{Name: "carrier", Description: "承运公司 who carries it", Sample: "顺达快运"},
			{Name: "arrival", Description: "预计送达的日期 day it is expected", Sample: "12月3日 3 December"},
			{Name: "parcel_url", Description: "运单号，用于链接 number of the parcel, in the link", Sample: "SD88120457"},
		},
	}
}

func deliveryToday() template.Form {
	return template.Form{
		Kind: template.KindActionCard, Name: "今日送达 Delivery today",
		UseCase: "送货当天早上提醒收货人。Reminds whoever takes the goods in, on the morning of the delivery.",
		Title:   "今天送货上门 Your delivery arrives today",
		Content: "**今天送货上门 Arriving today**\n\n- 订单 Order: ${order}\n- 时间 Between: ${window}\n- 地址 To: ${address}\n\n" +
			"> 需要有人签收。Somebody has to sign for it.",
		Actions: []template.Action{{Title: "查看配送 Follow it", URL: "https://example.com/deliveries?id=${delivery_url}"}},
		Parameters: []template.Parameter{
			{Name: "order", Description: "订单号 number of the order", Sample: "SO-20418"},
			{Name: "window", Description: "送货时段 when it arrives", Sample: "14:00–16:00"},
			{Name: "address", Description: "收货地址 where it goes", Sample: "北门仓库 North Gate Warehouse"},
			{Name: "delivery_url", Description: "配送单号，用于链接 number of the delivery, in the link", Sample: "D-7731"},
		},
	}
}

func firstDay() template.Form {
	return template.Form{
		Kind: template.KindActionCard, Name: "入职第一天 First day",
		UseCase: "新同事报到前一天发送。Sent to somebody new, the day before they begin.",
		Title:   "欢迎加入 Welcome aboard",
		Content: "**欢迎 Welcome, ${name}**\n\n- 报到 Start: ${start}\n- 地点 Where: ${place}\n- 带教 Your guide: ${guide}",
		Actions: []template.Action{
			{Title: "入职清单 Checklist", URL: "https://example.com/onboarding?who=${person_url}"},
			{Title: "第一周 First week", URL: "https://example.com/onboarding/week?who=${person_url}"},
		},
		SideBySide: true,
		Parameters: []template.Parameter{
			{Name: "name", Description: "新同事的姓名 who begins", Sample: "何嘉悦 Jia"},
			{Name: "start", Description: "报到时间 when", Sample: "周一 9:00 Monday 9:00"},
			{Name: "place", Description: "报到地点 where", Sample: "三楼前台 front desk, third floor"},
			{Name: "guide", Description: "带教同事 who shows them around", Sample: "林晓雨"},
			{Name: "person_url", Description: "工号，用于链接 job number, in the links", Sample: "0066"},
		},
	}
}

func deliveryReceipt() template.Form {
	return template.Form{
		Kind: template.KindForm, Name: "签收确认 Delivery receipt",
		UseCase:  "货物签收后发给下单人。Sent to whoever ordered, once the goods were signed for.",
		HeadText: "签收 Signed", HeadColor: "FF0958D9",
		Title:   "货物已签收 Delivery signed for",
		Content: "如有短少或破损，请在三天内告知。\nTell us within three days if anything is missing or broken.",
		Rows: []template.Row{
			{Key: "订单 Order:", Value: "${order}"},
			{Key: "签收 By:", Value: "${signer}"},
			{Key: "时间 At:", Value: "${time}"},
			{Key: "件数 Parcels:", Value: "${parcels}"},
		},
		MobileLink: "https://example.com/receipts?id=${receipt_url}",
		PCLink:     "https://example.com/desk/receipts?id=${receipt_url}",
		Parameters: []template.Parameter{
			{Name: "order", Description: "订单号 number of the order", Sample: "SO-20418"},
			{Name: "signer", Description: "签收人 who signed", Sample: "尹正阳"},
			{Name: "time", Description: "签收时间 when", Sample: "12月3日 15:20"},
			{Name: "parcels", Description: "件数 how many parcels", Sample: "3"},
			{Name: "receipt_url", Description: "签收单号，用于链接 number of the receipt, in the links", Sample: "R-5120"},
		},
	}
}

func returnReceived() template.Form {
	return template.Form{
		Kind: template.KindMarkdown, Name: "退货入库 Return received",
		UseCase: "仓库收到退货后告知客户。Tells a customer that the warehouse has what they sent back.",
		Title:   "退货已收到 We have your return",
		Content: "**退货已收到 We have your return**\n\n- 退货单 Return: ${number}\n- 退款 Refund: ${refund}\n\n" +
			"[查看进度 See how it goes](https://example.com/returns?id=${return_url})",
		Parameters: []template.Parameter{
			{Name: "number", Description: "退货单号 number of the return", Sample: "RT-0093"},
			{Name: "refund", Description: "退款时间 when the refund arrives", Sample: "三个工作日内 within three working days"},
			{Name: "return_url", Description: "退货单号，用于链接 number of the return, in the link", Sample: "RT-0093"},
		},
	}
}

func anniversary() template.Form {
	return template.Form{
		Kind: template.KindMarkdown, Name: "周年庆优惠 Anniversary offers",
		UseCase: "周年庆期间发给所有客户。To all customers, during our anniversary.",
		Title:   "周年庆，全场五折 Everything half price",
		Content: "**${customer}，全场五折！ Everything half price!**\n\n只限今天，先到先得。Today only.\n\n" +
			"[立即抢购 Buy now](https://example.com/sale?from=${campaign_url})",
		Parameters: []template.Parameter{
			{Name: "customer", Description: "客户名称 name of the customer", Sample: "北门商贸 Northgate"},
			{Name: "campaign_url", Description: "活动编号，用于链接 number of the campaign, in the link", Sample: "A-10"},
		},
	}
}
