package main

import (
	"os"
	"sync"

	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
)

// RunPlugin runs a policy pack or a provider that is written for Node, and passes on what it prints.
func (host *languageHost) RunPlugin(
	request *rpc.RunPluginRequest, stream grpc.ServerStreamingServer[rpc.RunPluginResponse],
) error {
	options, err := readRuntimeOptions(request.Info.GetOptions())
	if err != nil {
		return err
	}
	folder := programFolder(request.Info)
	start := pluginStart(request.Kind, request.Info.GetProgramDirectory(), request.Args)
	script, err := findInPackages(folder, start.script)
	if err != nil {
		return err
	}
	command := options.command(script, start.arguments)
	command.Dir = request.Pwd
	if request.Kind == "analyzer" {
		// A policy pack resolves its own packages, and the engine's folder is the stack's.
		command.Dir = folder
	}
	inherited := request.Env
	if len(inherited) == 0 {
		inherited = os.Environ()
	}
	command.Env = options.environment(inherited)

	output := &pluginOutput{stream: stream}
	command.Stdout = outputWriter(func(text []byte) error {
		return output.send(&rpc.RunPluginResponse{Output: &rpc.RunPluginResponse_Stdout{Stdout: text}})
	})
	command.Stderr = outputWriter(func(text []byte) error {
		return output.send(&rpc.RunPluginResponse{Output: &rpc.RunPluginResponse_Stderr{Stderr: text}})
	})
	stopped := make(chan struct{})
	defer close(stopped)
	go func() {
		select {
		case <-stream.Context().Done(): // the engine has closed the plugin
			children.kill(command)
		case <-stopped:
		}
	}()
	status, err := children.run(command)
	if err != nil {
		return err
	}
	return output.send(&rpc.RunPluginResponse{Output: &rpc.RunPluginResponse_Exitcode{Exitcode: int32(status)}})
}

type start struct {
	script    string
	arguments []string
}

// pluginStart: the SDK's two start-up scripts take program and engine in a different order.
func pluginStart(kind, program string, arguments []string) start {
	if kind == "analyzer" {
		return start{"@pulumi/pulumi/cmd/run-policy-pack/index.js", append(append([]string{}, arguments...), program)}
	}
	return start{"@pulumi/pulumi/cmd/run-plugin/index.js", append([]string{program}, arguments...)}
}

// pluginOutput sends one message at a time, as gRPC demands.
type pluginOutput struct {
	sending sync.Mutex
	stream  grpc.ServerStreamingServer[rpc.RunPluginResponse]
}

func (output *pluginOutput) send(response *rpc.RunPluginResponse) error {
	output.sending.Lock()
	defer output.sending.Unlock()
	return output.stream.Send(response)
}

type outputWriter func(text []byte) error

func (write outputWriter) Write(text []byte) (int, error) {
	// The buffer belongs to the caller, and the message may outlive this call.
	if err := write(append([]byte{}, text...)); err != nil {
		return 0, err
	}
	return len(text), nil
}
