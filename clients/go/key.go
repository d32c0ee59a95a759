package sluice

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	sluicev1 "github.com/sluicedb/sluice/clients/go/gen/sluice/v1"
)

// Key encodes the values of a table's primary key, in the key's order, as the row key that [Database.Row] takes and
// [Row.Key] gives. Values are those that queries take. For a table without a primary key it is the rowid.
func Key(parts ...any) (string, error) {
	if len(parts) == 0 {
		return "", errors.New("sluice: a row key needs at least one part")
	}
	encoded := make([]string, len(parts))
	for i, part := range parts {
		value, err := toProto(part)
		if err != nil {
			return "", err
		}
		if encoded[i], err = keyPart(value); err != nil {
			return "", err
		}
	}
	return strings.Join(encoded, ","), nil
}

func keyPart(value *sluicev1.Value) (string, error) {
	switch kind := value.GetKind().(type) {
	case *sluicev1.Value_Integer:
		return strconv.FormatInt(kind.Integer, 10), nil
	case *sluicev1.Value_Real:
		return keyReal(kind.Real)
	case *sluicev1.Value_Text:
		return keyText(kind.Text), nil
	case *sluicev1.Value_RawText:
		return keyText(string(kind.RawText)), nil
	case *sluicev1.Value_Blob:
		return fmt.Sprintf("~b%X", kind.Blob), nil
	}
	return "~n", nil
}

func keyReal(v float64) (string, error) {
	switch {
	case math.IsNaN(v):
		return "", errors.New("sluice: SQLite has no NaN")
	case math.IsInf(v, 1):
		return "~rInf", nil
	case math.IsInf(v, -1):
		return "~r-Inf", nil
	}
	// A row has one key, so this must be the form that the server gives it, that of C++'s to_chars: the shorter of the
	// plain form, in which an integer has all its digits, and the one with an exponent, its `+` counted and then left out.
	digits := -1
	if v == math.Trunc(v) {
		digits = 0
	}
	plain := strconv.FormatFloat(v, 'f', digits, 64)
	exponent := strconv.FormatFloat(v, 'e', -1, 64)
	if len(exponent) < len(plain) {
		return "~r" + strings.Replace(exponent, "e+", "e", 1), nil
	}
	return "~r" + plain, nil
}

func keyText(text string) string {
	var key strings.Builder
	if text == "" || readsLikeInteger(text) {
		key.WriteString("~t")
	}
	for i := range len(text) {
		if c := text[i]; isKeyLetter(c) {
			key.WriteByte(c)
		} else {
			fmt.Fprintf(&key, "~%02X", c)
		}
	}
	return key.String()
}

func isKeyLetter(c byte) bool {
	return 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '_' || c == '.' || c == '-'
}

func readsLikeInteger(text string) bool {
	digits := strings.TrimPrefix(text, "-")
	return digits != "" && strings.Trim(digits, "0123456789") == ""
}
