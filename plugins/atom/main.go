// Keeps an Atom feed of the newest events in a file. The event's JSON comes on standard input and everything else in the
// environment. The last line of standard output is the result.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"syscall"
)

// A failure tells the daemon what to do next: "retry", "reject" or "suspend".
type failure struct {
	Disposition string `json:"disposition"`
	Code        string `json:"code"`
	Message     string `json:"message"`
}

func (f *failure) Error() string { return f.Message }

func reject(code, format string, arguments ...any) error {
	return &failure{"reject", code, fmt.Sprintf(format, arguments...)}
}

type receipt struct {
	ID        string `json:"id"`
	Entries   int    `json:"entries"`
	Duplicate bool   `json:"duplicate"`
}

func main() {
	answer, err := deliver()
	if err != nil {
		failed := &failure{"retry", "io", err.Error()}
		errors.As(err, &failed)
		print(failed)
		os.Exit(1)
	}
	print(answer)
}

func print(value any) {
	line, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	fmt.Println(string(line))
}

type settings struct {
	path, title, link string
	entries           int
}

func readSettings() (settings, error) {
	setting := func(name, otherwise string) string {
		if value := os.Getenv("FANFARE_SETTING_" + name); value != "" {
			return value
		}
		return otherwise
	}
	channel := os.Getenv("FANFARE_CHANNEL")
	entries, err := strconv.Atoi(setting("ENTRIES", "50"))
	if err != nil || entries < 1 || entries > 1000 {
		return settings{}, reject("invalid_settings", "`channels.%s.settings.entries` is not a number from 1 to 1000", channel)
	}
	return settings{
		path:    setting("PATH", "/feed/atom.xml"),
		title:   setting("TITLE", "Events"),
		link:    setting("LINK", ""),
		entries: entries,
	}, nil
}

func deliver() (*receipt, error) {
	settings, err := readSettings()
	if err != nil {
		return nil, err
	}
	var received event
	if err := json.NewDecoder(os.Stdin).Decode(&received); err != nil {
		return nil, reject("invalid_event", "standard input is not an event: %v", err)
	}
	added, err := received.entry()
	if err != nil {
		return nil, reject("invalid_event", "the event makes no entry: %v", err)
	}
	current, err := load(settings)
	if err != nil {
		return nil, err
	}
	if current.has(added.ID) {
		return &receipt{added.ID, len(current.Entries), true}, nil
	}
	current.add(added, settings.entries)
	written, err := current.marshal()
	if err != nil {
		return nil, reject("invalid_event", "the entry is no XML: %v", err)
	}
	if err := replace(settings.path, written); err != nil {
		return nil, ioFailure(err)
	}
	return &receipt{added.ID, len(current.Entries), false}, nil
}

// load reads the feed, or creates one if there is no file.
func load(settings settings) (*feed, error) {
	id := "urn:fanfare:feed:" + os.Getenv("FANFARE_CHANNEL")
	content, err := os.ReadFile(settings.path)
	if errors.Is(err, fs.ErrNotExist) {
		content = nil
	} else if err != nil {
		return nil, ioFailure(err)
	}
	current, err := parseFeed(content)
	if err != nil {
		// Every event fails until somebody has looked at the file.
		return nil, &failure{"suspend", "invalid_feed", fmt.Sprintf("%s is no Atom feed: %v", settings.path, err)}
	}
	current.describe(id, settings.title, settings.link)
	return current, nil
}

// replace writes the file atomically: readers see the old feed or the new one.
func replace(path string, content []byte) error {
	draft := path + ".new"
	file, err := os.Create(draft)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err == nil {
		err = file.Sync()
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(draft, path)
	}
	if err != nil {
		os.Remove(draft)
	}
	return err
}

// A missing grant or folder needs an operator. A full disk may get room again.
func ioFailure(err error) error {
	for _, lasting := range []error{
		fs.ErrNotExist, fs.ErrPermission, syscall.EROFS, syscall.ENOTDIR, syscall.EISDIR, syscall.EINVAL, notCapable, syscall.EBADF,
	} {
		if errors.Is(err, lasting) {
			return reject("io", "%v: grant the feed's folder with `write = true`", err)
		}
	}
	return err
}
