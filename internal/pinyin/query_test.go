package pinyin_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/pinyin"
)

// Names are found by whole syllables, by first letters, by both, and by what is typed
// so far; each surname as it is read as one.
func TestNamesAreFound(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ by, not string }{
		"王小明":      {"wangxiaoming wxm WXM wang xiaoming xm wangxm wxiaom wangxi mi", "wm xw mingxiao wangming b 1 an"},
		"张伟":       {"zhangwei zhw zw zhangw z zha", "zhaw zhawei zangwei"},
		"单雄信":      {"shan shanxiongxin sxx", "dan danxiong chan"},
		"曾国藩":      {"zeng zgf", "ceng cgf"},
		"仇英":       {"qiu qiuying", "chou"},
		"解缙":       {"xie xj", "jie"},
		"任盈盈":      {"ren renyy", ""},
		"区寄":       {"ou ouji", "qu"},
		"查良镛":      {"zha zly", "cha"},
		"尉迟恭":      {"yuchi yuchigong ycg", "wei weichi"},
		"尉健行":      {"wei weijianxing weijianhang", "yujian"},
		"欧阳修":      {"ouyang oyx", ""},
		"小单":       {"dan shan xd xs", ""}, // no surname there
		"吕布":       {"lv lvbu lubu lyubu lb lü", "libu"},
		"女娲":       {"nvwa nuwa nw", ""},
		"乐嘉":       {"yue le yuejia lejia", "lao"},
		"王重阳":      {"wangchongyang wangzhongyang wcy wzy", ""},
		"西安人":      {"xi'an xian xianren xar", "xin"},
		"阿卜杜·热西提":  {"abudure abdrxt", "duxi"},
		"wang wei": {"wangwei gw", "ww wangei"},
		"研发2部":     {"yanfa2bu yf2b fa2", "yanfabu 2bu"},
		"安安安安安安安安安安安安安": {"anananan", strings.Repeat("an", 14)},
		"":      {"", "a"},
		"\xff王": {"w", "x"},
		"𬱟":     {"wei", ""},
		"123":   {"", "a 123"},
	} {
		for _, word := range strings.Fields(c.by) {
			if q := pinyin.NewQuery(word); !q.In([]byte(name)) {
				t.Errorf("%s is not found by %s", name, word)
			}
		}
		for _, word := range strings.Fields(c.not) {
			if pinyin.NewQuery(word).In([]byte(name)) {
				t.Errorf("%s is found by %s", name, word)
			}
		}
	}
	if q := pinyin.NewQuery("wang xiao ming"); !q.In([]byte("王小明")) {
		t.Error("not found by syllables with spaces")
	}
}

// What is no text of letters, or no end of them, finds nothing and takes no time.
func TestOtherTextsFindNothing(t *testing.T) {
	t.Parallel()
	name := []byte(strings.Repeat("嗯恩", 40))
	for _, text := range []string{"", " ", "王", "1a", "a_b", "\x00", "\xff", strings.Repeat("n", 64), "nü\xff"} {
		if q := pinyin.NewQuery(text); q.In(name) {
			t.Errorf("%q finds something", text)
		}
	}
	if pinyin.NewQuery(strings.Repeat("n", 62) + "x").In(name) {
		t.Error("found by what is not there")
	}
}

// Every surname is found by how it is read.
func TestSurnames(t *testing.T) {
	t.Parallel()
	for name, read := range pinyin.Surnames() {
		for _, word := range read {
			if !pinyin.NewQuery(word).In([]byte(name)) {
				t.Errorf("%s is not found by %s", name, word)
			}
		}
	}
}

// Of many names those are found that would be found alone, and none that was forgotten.
func TestManyNames(t *testing.T) {
	t.Parallel()
	var names []pinyin.Code
	var starts []int
	for _, name := range []string{"王小明", "", "王", "xiaoming", "单小明", "小明"} {
		starts = append(starts, len(names))
		names = pinyin.Append(names, []byte(name))
	}
	find := func(want ...int) {
		t.Helper()
		var got []int
		pinyin.NewQuery("xiaom").Find(names, func(n int) { got = append(got, n) })
		if !slices.Equal(got, want) {
			t.Errorf("found %v, want %v", got, want)
		}
	}
	find(0, 3, 4, 5)
	pinyin.Forget(names[starts[4]:starts[5]])
	find(0, 3, 5)
}

func FuzzQuery(f *testing.F) {
	f.Add("wxm", []byte("王小明"))
	f.Add("lv'xi", []byte("吕\xff西"))
	f.Fuzz(func(t *testing.T, text string, name []byte) {
		if q := pinyin.NewQuery(text); q.In(name) && !q.In(append([]byte("王"), name...)) && !q.In(append([]byte("1 "), name...)) {
			t.Errorf("%q is found in %q, but not behind something", text, name)
		}
	})
}
