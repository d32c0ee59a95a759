package sluice

import (
	"errors"
	"fmt"

	sluicev1 "github.com/sluicedb/sluice/clients/go/gen/sluice/v1"
)

// What a message may make this client allocate, since columns of NULL say nothing but the number of rows: a row counts as a
// byte at least where the server fills a message, 128 KiB with up to 2 000 columns.
const (
	packedRowsMax   = receiveBytesMax
	packedValuesMax = 1 << 28
)

// packedRows makes rows of a message's packed columns. All their values lie in one slice.
func (h *header) packedRows(packed *sluicev1.PackedRows) ([]Row, error) {
	count, width := int(packed.GetRowCount()), len(h.columns)
	if count == 0 {
		return nil, nil
	}
	if count < 0 || count > packedRowsMax || count > packedValuesMax/max(width, 1) {
		return nil, fmt.Errorf("sluice: the server says that one message has %d rows of %d columns", count, width)
	}
	if len(packed.GetColumns()) != width {
		return nil, fmt.Errorf("sluice: the server sent %d packed columns for %d columns", len(packed.GetColumns()), width)
	}
	keys := packed.GetKeys()
	if len(keys) != 0 && len(keys) != count {
		return nil, fmt.Errorf("sluice: the server sent %d keys for %d rows", len(keys), count)
	}
	for _, column := range packed.GetColumns() {
		if err := checkPacked(column, count); err != nil {
			return nil, err
		}
	}
	values := make([]any, count*width)
	for i, column := range packed.GetColumns() {
		if err := unpack(column, values[i:], width); err != nil {
			return nil, err
		}
	}
	rows := make([]Row, count)
	for i := range rows {
		rows[i] = Row{header: h, values: values[i*width : (i+1)*width : (i+1)*width]}
		if len(keys) != 0 {
			rows[i].key = keys[i]
		}
	}
	return rows, nil
}

// checkPacked makes sure, before memory is taken for them, that a column has as many values as the message says.
func checkPacked(column *sluicev1.PackedColumn, count int) error {
	for _, length := range []int{len(column.GetIntegers()), len(column.GetReals()), len(column.GetTexts()), len(column.GetBlobs())} {
		if length != 0 && length != count {
			return fmt.Errorf("sluice: the server sent a packed column of %d values for %d rows", length, count)
		}
	}
	if len(column.GetOthers()) != len(column.GetOtherRows()) {
		return errors.New("sluice: the server sent a packed column with another number of values than of their rows")
	}
	for _, rows := range [][]uint32{column.GetNulls(), column.GetOtherRows()} {
		for _, row := range rows {
			if int(row) >= count {
				return errors.New("sluice: the server sent a packed column that names a row it does not have")
			}
		}
	}
	return nil
}

// unpack writes a column's values into every width-th place. What no array holds stays nil.
func unpack(column *sluicev1.PackedColumn, places []any, width int) error {
	for i, v := range column.GetIntegers() {
		places[i*width] = v
	}
	for i, v := range column.GetReals() {
		places[i*width] = v
	}
	for i, v := range column.GetTexts() {
		places[i*width] = v
	}
	for i, v := range column.GetBlobs() {
		if v == nil { // An empty blob is not NULL.
			v = []byte{}
		}
		places[i*width] = v
	}
	for _, row := range column.GetNulls() {
		places[int(row)*width] = nil
	}
	for i, row := range column.GetOtherRows() {
		value, err := fromProto(column.GetOthers()[i])
		if err != nil {
			return err
		}
		places[int(row)*width] = value
	}
	return nil
}
