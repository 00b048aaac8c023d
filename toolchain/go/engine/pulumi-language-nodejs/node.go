package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/google/shlex"
	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/structpb"
)

// runtimeOptions are what Pulumi.yaml may say under runtime.options.
type runtimeOptions struct {
	nodeArguments []string // nodeargs, split as a shell would
	typescript    bool     // typescript: whether the SDK registers ts-node; Node's own type stripping needs it off
	tsconfig      string   // tsconfig: for ts-node
}

func readRuntimeOptions(options *structpb.Struct) (runtimeOptions, error) {
	text := func(key string) string { return options.GetFields()[key].GetStringValue() }
	arguments, err := shlex.Split(text("nodeargs"))
	if err != nil {
		return runtimeOptions{}, fmt.Errorf("runtime.options.nodeargs in Pulumi.yaml: %w", err)
	}
	read := runtimeOptions{nodeArguments: arguments, typescript: true, tsconfig: text("tsconfig")}
	if value, set := options.GetFields()["typescript"]; set {
		read.typescript = value.GetBoolValue()
	}
	return read, nil
}

// environment adds what the SDK's start-up code reads.
func (options runtimeOptions) environment(inherited []string) []string {
	environment := append([]string{}, inherited...)
	if options.typescript {
		environment = append(environment, "PULUMI_NODEJS_TYPESCRIPT=true")
	}
	if options.tsconfig != "" {
		environment = append(environment, "PULUMI_NODEJS_TSCONFIG_PATH="+options.tsconfig)
	}
	return environment
}

// command runs a script of the SDK on the Node that is on PATH.
func (options runtimeOptions) command(script string, arguments []string) *exec.Cmd {
	all := append([]string{}, options.nodeArguments...)
	all = append(append(all, script), arguments...)
	return exec.Command("node", all...)
}

// programFolder is where the program lies; with `main` naming a file, older engines pass the file.
func programFolder(info *rpc.ProgramInfo) string {
	folder := info.GetProgramDirectory()
	if found, err := os.Stat(folder); err == nil && !found.IsDir() {
		return filepath.Dir(folder)
	}
	return folder
}
