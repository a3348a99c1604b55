package hsts

import (
	"math"
	"testing"
)

func TestAge(t *testing.T) {
	tests := []struct {
		seconds uint64
		want    string
	}{
		{0, "0"},
		{1, "1s"},
		{59, "59s"},
		{300, "5m"},
		{5400, "90m"},
		{43200, "12h"},
		{86400, "1d"},
		{604800, "7d"},
		{2592000, "30d"},
		{10886400, "126d"},
		{15552000, "180d"},
		{15768000, "182d 12h"},
		{15984000, "185d"},
		{31535999, "~364d 23h"}, // never more than was sent
		{31536000, "1y"},
		{31536001, "1y 1s"},
		{31557600, "1y 6h"},
		{31622400, "366d"},
		{63072000, "2y"},
		{123456, "~1d 10h"},
		{315360000, "10y"},
		{1732233600, "~54y"}, // looks like a Unix time
		{9999999999, "~317y"},
		{1000 * 31536000, "1000y"},
		{1000*31536000 + 1, ">1000y"},
		{math.MaxUint64, ">1000y"},
	}
	for _, tt := range tests {
		if got := Age(tt.seconds); got != tt.want {
			t.Errorf("%d: got %q, want %q", tt.seconds, got, tt.want)
		}
	}
}
