package pinyin

import "strings"

// surnames are the characters, and pairs of them, that are read otherwise as a surname
// than elsewhere, or in fewer ways. Where people of the name read it in two ways, both
// are there, with a slash.
const surnames = `
	单 shan  曾 zeng  仇 qiu  解 xie  任 ren  区 ou  查 zha  朴 piao  盖 ge/gai  尉 wei  乐 yue/le  翟 zhai/di
	折 she  黑 he  种 chong  秘 bi  缪 miao  员 yun  燕 yan  覃 qin/tan  宓 mi/fu  过 guo  召 shao  盛 sheng
	应 ying  石 shi  葛 ge  隗 wei/kui  繁 po  宁 ning  车 che  沈 shen  祭 zhai  郇 xun/huan  相 xiang
	牟 mu/mou  那 na  能 nai  谌 chen/shen  俞 yu  余 yu  贾 jia  卜 bu  曲 qu  句 gou  占 zhan  冯 feng
	郄 qie/xi  郗 xi/chi  褚 chu  莘 shen/xin  费 fei  臧 zang  柏 bai/bo  陆 lu  干 gan  宿 su  薄 bo
	曹 cao  鲍 bao  呼 hu  都 du  哈 ha  纪 ji  洗 xian  适 kuo  角 jue  阚 kan  殷 yin  於 yu  叶 ye
	夏 xia  谷 gu  万 wan  陶 tao  江 jiang
	單 shan  區 ou  樂 yue/le  蓋 ge/gai  繆 miao  員 yun  過 guo  應 ying  馮 feng  賈 jia  諶 chen/shen
	費 fei  陸 lu  葉 ye  萬 wan  車 che  寧 ning  紀 ji
	尉迟 yu-chi  尉遲 yu-chi  万俟 mo-qi  萬俟 mo-qi  单于 chan-yu  單于 chan-yu  长孙 zhang-sun  長孫 zhang-sun
	令狐 ling-hu  澹台 tan-tai  鲜于 xian-yu  宰父 zai-fu  夏侯 xia-hou  皇甫 huang-fu  哥舒 ge-shu  贺若 he-ruo
	独孤 du-gu  呼延 hu-yan  慕容 mu-rong  上官 shang-guan  欧阳 ou-yang  司马 si-ma  诸葛 zhu-ge  宇文 yu-wen
`

// readSurnames returns how the characters of each surname are read, in turn, in the
// form of withoutTones.
func readSurnames() map[string][]string {
	all := map[string][]string{}
	fields := strings.Fields(strings.ReplaceAll(surnames, "/", ","))
	for i := 0; i+1 < len(fields); i += 2 {
		all[fields[i]] = strings.Split(fields[i+1], "-")
	}
	return all
}
