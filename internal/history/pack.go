package history

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/klauspost/compress/zstd"

	"github.com/SupermanScott/Elva/internal/entry"
	"github.com/SupermanScott/Elva/internal/record"
)

// packed has the compressed contents of a segment. They are compressed separately, since searches and replays do not need
// the payloads. That costs 5 bytes per record.
type packed struct {
	items, text, payloads []byte
	index                 *Index
}

func (p *packed) size() int { return cap(p.items) + cap(p.text) + cap(p.payloads) + p.index.size() }

// errDamaged means that a packed segment can't be unpacked.
var errDamaged = errors.New("a segment of the history is damaged")

// packer packs segments. The zero packer is ready to use. It is not safe for concurrent use.
type packer struct {
	encoder *zstd.Encoder // nil until it is needed, since it takes half a megabyte
	scratch []byte
	items   []byte
	indexer indexer
}

// pack returns the packed contents of a block.
func (p *packer) pack(b *block) *packed {
	p.items = appendItems(p.items[:0], b)
	result := &packed{p.compress(p.items), p.compress(b.text), p.compress(b.payloads), p.indexer.index(b)}
	if cap(p.scratch) > 2*maxBlock { // don't keep the memory for one huge record
		p.scratch = nil
	}
	return result
}

func (p *packer) compress(plain []byte) []byte {
	if p.encoder == nil {
		p.encoder = newEncoder()
	}
	p.scratch = p.encoder.EncodeAll(plain, p.scratch[:0])
	return slices.Clip(slices.Clone(p.scratch))
}

func newEncoder() *zstd.Encoder {
	// The fastest level is the best choice: the default level takes longer and gains nothing for logs.
	// A larger window takes memory and gains nothing, since only a segment with a huge record is larger.
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true),
		zstd.WithWindowSize(maxBlock))
	if err != nil { // an option is wrong
		panic(err)
	}
	return encoder
}

// newDecoder returns a decoder that concurrency goroutines may use at the same time.
func newDecoder(concurrency int) *zstd.Decoder {
	decoder, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(concurrency), zstd.WithDecoderLowmem(true))
	if err != nil { // an option is wrong
		panic(err)
	}
	return decoder
}

// unpack unpacks the items and encodings of a segment into b. count is the number of its items. If payloads is true, unpack unpacks the
// payloads, too.
func (p *packed) unpack(decoder *zstd.Decoder, b *block, count int, payloads bool) (err error) {
	b.reset()
	if b.text, err = decoder.DecodeAll(p.text, b.text); err != nil {
		return fmt.Errorf("%w: %w", errDamaged, err)
	}
	if b.scratch, err = decoder.DecodeAll(p.items, b.scratch[:0]); err != nil {
		return fmt.Errorf("%w: %w", errDamaged, err)
	}
	if payloads {
		if b.payloads, err = decoder.DecodeAll(p.payloads, b.payloads); err != nil {
			return fmt.Errorf("%w: %w", errDamaged, err)
		}
	}
	if !b.readItems(b.scratch, count) {
		return errDamaged
	}
	return nil
}

// appendItems appends the items of a block field by field: values of the same field are similar, so they compress better next to
// each other.
func appendItems(dst []byte, b *block) []byte {
	for i := range b.items {
		dst = binary.AppendUvarint(dst, uint64(b.items[i].end-b.start(i)))
	}
	for i := range b.items {
		from, to := b.payload(i)
		dst = binary.AppendUvarint(dst, uint64(to-from))
	}
	for _, it := range b.items {
		kind := byte(it.level) << 1
		if it.gap {
			kind |= 1
		}
		dst = append(dst, kind)
	}
	if len(b.entries) == 0 {
		return dst
	}
	var last entry.Entry
	for i, it := range b.items {
		dst = binary.AppendUvarint(dst, uint64(it.stream))
		if it.stream == 0 {
			continue
		}
		e := b.entry(i)
		dst = binary.AppendVarint(dst, int64(e.MS-last.MS)) // if the difference wraps around, readItems wraps it back
		dst = binary.AppendUvarint(dst, e.Seq)
		dst = binary.AppendVarint(dst, int64(e.Index-last.Index))
		last = e
	}
	return dst
}

// readItems reads the output of appendItems and reports whether it is consistent with the text.
func (b *block) readItems(data []byte, count int) bool {
	ok := true
	number := func() uint64 {
		n, size := binary.Uvarint(data)
		ok = ok && size > 0
		data = data[max(size, 0):]
		return n
	}
	signed := func() uint64 {
		n, size := binary.Varint(data)
		ok = ok && size > 0
		data = data[max(size, 0):]
		return uint64(n)
	}
	b.items = slices.Grow(b.items, count)[:count]
	clear(b.items)
	end, payloadEnd := uint64(0), uint64(0)
	for i := range b.items {
		end += number()
		b.items[i].end = uint32(end)
		end++ // the comma
	}
	for i := range b.items {
		payloadEnd += number()
		b.items[i].payloadEnd = uint32(payloadEnd)
	}
	if !ok || len(data) < count || end != uint64(len(b.text)) {
		return false
	}
	for i, kind := range data[:count] {
		b.items[i].level, b.items[i].gap = record.Level(kind>>1), kind&1 != 0
	}
	if data = data[count:]; len(data) == 0 {
		return true
	}
	var last entry.Entry
	for i := range b.items {
		if b.items[i].stream = uint16(number()); b.items[i].stream > 0 {
			last.MS += signed()
			last.Seq = number()
			last.Index += signed()
			for len(b.entries) < i {
				b.entries = append(b.entries, entry.Entry{})
			}
			b.entries = append(b.entries, last)
		}
	}
	return ok
}
