//go:build tools

// Package engine pins the Pulumi CLI: go.mod and go.sum name all that its build needs, so that nothing is resolved
// when it is built. The CLI's module has replace directives, which `go install …@version` refuses.
package engine

import _ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
