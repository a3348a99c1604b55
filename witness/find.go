package witness

import (
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"runtime"
)

// names are those under which Chromium and Chrome are installed, Chromium first.
var names = map[string][]string{
	"darwin": {
		"/Applications/Chromium.app/Contents/MacOS/Chromium",
		"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
	},
	"windows": {
		"chrome",
		`C:\Program Files\Google\Chrome\Application\chrome.exe`,
		`C:\Program Files (x86)\Google\Chrome\Application\chrome.exe`,
	},
}

// everywhere are further names, on the path.
var everywhere = []string{
	"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "google-chrome-beta", "chrome", "chrome-headless-shell", "headless-shell",
}

// Find returns the program to start: path, or else the first that is installed.
func Find(path string) (string, error) {
	if path != "" {
		found, err := exec.LookPath(path)
		if err != nil {
			var file *fs.PathError
			var program *exec.Error
			switch {
			case errors.As(err, &file):
				err = file.Err
			case errors.As(err, &program):
				err = program.Err
			}
			return "", fmt.Errorf("%s cannot be started: %w", path, err)
		}
		return found, nil
	}
	for _, name := range append(names[runtime.GOOS], everywhere...) {
		if found, err := exec.LookPath(name); err == nil {
			return found, nil
		}
	}
	return "", ErrNone
}

// ErrNone is returned where no browser is installed.
var ErrNone = errors.New("no Chromium and no Chrome is installed here")
