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
		{1, "1 s"},
		{59, "59 s"},
		{300, "5 min"},
		{5400, "90 min"},
		{43200, "12 hours"},
		{86400, "1 day"},
		{604800, "7 days"},
		{2592000, "30 days"},
		{10886400, "126 days"},
		{15552000, "180 days"},
		{15768000, "182 days 12 hours"},
		{15984000, "185 days"},
		{31535999, "~364 days 23 hours"}, // never more than was sent
		{31536000, "1 year"},
		{31536001, "1 year 1 s"},
		{31557600, "1 year 6 hours"},
		{31622400, "366 days"},
		{63072000, "2 years"},
		{123456, "~1 day 10 hours"},
		{315360000, "10 years"},
		{1732233600, "~54 years"}, // looks like a Unix time
		{9999999999, "~317 years"},
		{1000 * 31536000, "1000 years"},
		{1000*31536000 + 1, "over 1000 years"},
		{math.MaxUint64, "over 1000 years"},
	}
	for _, tt := range tests {
		if got := Age(tt.seconds); got != tt.want {
			t.Errorf("%d: got %q, want %q", tt.seconds, got, tt.want)
		}
	}
}
