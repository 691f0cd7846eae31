// Appends each event as a line to a file.
//
// Any program can be a channel. The delivery, the settings and the event's attributes are in its environment; the whole event
// is on its standard input, as one CloudEvent in JSON. Exit status 0 is a delivery. The last line on standard output is the
// receipt, or a failure that says what to do next.
package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

type receipt struct {
	File      string `json:"file"`
	Duplicate bool   `json:"duplicate"`
}

type failure struct {
	Disposition string `json:"disposition"` // "retry", "reject" or "suspend"
	Code        string `json:"code"`        // for programs
	Message     string `json:"message"`     // for people
}

func main() {
	file := cmp.Or(os.Getenv("FANFARE_SETTING_FILE"), "/out/events.log")
	if folder := filepath.Dir(file); !exists(folder) {
		end(1, failure{"reject", "no_folder", fmt.Sprintf("there is no %s: grant it with `write = true`", folder)})
	}
	text := cmp.Or(os.Getenv("CE_MESSAGE"), os.Getenv("CE_TYPE"))
	line := fmt.Sprintf("%s %q", os.Getenv("CE_TIME"), text)
	duplicate, err := appendOnce(file, line, os.Getenv("FANFARE_DELIVERY_ID"))
	if err != nil {
		end(1, failure{"retry", "io", err.Error()})
	}
	end(0, receipt{file, duplicate})
}

// appendOnce adds the line, which ends with the delivery's id, unless it exists: a delivery may be repeated.
func appendOnce(path, line, id string) (duplicate bool, err error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return false, err
	}
	defer file.Close()
	mark := " " + id + "\n"
	for lines := bufio.NewReader(file); ; {
		switch have, err := lines.ReadString('\n'); {
		case strings.HasSuffix(have, mark):
			return true, nil
		case err == io.EOF:
			_, err = file.WriteString(line + mark)
			return false, errors.Join(err, file.Sync())
		case err != nil:
			return false, err
		}
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// end prints the result and exits.
func end(status int, said any) {
	json.NewEncoder(os.Stdout).Encode(said)
	os.Exit(status)
}
