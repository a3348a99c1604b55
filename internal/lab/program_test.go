package lab

import (
	"fmt"
	"path/filepath"
	"testing"
)

// A said notes what became of a test.
type said struct {
	testing.TB
	skipped, failed string
}

func (s *said) Helper()           {}
func (s *said) Skip(args ...any)  { s.skipped = fmt.Sprint(args...) }
func (s *said) Fatal(args ...any) { s.failed = fmt.Sprint(args...); panic(s) }

func TestProgram(t *testing.T) {
	const absent = "hsts-check-no-such-program"
	const reason = absent + " or " + absent + "-2 is not installed here"
	for _, test := range []struct {
		name, require string
		programs      []string
		found         string
		want          said
	}{
		{"the first one that is there", "1", []string{absent, "go"}, "go", said{}},
		{"skipped where none is", "", []string{absent, absent + "-2"}, "", said{skipped: reason}},
		{"0 requires nothing", "0", []string{absent, absent + "-2"}, "", said{skipped: reason}},
		{"a failure where it is required", "1", []string{absent, absent + "-2"}, "", said{failed: reason}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv("HSTS_CHECK_REQUIRE_PROGRAMS", test.require)
			var got said
			var path string
			func() {
				defer func() {
					if p := recover(); p != nil && p != &got {
						panic(p)
					}
				}()
				path = Program(&got, test.programs...)
			}()
			if got != test.want || test.found != "" && trimExe(path) != test.found || test.found == "" && path != "" {
				t.Errorf("path %q, %+v; want %q, %+v", path, got, test.found, test.want)
			}
		})
	}
}

func TestSlow(t *testing.T) {
	for require, want := range map[string]said{
		"":  {skipped: "takes long: HSTS_CHECK_REQUIRE_PROGRAMS=1 runs it"},
		"0": {skipped: "takes long: HSTS_CHECK_REQUIRE_PROGRAMS=1 runs it"},
		"1": {},
	} {
		t.Setenv("HSTS_CHECK_REQUIRE_PROGRAMS", require)
		var got said
		if Slow(&got); got != want {
			t.Errorf("with %q: %+v, want %+v", require, got, want)
		}
	}
}

func trimExe(path string) string {
	base := filepath.Base(path)
	return base[:len(base)-len(filepath.Ext(base))]
}
