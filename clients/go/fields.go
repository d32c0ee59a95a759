package sluice

import (
	"reflect"
	"strings"
	"sync"
	"unicode"
)

// structField is a field of a struct that stands for a column.
type structField struct {
	column string
	index  []int
}

type structFields []structField

// Column names of SQLite do not tell upper case from lower.
func (fields structFields) find(column string) (structField, bool) {
	for _, field := range fields {
		if strings.EqualFold(field.column, column) {
			return field, true
		}
	}
	return structField{}, false
}

var fieldCache sync.Map // reflect.Type -> structFields

func fieldsOf(t reflect.Type) structFields {
	if cached, ok := fieldCache.Load(t); ok {
		return cached.(structFields)
	}
	var fields structFields
	for _, field := range reflect.VisibleFields(t) {
		tag, hasTag := field.Tag.Lookup("sluice")
		if !field.IsExported() || tag == "-" || isEmbeddedStruct(field) && !hasTag || throughPointer(t, field.Index) {
			continue
		}
		if tag == "" {
			tag = snakeCase(field.Name)
		}
		fields = append(fields, structField{column: tag, index: field.Index})
	}
	cached, _ := fieldCache.LoadOrStore(t, fields)
	return cached.(structFields)
}

func isEmbeddedStruct(field reflect.StructField) bool {
	return field.Anonymous && field.Type.Kind() == reflect.Struct
}

// throughPointer tells whether a promoted field lies behind an embedded pointer, which may be nil.
func throughPointer(t reflect.Type, index []int) bool {
	for _, i := range index[:len(index)-1] {
		field := t.Field(i)
		if field.Type.Kind() == reflect.Pointer {
			return true
		}
		t = field.Type
	}
	return false
}

// snakeCase makes auth_name of AuthName, and http_code of HTTPCode.
func snakeCase(name string) string {
	letters := []rune(name)
	var result strings.Builder
	for i, letter := range letters {
		startsWord := i > 0 && unicode.IsUpper(letter) &&
			(!unicode.IsUpper(letters[i-1]) || i+1 < len(letters) && unicode.IsLower(letters[i+1]))
		if startsWord && letters[i-1] != '_' {
			result.WriteByte('_')
		}
		result.WriteRune(unicode.ToLower(letter))
	}
	return result.String()
}
