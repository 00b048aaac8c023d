package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"path/filepath"
)

type options struct {
	listen  string
	data    string
	version bool
}

func parseOptions(args []string) (options, error) {
	var parsed options
	flags := flag.NewFlagSet("mongo-wire", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&parsed.listen, "listen", "127.0.0.1:27017", "loopback address and port")
	flags.StringVar(&parsed.data, "data", "", "folder of the databases; made when missing")
	flags.BoolVar(&parsed.version, "version", false, "print the version")
	if err := flags.Parse(args); err != nil {
		return options{}, err
	}
	if parsed.version {
		return parsed, nil
	}
	if flags.NArg() > 0 {
		return options{}, fmt.Errorf("%q was not expected", flags.Arg(0))
	}
	if parsed.data == "" {
		return options{}, errors.New("--data is missing")
	}
	absolute, err := filepath.Abs(parsed.data)
	if err != nil {
		return options{}, err
	}
	parsed.data = absolute
	return parsed, refuseOpenAddress(parsed.listen)
}

// refuseOpenAddress keeps a server without passwords from being reached by other machines.
func refuseOpenAddress(listen string) error {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return fmt.Errorf("--listen %s: %w", listen, err)
	}
	if host == "localhost" {
		return nil
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return fmt.Errorf("--listen %s: only loopback addresses are served, 127.0.0.1:27017 for example", listen)
	}
	return nil
}
