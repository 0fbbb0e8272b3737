package pinyin_test

import (
	"testing"

	"github.com/tidings-im/tidings/internal/pinyin"
)

func BenchmarkQuery(b *testing.B) {
	var names []pinyin.Code
	for range 10_000 {
		for _, name := range []string{"王小明", "单芳", "欧阳建国", "wang wei"} {
			names = pinyin.Append(names, []byte(name))
		}
	}
	for _, text := range []string{"wxm", "wangxiaoming", "z"} {
		b.Run("new/"+text, func(b *testing.B) {
			for b.Loop() {
				pinyin.NewQuery(text)
			}
		})
		q := pinyin.NewQuery(text)
		b.Run(text, func(b *testing.B) {
			for b.Loop() {
				q.Find(names, func(int) {})
			}
		})
	}
}
