package pinyin_test

import (
	"testing"

	"github.com/tidings-im/tidings/internal/pinyin"
)

func BenchmarkQuery(b *testing.B) {
	names := [][]byte{[]byte("王小明"), []byte("单芳"), []byte("欧阳建国"), []byte("wang wei")}
	for _, text := range []string{"wxm", "wangxiaoming"} {
		b.Run("new/"+text, func(b *testing.B) {
			for b.Loop() {
				pinyin.NewQuery(text)
			}
		})
		q := pinyin.NewQuery(text)
		for _, name := range names {
			b.Run(text+"/"+string(name), func(b *testing.B) {
				for b.Loop() {
					q.In(name)
				}
			})
		}
	}
}
