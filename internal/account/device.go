package account

import "strings"

// agents and systems are what a User-Agent header may hold and what is said
// for it; the first found counts. Most browsers name those they are like as
// well, so the particular ones come first.
var (
	agents = [][2]string{
		{"DingTalk", "DingTalk"},
		{"MicroMessenger", "WeChat"},
		{"Feishu", "Feishu"},
		{"Lark/", "Lark"},
		{"EdgA/", "Edge"},
		{"EdgiOS/", "Edge"},
		{"Edg/", "Edge"},
		{"OPR/", "Opera"},
		{"SamsungBrowser/", "Samsung Internet"},
		{"HuaweiBrowser/", "Huawei Browser"},
		{"MiuiBrowser/", "Mi Browser"},
		{"UCBrowser/", "UC Browser"},
		{"QQBrowser/", "QQ Browser"},
		{"YaBrowser/", "Yandex Browser"},
		{"Vivaldi/", "Vivaldi"},
		{"FxiOS/", "Firefox"},
		{"Firefox/", "Firefox"},
		{"CriOS/", "Chrome"},
		{"Chrome/", "Chrome"},
		{"Safari/", "Safari"},
		{"curl/", "curl"},
	}
	systems = [][2]string{
		{"HarmonyOS", "HarmonyOS"},
		{"OpenHarmony", "HarmonyOS"},
		{"Windows", "Windows"},
		{"iPhone", "iPhone"},
		{"iPad", "iPad"},
		{"Android", "Android"},
		{"CrOS", "ChromeOS"},
		{"Macintosh", "macOS"},
		{"Linux", "Linux"},
	}
)

const userAgentLooked = 1024 // bytes

// Device says in a few words what a User-Agent header tells about a browser
// and its system, such as "Chrome · Windows"; empty when it tells nothing.
func Device(userAgent string) string {
	userAgent = userAgent[:min(len(userAgent), userAgentLooked)]
	var said []string
	for _, table := range [][][2]string{agents, systems} {
		for _, entry := range table {
			if strings.Contains(userAgent, entry[0]) {
				said = append(said, entry[1])
				break
			}
		}
	}
	return strings.Join(said, " · ")
}
