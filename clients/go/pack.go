package sluice

import (
	"fmt"

	sluicev1 "github.com/sluicedb/sluice/clients/go/gen/sluice/v1"
)

// packer makes packed columns of rows.
type packer struct {
	columns []packedColumn
	rows    int
	// About what the message will hold.
	bytes int
}

// packedColumn is one of them; the first value that is not NULL decides which array it has.
type packedColumn struct {
	kind   packedKind
	packed sluicev1.PackedColumn
}

type packedKind int

const (
	noArray packedKind = iota
	integers
	reals
	texts
	blobs
)

func kindOf(value *sluicev1.Value) packedKind {
	switch value.GetKind().(type) {
	case *sluicev1.Value_Integer:
		return integers
	case *sluicev1.Value_Real:
		return reals
	case *sluicev1.Value_Text:
		return texts
	case *sluicev1.Value_Blob:
		return blobs
	default:
		return noArray
	}
}

func (p *packer) add(row []any) error {
	for i, value := range row {
		typed, err := toProto(value)
		if err != nil {
			return fmt.Errorf("column %d: %w", i, err)
		}
		p.columns[i].add(typed, uint32(p.rows))
		p.bytes += 9 + len(typed.GetText()) + len(typed.GetBlob()) + len(typed.GetRawText())
	}
	p.rows++
	return nil
}

func (p *packer) take() *sluicev1.PackedRows {
	packed := &sluicev1.PackedRows{RowCount: uint32(p.rows)}
	for i := range p.columns {
		column := &p.columns[i]
		// Exceptions are from an array, so one without any value of its own gets one of zeros.
		if column.kind == noArray && len(column.packed.OtherRows) > 0 {
			column.kind = integers
			column.fill(p.rows)
		}
		if column.kind == noArray {
			column.packed.Nulls = nil
		}
		packed.Columns = append(packed.Columns, &column.packed)
	}
	return packed
}

func (c *packedColumn) add(value *sluicev1.Value, row uint32) {
	kind := kindOf(value)
	if c.kind == noArray && kind != noArray {
		c.kind = kind
		// What stands before it is listed as an exception.
		c.fill(int(row))
	}
	if kind != noArray && kind == c.kind {
		switch kind {
		case integers:
			c.packed.Integers = append(c.packed.Integers, value.GetInteger())
		case reals:
			c.packed.Reals = append(c.packed.Reals, value.GetReal())
		case texts:
			c.packed.Texts = append(c.packed.Texts, value.GetText())
		case blobs:
			c.packed.Blobs = append(c.packed.Blobs, value.GetBlob())
		}
		return
	}
	c.fill(1)
	if _, null := value.GetKind().(*sluicev1.Value_Null); null {
		c.packed.Nulls = append(c.packed.Nulls, row)
		return
	}
	c.packed.OtherRows = append(c.packed.OtherRows, row)
	c.packed.Others = append(c.packed.Others, value)
}

// fill adds elements of the array that mean nothing.
func (c *packedColumn) fill(count int) {
	for range count {
		switch c.kind {
		case integers:
			c.packed.Integers = append(c.packed.Integers, 0)
		case reals:
			c.packed.Reals = append(c.packed.Reals, 0)
		case texts:
			c.packed.Texts = append(c.packed.Texts, "")
		case blobs:
			c.packed.Blobs = append(c.packed.Blobs, nil)
		}
	}
}
