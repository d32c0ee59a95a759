package sluice

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

var goBlock = regexp.MustCompile("(?s)```go\n(.*?)```")

// examples are the README's programs in their order.
var examples = []string{"query", "insert", "download"}

func TestTheReadmeShowsTheExamples(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := goBlock.FindAllSubmatch(readme, -1)
	if len(blocks) != len(examples) {
		t.Fatalf("%d programs in the README, %d examples", len(blocks), len(examples))
	}
	for i, name := range examples {
		source, err := os.ReadFile("examples/" + name + "/main.go")
		if err != nil || string(source) != string(blocks[i][1]) {
			t.Errorf("examples/%s/main.go is not the README's program %d (%v)", name, i+1, err)
		}
	}
}

func TestTheReadmesProgramsRunAgainstAServer(t *testing.T) {
	if os.Getenv("SLUICE_ADDRESS") == "" {
		t.Skip("SLUICE_ADDRESS names no server")
	}
	want := map[string]*regexp.Regexp{
		"query":    regexp.MustCompile(`^EPSG 4326 WGS 84\n$`),
		"insert":   regexp.MustCompile(`^(inserted \[MINE,1\]|it is there already)\nsmoot 1\.7018\n$`),
		"download": regexp.MustCompile(`proj: (\d+) of (\d+) bytes\n`),
	}
	for _, name := range examples {
		output, err := exec.Command("go", "run", "./examples/"+name).CombinedOutput()
		if err != nil || !want[name].Match(output) {
			t.Errorf("examples/%s: %v\n%s", name, err, strings.ReplaceAll(string(output), "\r", "\n"))
		}
	}
}
