// Package pinyin finds Chinese names by what people type with Latin letters: 王小明 by
// wangxiaoming, wxm, xiaoming, wangxm or wangxiaom. A character that is read in several
// ways is found by each of them; a surname at the beginning of a name only by how it is
// read as a surname, 单 by shan.
package pinyin
