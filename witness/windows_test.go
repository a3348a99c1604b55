package witness

import (
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestClosesWindows: a page that is allowed to open windows does not keep them.
func TestClosesWindows(t *testing.T) {
	s := serve(t, func(r *request) string {
		if r.path != "/" {
			return answer(200, "", "")
		}
		return answer(200, "", `<script>
			const all = []
			for (let i = 0; i < 12; i++) all.push(window.open("/window" + i, "w" + i))
			setTimeout(() => location.href = "/closed-" + all.filter(w => w && w.closed).length, 900)
		</script>`)
	})
	b := s.browser(t, Options{Network: []string{"--disable-popup-blocking"}})
	seen := look(t, b, "https://example.com/")
	if last := seen[len(seen)-1].URL; last != "https://example.com/closed-12" {
		t.Errorf("of 12 windows: %s", last)
	}
}

// TestReloadsForEver: a page that loads itself again and again is left in the end.
func TestReloadsForEver(t *testing.T) {
	s := serve(t, func(r *request) string { return answer(200, yearField, `<script>location.reload()</script>`) })
	b := s.browser(t, Options{Deadline: 40 * time.Second})
	begun := time.Now()
	if seen := look(t, b, "https://example.com/"); len(seen) == 0 || len(seen) > mostHops || seen[0].STS == nil {
		t.Errorf("%d exchanges", len(seen))
	}
	if took := time.Since(begun); took > 30*time.Second {
		t.Errorf("took %s", took)
	}
}

// TestDownloads: nothing that a site sends is written into a file.
func TestDownloads(t *testing.T) {
	s := serve(t, func(r *request) string {
		return answer(200, "Content-Disposition: attachment; filename=x.bin\r\n", strings.Repeat("x", 1<<20))
	})
	b := s.browser(t, Options{})
	if seen := look(t, b, "https://example.com/"); len(seen) != 1 || seen[0].Status != 200 {
		t.Errorf("%+v", seen)
	}
	time.Sleep(time.Second) // for one that goes on behind the visit
	filepath.WalkDir(b.home, func(path string, d fs.DirEntry, err error) error {
		if err == nil && (strings.Contains(d.Name(), "x.bin") || strings.HasSuffix(d.Name(), ".crdownload")) {
			t.Errorf("it wrote %s", path)
		}
		return nil
	})
}
