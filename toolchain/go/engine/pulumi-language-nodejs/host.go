package main

import (
	"context"
	"os/exec"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/version"
	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"
)

// languageHost answers what the engine asks of a language. Calls that are not defined here answer "unimplemented".
type languageHost struct {
	rpc.UnimplementedLanguageRuntimeServer
	engine string
}

func (host *languageHost) Handshake(
	_ context.Context, request *rpc.LanguageHandshakeRequest,
) (*rpc.LanguageHandshakeResponse, error) {
	host.engine = request.EngineAddress
	return &rpc.LanguageHandshakeResponse{}, nil
}

func (host *languageHost) GetPluginInfo(context.Context, *emptypb.Empty) (*rpc.PluginInfo, error) {
	return &rpc.PluginInfo{Version: strings.TrimPrefix(version.Version, "v")}, nil
}

// GetRequiredPackages names none. The engine fetches a plugin when a resource first needs it.
func (host *languageHost) GetRequiredPackages(
	context.Context, *rpc.GetRequiredPackagesRequest,
) (*rpc.GetRequiredPackagesResponse, error) {
	return &rpc.GetRequiredPackagesResponse{}, nil
}

func (host *languageHost) RuntimeOptionsPrompts(
	context.Context, *rpc.RuntimeOptionsRequest,
) (*rpc.RuntimeOptionsResponse, error) {
	return &rpc.RuntimeOptionsResponse{}, nil
}

// Cancel is a hint that the update was interrupted. The engine closes the program's connection by itself.
func (host *languageHost) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

// About tells which Node runs the programs.
func (host *languageHost) About(context.Context, *rpc.AboutRequest) (*rpc.AboutResponse, error) {
	node, err := exec.LookPath("node")
	if err != nil {
		return nil, err
	}
	printed, err := exec.Command(node, "--version").Output()
	if err != nil {
		return nil, err
	}
	return &rpc.AboutResponse{Executable: node, Version: strings.TrimSpace(string(printed))}, nil
}

// GetProgramDependencies lists the packages that the program's package.json names, with what is installed.
func (host *languageHost) GetProgramDependencies(
	_ context.Context, request *rpc.GetProgramDependenciesRequest,
) (*rpc.GetProgramDependenciesResponse, error) {
	dependencies, err := directDependencies(programFolder(request.Info))
	if err != nil {
		return nil, err
	}
	return &rpc.GetProgramDependenciesResponse{Dependencies: dependencies}, nil
}
