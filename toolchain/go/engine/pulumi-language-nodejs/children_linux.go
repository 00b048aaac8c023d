package main

import (
	"os/exec"
	"syscall"
)

// dieWithParent has the kernel end the child when this host is killed outright.
func dieWithParent(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
