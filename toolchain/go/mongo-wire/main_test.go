package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestOptionsRefuseWhatIsWrong(t *testing.T) {
	for name, args := range map[string][]string{
		"no data folder":       {"--listen", "127.0.0.1:1"},
		"an open address":      {"--listen", "0.0.0.0:27017", "--data", "x"},
		"every address":        {"--listen", ":27017", "--data", "x"},
		"no port":              {"--listen", "127.0.0.1", "--data", "x"},
		"a word too many":      {"--data", "x", "y"},
		"an option not known":  {"--data", "x", "--auth"},
		"a name, not loopback": {"--listen", "db.example:27017", "--data", "x"},
	} {
		if _, err := parseOptions(args); err == nil {
			t.Errorf("%s: %v was taken", name, args)
		}
	}
}

func TestOptionsMakeTheFolderAbsolute(t *testing.T) {
	parsed, err := parseOptions([]string{"--listen", "[::1]:27018", "--data", "x"})
	if err != nil {
		t.Fatal(err)
	}
	if !filepath.IsAbs(parsed.data) || parsed.listen != "[::1]:27018" {
		t.Errorf("got %+v", parsed)
	}
}

func TestServesFromAFolderWithAnOddNameAndStopsWhenAsked(t *testing.T) {
	before, _ := os.Getwd()
	t.Cleanup(func() { _ = os.Chdir(before) })
	data := filepath.Join(t.TempDir(), "data of übung? #1 100%")
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	reader, writer := io.Pipe()
	var complaints bytes.Buffer
	status := make(chan int, 1)
	go func() {
		status <- run(ctx, []string{"--listen", "127.0.0.1:0", "--data", data}, writer, &complaints)
		_ = writer.Close()
	}()

	line, err := bufio.NewReader(reader).ReadString('\n')
	if err != nil {
		t.Fatalf("not ready: %v\n%s", err, complaints.String())
	}
	address, found := strings.CutPrefix(strings.TrimSpace(line), "ready ")
	if !found {
		t.Fatalf("the first line is %q", line)
	}
	uri, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	// A connection left open must not hold up the stop.
	connection, err := net.DialTimeout("tcp", uri.Host, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()

	stop()
	select {
	case got := <-status:
		if got != 0 {
			t.Errorf("exit %d: %s", got, complaints.String())
		}
	case <-time.After(stopWithin):
		t.Error("it did not stop")
	}
	if _, err := os.Stat(data); err != nil {
		t.Error(err)
	}
}

func TestAPortThatIsTakenIsSaid(t *testing.T) {
	before, _ := os.Getwd()
	t.Cleanup(func() { _ = os.Chdir(before) })
	holder, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer holder.Close()
	var complaints bytes.Buffer
	status := run(context.Background(), []string{"--listen", holder.Addr().String(), "--data", t.TempDir()}, io.Discard, &complaints)
	if status != 1 || !strings.Contains(complaints.String(), "address already in use") {
		t.Errorf("exit %d: %s", status, complaints.String())
	}
}
