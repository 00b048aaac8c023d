package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strconv"

	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// The SDK's exit status for: the program failed, and the user has been told why.
const alreadyExplained = 32

// Run runs a Pulumi program to its end.
func (host *languageHost) Run(_ context.Context, request *rpc.RunRequest) (*rpc.RunResponse, error) {
	if request.AttachDebugger {
		return &rpc.RunResponse{Error: "this language host starts no debugger: install the official Pulumi CLI for that"}, nil
	}
	options, err := readRuntimeOptions(request.Info.GetOptions())
	if err != nil {
		return &rpc.RunResponse{Error: err.Error()}, nil
	}
	script, err := findInPackages(programFolder(request.Info), "@pulumi/pulumi/cmd/run/index.js")
	if err != nil {
		return &rpc.RunResponse{Error: err.Error()}, nil
	}
	configuration, err := configurationVariables(request)
	if err != nil {
		return nil, err
	}
	command := options.command(script, programArguments(request, host.engine))
	command.Dir = request.Pwd
	command.Env = append(options.environment(os.Environ()), configuration...)
	// What the program prints belongs to the user: the engine shows what this process prints.
	command.Stdout, command.Stderr = os.Stdout, os.Stderr

	status, err := children.run(command)
	switch {
	case err != nil:
		return &rpc.RunResponse{Error: fmt.Sprintf("node could not be run: %s", err)}, nil
	case status == alreadyExplained:
		return &rpc.RunResponse{Bail: true}, nil
	case status != 0:
		return &rpc.RunResponse{Error: fmt.Sprintf("Program exited with non-zero exit code: %d", status)}, nil
	}
	return &rpc.RunResponse{}, nil
}

// programArguments are what the SDK's start-up script wants to know, and then the program with its own arguments.
func programArguments(request *rpc.RunRequest, engine string) []string {
	arguments := []string{
		"--monitor", request.MonitorAddress,
		"--engine", engine,
		"--organization", request.Organization,
		"--project", request.Project,
		"--stack", request.Stack,
		"--pwd", request.Pwd,
		"--parallel", strconv.Itoa(int(request.Parallel)),
		"--root-directory", request.Info.GetRootDirectory(),
	}
	if request.DryRun {
		arguments = append(arguments, "--dry-run")
	}
	program := request.Info.GetEntryPoint()
	if program == "" {
		program = "."
	}
	return append(append(arguments, program), request.Args...)
}

// configurationVariables carry the stack's configuration, secrets in the clear: environment, never arguments.
func configurationVariables(request *rpc.RunRequest) ([]string, error) {
	values, secrets := request.Config, request.ConfigSecretKeys
	if values == nil {
		values = map[string]string{}
	}
	if secrets == nil {
		secrets = []string{}
	}
	config, err := json.Marshal(values)
	if err != nil {
		return nil, err
	}
	keys, err := json.Marshal(secrets)
	if err != nil {
		return nil, err
	}
	return []string{"PULUMI_CONFIG=" + string(config), "PULUMI_CONFIG_SECRET_KEYS=" + string(keys)}, nil
}
