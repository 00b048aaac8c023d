// Command mongo-wire serves the MongoDB wire protocol from a folder of SQLite files, through FerretDB.
//
// It stands in for mongod on machines where mongod can be neither found nor downloaded. Transactions and some
// index options are missing; what is there behaves as MongoDB does. It is for one machine and asks nobody for a
// password, so it listens on loopback only.
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/FerretDB/FerretDB/ferretdb"
)

// How long open connections may take to finish what they do after a stop was asked for.
const stopWithin = 5 * time.Second

func main() {
	ctx, release := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer release()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	options, err := parseOptions(args)
	if err != nil {
		fmt.Fprintf(stderr, "mongo-wire: %s\nusage: mongo-wire --listen 127.0.0.1:27017 --data FOLDER | --version\n", err)
		return 2
	}
	if options.version {
		fmt.Fprintf(stdout, "mongo-wire, FerretDB %s\n", ferretVersion())
		return 0
	}
	if err := serve(ctx, options, stdout, stderr); err != nil {
		fmt.Fprintf(stderr, "mongo-wire: %s\n", err)
		return 1
	}
	return 0
}

// serve runs the server until ctx ends. It prints one line once connections are accepted.
func serve(ctx context.Context, options options, stdout, stderr io.Writer) error {
	if err := os.MkdirAll(options.data, 0o700); err != nil {
		return fmt.Errorf("the data folder cannot be made: %w", err)
	}
	// FerretDB passes the folder to SQLite as a URI without escaping it. Standing in the folder keeps its name,
	// with spaces, question marks or whatever it holds, out of that URI.
	if err := os.Chdir(options.data); err != nil {
		return fmt.Errorf("the data folder cannot be used: %w", err)
	}
	server, err := ferretdb.New(&ferretdb.Config{
		Listener:  ferretdb.ListenerConfig{TCP: options.listen},
		Handler:   "sqlite",
		SQLiteURL: "file:./",
		Logger:    slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "ready %s\n", server.MongoDBURI())
	done := make(chan error, 1)
	go func() { done <- server.Run(ctx) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-done:
		return err
	case <-time.After(stopWithin):
		return fmt.Errorf("connections were still open %s after the stop, and were cut", stopWithin)
	}
}

// ferretVersion reads the version that was built in, so that it is written down in one place: go.mod.
func ferretVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "(not known)"
	}
	for _, dependency := range info.Deps {
		if dependency.Path == "github.com/FerretDB/FerretDB" {
			return dependency.Version
		}
	}
	return "(not known)"
}
