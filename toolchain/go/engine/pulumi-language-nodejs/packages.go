package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"

	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// findInPackages finds a path below some node_modules, looking upwards from a folder as Node does. Starting Node to
// ask it takes 40 ms, so Node is asked only when nothing lies where npm puts things.
func findInPackages(from, path string) (string, error) {
	for folder := from; ; folder = filepath.Dir(folder) {
		found := filepath.Join(folder, "node_modules", filepath.FromSlash(path))
		if _, err := os.Stat(found); err == nil {
			return found, nil
		}
		if folder == filepath.Dir(folder) {
			return askNode(from, path)
		}
	}
}

func askNode(from, path string) (string, error) {
	command := exec.Command("node", "-e", "console.log(require.resolve(process.argv[1]))", path)
	command.Dir = from
	printed, err := command.Output()
	if errors.Is(err, exec.ErrNotFound) {
		return "", errors.New("node is not on PATH")
	}
	if err != nil {
		return "", fmt.Errorf("%s cannot be found from %s: are the npm packages installed?", path, from)
	}
	return strings.TrimSpace(string(printed)), nil
}

type manifest struct {
	Version      string            `json:"version"`
	Dependencies map[string]string `json:"dependencies"`
}

// directDependencies reads the nearest package.json at or above a folder.
func directDependencies(from string) ([]*rpc.DependencyInfo, error) {
	var named manifest
	folder := from
	for {
		err := readManifest(filepath.Join(folder, "package.json"), &named)
		if err == nil {
			break
		}
		parent := filepath.Dir(folder)
		if !errors.Is(err, fs.ErrNotExist) || parent == folder {
			return nil, fmt.Errorf("no package.json can be read at or above %s: %w", from, err)
		}
		folder = parent
	}
	found := make([]*rpc.DependencyInfo, 0, len(named.Dependencies))
	for name, wanted := range named.Dependencies {
		version := wanted
		if path, err := findInPackages(folder, name+"/package.json"); err == nil {
			var installed manifest
			if readManifest(path, &installed) == nil {
				version = installed.Version
			}
		}
		found = append(found, &rpc.DependencyInfo{Name: name, Version: version})
	}
	sort.Slice(found, func(i, j int) bool { return found[i].Name < found[j].Name })
	return found, nil
}

func readManifest(path string, into *manifest) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return json.Unmarshal(content, into)
}
