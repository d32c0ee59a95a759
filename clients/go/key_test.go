package sluice

import (
	"math"
	"testing"
)

func TestKeysAreEncodedAsTheContractSays(t *testing.T) {
	tests := []struct {
		parts []any
		want  string
	}{
		{[]any{4326}, "4326"},
		{[]any{-1}, "-1"},
		{[]any{int64(math.MinInt64)}, "-9223372036854775808"},
		{[]any{"EPSG:4326"}, "EPSG~3A4326"},
		{[]any{"EPSG", "4326"}, "EPSG,~t4326"},
		{[]any{"EPSG", 4326}, "EPSG,4326"},
		{[]any{""}, "~t"},
		{[]any{"-1"}, "~t-1"},
		{[]any{"007"}, "~t007"},
		{[]any{"-"}, "-"},
		{[]any{"1-2"}, "1-2"},
		{[]any{"1.5"}, "1.5"},
		{[]any{"a,b~c/d e"}, "a~2Cb~7Ec~2Fd~20e"},
		{[]any{"ü"}, "~C3~BC"},
		{[]any{"\x00"}, "~00"},
		{[]any{RawText("\xff")}, "~FF"},
		{[]any{2.5}, "~r2.5"},
		{[]any{2.0}, "~r2"},
		{[]any{1e300}, "~r1e300"},
		{[]any{1e-7}, "~r1e-07"},
		{[]any{1e5}, "~r1e05"},
		{[]any{1.3123043e12}, "~r1312304300000"},
		{[]any{123456.0}, "~r123456"},
		{[]any{float64(1 << 60)}, "~r1152921504606846976"},
		{[]any{math.Copysign(0, -1)}, "~r-0"},
		{[]any{math.Inf(1)}, "~rInf"},
		{[]any{math.Inf(-1)}, "~r-Inf"},
		{[]any{[]byte{0xDE, 0xAD, 0xBE, 0xEF}}, "~bDEADBEEF"},
		{[]any{[]byte{}}, "~b"},
		{[]any{nil, "x"}, "~n,x"},
	}
	for _, test := range tests {
		got, err := Key(test.parts...)
		if err != nil || got != test.want {
			t.Errorf("Key(%#v) = %q, %v; want %q", test.parts, got, err, test.want)
		}
	}
}

func TestKeysRefuseWhatSQLiteCannotHold(t *testing.T) {
	for _, parts := range [][]any{{}, {math.NaN()}, {struct{}{}}, {uint64(math.MaxUint64)}} {
		if key, err := Key(parts...); err == nil {
			t.Errorf("Key(%#v) = %q, want an error", parts, key)
		}
	}
}
