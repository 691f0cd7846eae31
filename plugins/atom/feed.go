package main

import (
	"bytes"
	"crypto/sha1"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// The feed quotes at most this much of an event's data, so that it stays small.
const mostContent = 8 * 1024

// The attributes that an entry shows, and the data. Extensions that are no strings are taken as they are written.
type event struct {
	ID              text            `json:"id"`
	Source          text            `json:"source"`
	Type            text            `json:"type"`
	Subject         text            `json:"subject"`
	Time            text            `json:"time"`
	DataContentType text            `json:"datacontenttype"`
	Message         text            `json:"message"`
	Severity        text            `json:"severity"`
	Tags            text            `json:"tags"`
	Data            json.RawMessage `json:"data"`
	DataBase64      text            `json:"data_base64"`
}

type text string

func (t *text) UnmarshalJSON(raw []byte) error {
	if raw[0] == '"' {
		return json.Unmarshal(raw, (*string)(t))
	}
	if string(raw) != "null" {
		*t = text(raw)
	}
	return nil
}

type feed struct {
	XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
	ID      string   `xml:"id"`
	Title   string   `xml:"title"`
	Updated string   `xml:"updated"`
	Author  person   `xml:"author"`
	Links   []link   `xml:"link"`
	Entries []entry  `xml:"entry"`
}

type person struct {
	Name string `xml:"name"`
}

type link struct {
	Rel  string `xml:"rel,attr,omitempty"`
	Href string `xml:"href,attr"`
}

type entry struct {
	ID         string     `xml:"id"`
	Title      string     `xml:"title"`
	Updated    string     `xml:"updated"`
	Author     person     `xml:"author"`
	Categories []category `xml:"category"`
	Content    content    `xml:"content"`
}

type category struct {
	Term string `xml:"term,attr"`
}

type content struct {
	Type string `xml:"type,attr"`
	Text string `xml:",chardata"`
}

// parseFeed reads an existing feed. No input is an empty feed.
func parseFeed(written []byte) (*feed, error) {
	parsed := &feed{}
	if len(bytes.TrimSpace(written)) == 0 {
		return parsed, nil
	}
	if err := xml.Unmarshal(written, parsed); err != nil {
		return nil, err
	}
	for _, entry := range parsed.Entries {
		if _, err := time.Parse(time.RFC3339, entry.Updated); err != nil {
			return nil, err
		}
	}
	return parsed, nil
}

func (f *feed) marshal() ([]byte, error) {
	written, err := xml.MarshalIndent(f, "", "  ")
	return append([]byte(xml.Header), append(written, '\n')...), err
}

// describe sets what the operator configured.
func (f *feed) describe(id, title, self string) {
	f.ID, f.Title, f.Author, f.Links = id, title, person{title}, nil
	if self != "" {
		f.Links = []link{{"self", self}}
	}
}

func (f *feed) has(id string) bool {
	return slices.ContainsFunc(f.Entries, func(e entry) bool { return e.ID == id })
}

// add inserts the entry, newest first, and keeps the given number of entries.
func (f *feed) add(added entry, keep int) {
	f.Entries = append(f.Entries, added)
	slices.SortStableFunc(f.Entries, func(a, b entry) int { return b.moment().Compare(a.moment()) })
	f.Entries = f.Entries[:min(keep, len(f.Entries))]
	f.Updated = f.Entries[0].Updated
}

func (e *entry) moment() time.Time {
	// Times are validated when an entry is created or read.
	moment, _ := time.Parse(time.RFC3339, e.Updated)
	return moment
}

func (e *event) entry() (entry, error) {
	if e.ID == "" || e.Source == "" || e.Type == "" {
		return entry{}, errors.New("it has no id, source or type")
	}
	moment, err := parseTime(string(e.Time))
	if err != nil {
		return entry{}, err
	}
	title := oneLine(string(e.Message))
	if title == "" {
		title = string(e.Type)
	}
	categories := []category{{string(e.Type)}}
	if e.Severity != "" {
		categories = append(categories, category{"severity:" + string(e.Severity)})
	}
	for tag := range strings.SplitSeq(string(e.Tags), ",") {
		if tag = strings.TrimSpace(tag); tag != "" {
			categories = append(categories, category{tag})
		}
	}
	return entry{
		ID:         entryID(string(e.Source), string(e.ID)),
		Title:      title,
		Updated:    moment.UTC().Format(time.RFC3339Nano),
		Author:     person{string(e.Source)},
		Categories: categories,
		Content:    content{"text", e.text()},
	}, nil
}

// text returns what a feed reader shows below the title.
func (e *event) text() string {
	var lines []string
	if e.Subject != "" {
		lines = append(lines, "subject: "+string(e.Subject))
	}
	switch data := e.Data; {
	case e.DataBase64 != "":
		lines = append(lines, strings.TrimSpace("binary data "+string(e.DataContentType)))
	case len(data) == 0 || string(data) == "null":
	case data[0] == '"':
		var said string
		if json.Unmarshal(data, &said) == nil {
			lines = append(lines, said)
		}
	default:
		var indented bytes.Buffer
		if json.Indent(&indented, data, "", "  ") == nil {
			lines = append(lines, indented.String())
		}
	}
	return cut(strings.Join(lines, "\n"), mostContent)
}

// entryID is a UUID (version 5) of what makes a CloudEvent unique, so that a repeated event does not add an entry.
func entryID(source, id string) string {
	// Each text is preceded by its length, so that "a" and "bc" differ from "ab" and "c".
	hash := sha1.Sum(fmt.Appendf(nil, "fanfare:%d:%s:%d:%s", len(source), source, len(id), id))
	u := hash[:16]
	u[6] = u[6]&0x0f | 0x50
	u[8] = u[8]&0x3f | 0x80
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:])
}

// parseTime reads RFC 3339. That allows a leap second (:60), and Go's time does not.
func parseTime(value string) (time.Time, error) {
	if len(value) > 19 && value[17:19] == "60" {
		value = value[:17] + "59" + value[19:]
	}
	return time.Parse(time.RFC3339, strings.ToUpper(value))
}

func oneLine(value string) string {
	return cut(strings.Join(strings.Fields(value), " "), 300)
}

// cut truncates text to a number of bytes, without splitting a character.
func cut(value string, most int) string {
	if len(value) <= most {
		return value
	}
	for !utf8.RuneStart(value[most]) {
		most--
	}
	return value[:most] + "…"
}
