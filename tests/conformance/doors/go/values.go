package main

import (
	sluice "github.com/sluicedb/sluice/clients/go"
	sluicev1 "github.com/sluicedb/sluice/clients/go/gen/sluice/v1"
)

func fromMessage(value *sluicev1.Value) any {
	switch kind := value.GetKind().(type) {
	case *sluicev1.Value_Integer:
		return kind.Integer
	case *sluicev1.Value_Real:
		return kind.Real
	case *sluicev1.Value_Text:
		return kind.Text
	case *sluicev1.Value_Blob:
		return append([]byte{}, kind.Blob...)
	case *sluicev1.Value_RawText:
		return sluice.RawText(kind.RawText)
	}
	return nil
}

func fromAny(value any) *sluicev1.Value {
	switch v := value.(type) {
	case int64:
		return &sluicev1.Value{Kind: &sluicev1.Value_Integer{Integer: v}}
	case float64:
		return &sluicev1.Value{Kind: &sluicev1.Value_Real{Real: v}}
	case string:
		return &sluicev1.Value{Kind: &sluicev1.Value_Text{Text: v}}
	case []byte:
		return &sluicev1.Value{Kind: &sluicev1.Value_Blob{Blob: v}}
	case sluice.RawText:
		return &sluicev1.Value{Kind: &sluicev1.Value_RawText{RawText: v}}
	}
	return &sluicev1.Value{Kind: &sluicev1.Value_Null{}}
}

func columns(from []sluice.Column) []*sluicev1.Column {
	var to []*sluicev1.Column
	for _, column := range from {
		to = append(to, &sluicev1.Column{Name: column.Name, DeclaredType: column.DeclaredType})
	}
	return to
}

func rows(from []sluice.Row) []*sluicev1.Row {
	var to []*sluicev1.Row
	for _, row := range from {
		to = append(to, toMessage(row))
	}
	return to
}

func toMessage(row sluice.Row) *sluicev1.Row {
	message := &sluicev1.Row{Key: row.Key(), Etag: row.Etag()}
	for _, value := range row.Values() {
		message.Values = append(message.Values, fromAny(value))
	}
	return message
}
