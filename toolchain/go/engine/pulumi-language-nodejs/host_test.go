package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/structpb"
)

func TestRuntimeOptions(t *testing.T) {
	for name, test := range map[string]struct {
		options map[string]any
		want    runtimeOptions
	}{
		"nothing said": {nil, runtimeOptions{nodeArguments: []string{}, typescript: true}},
		"own type stripping": {
			map[string]any{"typescript": false},
			runtimeOptions{nodeArguments: []string{}},
		},
		"arguments with a quoted space": {
			map[string]any{"nodeargs": `--import "./a b.ts" --trace-warnings`, "tsconfig": "x.json"},
			runtimeOptions{[]string{"--import", "./a b.ts", "--trace-warnings"}, true, "x.json"},
		},
	} {
		options, err := structpb.NewStruct(test.options)
		if err != nil {
			t.Fatal(err)
		}
		got, err := readRuntimeOptions(options)
		if err != nil || !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestRuntimeOptionsThatCannotBeSplitAreRefused(t *testing.T) {
	options, _ := structpb.NewStruct(map[string]any{"nodeargs": `"open`})
	if _, err := readRuntimeOptions(options); err == nil || !strings.Contains(err.Error(), "nodeargs") {
		t.Errorf("got %v", err)
	}
}

func TestEnvironmentOfNode(t *testing.T) {
	got := runtimeOptions{typescript: true, tsconfig: "t.json"}.environment([]string{"A=1"})
	want := []string{"A=1", "PULUMI_NODEJS_TYPESCRIPT=true", "PULUMI_NODEJS_TSCONFIG_PATH=t.json"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if got := (runtimeOptions{}).environment([]string{"A=1"}); !slices.Equal(got, []string{"A=1"}) {
		t.Errorf("got %q", got)
	}
}

func TestProgramArguments(t *testing.T) {
	request := &rpc.RunRequest{
		MonitorAddress: "127.0.0.1:1", Organization: "o", Project: "p", Stack: "dev", Pwd: "/w d", Parallel: 8,
		DryRun: true, Args: []string{"one"},
		Info: &rpc.ProgramInfo{RootDirectory: "/r", EntryPoint: "infra/index.ts"},
	}
	got := strings.Join(programArguments(request, "127.0.0.1:2"), "|")
	want := "--monitor|127.0.0.1:1|--engine|127.0.0.1:2|--organization|o|--project|p|--stack|dev|--pwd|/w d" +
		"|--parallel|8|--root-directory|/r|--dry-run|infra/index.ts|one"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestConfigurationIsNeverNull(t *testing.T) {
	got, err := configurationVariables(&rpc.RunRequest{})
	if err != nil || !slices.Equal(got, []string{"PULUMI_CONFIG={}", "PULUMI_CONFIG_SECRET_KEYS=[]"}) {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestPluginStart(t *testing.T) {
	policy := pluginStart("analyzer", "/pack", []string{"127.0.0.1:1"})
	if !slices.Equal(policy.arguments, []string{"127.0.0.1:1", "/pack"}) || !strings.Contains(policy.script, "run-policy-pack") {
		t.Errorf("policy pack: %+v", policy)
	}
	provider := pluginStart("resource", "/provider", []string{"127.0.0.1:1"})
	if !slices.Equal(provider.arguments, []string{"/provider", "127.0.0.1:1"}) || !strings.Contains(provider.script, "run-plugin") {
		t.Errorf("provider: %+v", provider)
	}
}

func TestPackagesAreFoundUpwards(t *testing.T) {
	root := filepath.Join(t.TempDir(), "ein Ordner ü")
	program := filepath.Join(root, "infra", "deep")
	write(t, filepath.Join(root, "node_modules", "@pulumi", "pulumi", "package.json"), `{"version":"3.250.0"}`)
	write(t, filepath.Join(root, "package.json"), `{"dependencies":{"@pulumi/pulumi":"^3.0.0","absent":"1.0.0"}}`)
	if err := os.MkdirAll(program, 0o755); err != nil {
		t.Fatal(err)
	}
	found, err := findInPackages(program, "@pulumi/pulumi/package.json")
	if err != nil || !strings.HasPrefix(found, root) {
		t.Errorf("got %s, %v", found, err)
	}
	dependencies, err := directDependencies(program)
	if err != nil || len(dependencies) != 2 {
		t.Fatalf("got %v, %v", dependencies, err)
	}
	if dependencies[0].Version != "3.250.0" || dependencies[1].Version != "1.0.0" {
		t.Errorf("got %v", dependencies)
	}
}

func TestAChildEndsWithItsHost(t *testing.T) {
	all := childProcesses{running: map[*exec.Cmd]bool{}}
	command := exec.Command("sleep", "60")
	status := make(chan int, 1)
	go func() {
		got, _ := all.run(command)
		status <- got
	}()
	for range 100 {
		all.lock.Lock()
		started := len(all.running) == 1
		all.lock.Unlock()
		if started {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	all.killAll()
	select {
	case got := <-status:
		if got != -1 {
			t.Errorf("status %d", got)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("it still runs")
	}
	if _, err := all.run(exec.Command("true")); err == nil {
		t.Error("a child was started after the end")
	}
}

func TestTheStatusOfAChildIsPassedOn(t *testing.T) {
	all := childProcesses{running: map[*exec.Cmd]bool{}}
	for _, want := range []int{0, 32, 7} {
		got, err := all.run(exec.Command("sh", "-c", "exit "+strconv.Itoa(want)))
		if err != nil || got != want {
			t.Errorf("want %d, got %d, %v", want, got, err)
		}
	}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}
