package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestADeliveryIsWrittenOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.log")
	for n, delivery := range []struct {
		line, id  string
		duplicate bool
	}{
		{"10:30 \"New user\"", "dlv_1", false},
		{"10:31 \"dlv_2\"", "dlv_3", false},
		{"10:30 \"New user\"", "dlv_1", true},
		{"10:32 \"Bye\"", "dlv_2", false},
	} {
		duplicate, err := appendOnce(path, delivery.line, delivery.id)
		if err != nil || duplicate != delivery.duplicate {
			t.Errorf("delivery %d: duplicate %v, %v", n, duplicate, err)
		}
	}
	written, err := os.ReadFile(path)
	want := "10:30 \"New user\" dlv_1\n10:31 \"dlv_2\" dlv_3\n10:32 \"Bye\" dlv_2\n"
	if err != nil || string(written) != want {
		t.Errorf("%v\n%s", err, written)
	}
}
