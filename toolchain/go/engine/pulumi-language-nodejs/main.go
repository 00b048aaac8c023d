// Command pulumi-language-nodejs lets the Pulumi engine run programs, policy packs and providers on Node.
//
// It is used only where the Pulumi CLI had to be built from Go modules: the official host is part of no module and
// comes with the official CLI alone. Three things differ from the official one. It asks the engine for no plugins
// (the official one asks for the plugin of every Pulumi package in node_modules, used or not); it leaves
// installing packages to npm; and it offers no code generation, no debugger and no synchronous invokes.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
)

// How often the host looks whether its engine is still there.
const engineCheck = 5 * time.Second

func main() {
	// The engine passes these to every language host; tracing is not offered here.
	flag.String("tracing", "", "ignored")
	flag.String("root", "", "ignored")
	flag.Parse()
	if err := serve(flag.Arg(0)); err != nil {
		fmt.Fprintf(os.Stderr, "pulumi-language-nodejs: %s\n", err)
		os.Exit(1)
	}
}

// serve answers the engine until the engine is gone or ends this process.
func serve(engine string) error {
	// The engine ends its plugins with SIGINT and waits five seconds for them. Each is in a process group of its own,
	// so that Ctrl-C does not come here: what a program still has to finish, the engine has waited for.
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt)
	terminated := make(chan os.Signal, 1)
	signal.Notify(terminated, syscall.SIGTERM, syscall.SIGHUP)

	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	cancel := make(chan bool)
	go func() {
		select {
		case <-interrupted:
			// Calls that are under way end first.
		case <-terminated:
			children.killAll()
		case <-ctx.Done():
			children.killAll()
		}
		close(cancel)
	}()

	if engine != "" {
		if err := rpcutil.Healthcheck(ctx, engine, engineCheck, stop); err != nil {
			return fmt.Errorf("the engine at %s cannot be reached: %w", engine, err)
		}
	}
	handle, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Cancel: cancel,
		Init: func(server *grpc.Server) error {
			rpc.RegisterLanguageRuntimeServer(server, &languageHost{engine: engine})
			return nil
		},
	})
	if err != nil {
		return fmt.Errorf("no port to listen on: %w", err)
	}
	// The engine reads the port from the first line.
	fmt.Printf("%d\n", handle.Port)
	return <-handle.Done
}
