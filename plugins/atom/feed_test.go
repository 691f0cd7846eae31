package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func made(t *testing.T, written string) entry {
	t.Helper()
	var received event
	if err := json.Unmarshal([]byte(written), &received); err != nil {
		t.Fatal(err)
	}
	made, err := received.entry()
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func numbered(t *testing.T, n int) entry {
	t.Helper()
	return made(t, fmt.Sprintf(`{"id":"e-%d","source":"/t","type":"a","time":"2026-01-01T00:00:%02dZ"}`, n, n))
}

func TestTheFeedKeepsTheNewestInOrder(t *testing.T) {
	var f feed
	for _, n := range []int{3, 1, 4, 2} {
		f.add(numbered(t, n), 3)
	}
	var kept []string
	for _, e := range f.Entries {
		kept = append(kept, e.Updated)
	}
	want := "2026-01-01T00:00:04Z 2026-01-01T00:00:03Z 2026-01-01T00:00:02Z"
	if got := strings.Join(kept, " "); got != want || f.Updated != "2026-01-01T00:00:04Z" {
		t.Errorf("%s, updated %s", got, f.Updated)
	}
}

func TestAFeedSurvivesARoundTrip(t *testing.T) {
	f := &feed{}
	f.describe("urn:x", "<Ö> & co", "https://example.org/atom.xml")
	f.add(made(t, `{"id":"1","source":"/ö","type":"a.b","time":"2026-01-01T00:00:00.5+01:00","subject":"s","severity":"warn",
		"tags":"x, y","message":"1 < 2\n & \u0001","data":{"a":"]]>"}}`), 9)
	first, err := f.marshal()
	if err != nil {
		t.Fatal(err)
	}
	again, err := parseFeed(first)
	if err != nil {
		t.Fatal(err)
	}
	second, err := again.marshal()
	if err != nil || string(first) != string(second) {
		t.Errorf("%v\n%s\n%s", err, first, second)
	}
	e := again.Entries[0]
	if e.Title != "1 < 2 & \ufffd" || e.Updated != "2025-12-31T23:00:00.5Z" || len(e.Categories) != 4 {
		t.Errorf("%+v", e)
	}
	if want := "subject: s\n{\n  \"a\": \"]]>\"\n}"; e.Content.Text != want {
		t.Errorf("%q", e.Content.Text)
	}
}

func TestAnEntrysIDDependsOnTheEventsSourceAndID(t *testing.T) {
	f := feed{}
	f.add(numbered(t, 1), 9)
	if !f.has(numbered(t, 1).ID) || f.has(numbered(t, 2).ID) {
		t.Error("the id of an entry is not stable, or two entries share one")
	}
	if entryID("a", "bc") == entryID("ab", "c") {
		t.Error("two events share an id")
	}
}

func TestEveryKindOfDataHasAText(t *testing.T) {
	for data, want := range map[string]string{
		`"data":"plain ö"`: "plain ö",
		`"data":null`:      "",
		`"data":[1,2]`:     "[\n  1,\n  2\n]",
		`"data_base64":"/w==","datacontenttype":"image/png"`: "binary data image/png",
		`"severity":3`: "",
	} {
		e := made(t, `{"id":"1","source":"/","type":"a","time":"2026-06-30T23:59:60Z",`+data+`}`)
		if e.Content.Text != want || e.Updated != "2026-06-30T23:59:59Z" {
			t.Errorf("%s: %q %s", data, e.Content.Text, e.Updated)
		}
	}
}

func TestLongTextIsCutBetweenCharacters(t *testing.T) {
	if got := cut("aöö", 4); got != "aö…" {
		t.Errorf("%q", got)
	}
}

func TestAFileThatIsNotAFeedIsNotOverwritten(t *testing.T) {
	for _, written := range []string{"<html/>", "hello", "<feed xmlns='http://www.w3.org/2005/Atom'><entry/></feed>"} {
		if _, err := parseFeed([]byte(written)); err == nil {
			t.Errorf("%s was accepted as a feed", written)
		}
	}
}
