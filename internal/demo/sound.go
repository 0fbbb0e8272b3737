package demo

import (
	"bytes"
	"encoding/binary"
	"math"
)

// soundSeconds is the length of what sound returns.
const soundSeconds = 2

// sound returns three rising notes as a WAV file: 16-bit mono at 8 kHz.
func sound() []byte {
	const rate = 8000
	notes := []float64{523.25, 659.25, 783.99} // C, E, G
	samples := make([]int16, rate*soundSeconds)
	length := len(samples) / len(notes)
	for i := range samples {
		note, at := min(i/length, len(notes)-1), float64(i%length)/rate
		fade := math.Exp(-3*at) * math.Min(1, at*200) // no click at the start
		samples[i] = int16(12000 * fade * math.Sin(2*math.Pi*notes[note]*at))
	}
	var data bytes.Buffer
	put := func(values ...any) {
		for _, v := range values {
			if text, ok := v.(string); ok {
				data.WriteString(text)
				continue
			}
			_ = binary.Write(&data, binary.LittleEndian, v) // fixed sizes into memory
		}
	}
	size := uint32(len(samples) * 2)
	put("RIFF", 36+size, "WAVE", "fmt ", uint32(16), uint16(1), uint16(1),
		uint32(rate), uint32(rate*2), uint16(2), uint16(16), "data", size, samples)
	return data.Bytes()
}
