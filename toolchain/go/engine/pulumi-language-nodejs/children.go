package main

import (
	"errors"
	"os/exec"
	"runtime"
	"sync"
	"time"
)

// How long a child's open pipes may outlive it, held by a process that it started.
const pipesAfterExit = time.Second

// children are the Node processes of this host. None of them may outlive it: a program without an engine hangs.
var children = childProcesses{running: map[*exec.Cmd]bool{}}

type childProcesses struct {
	lock    sync.Mutex
	running map[*exec.Cmd]bool
	closed  bool
}

// run runs a command to its end and returns its exit status; -1 when a signal ended it.
func (all *childProcesses) run(command *exec.Cmd) (int, error) {
	// Linux ends the child when the thread that started it ends, not the process: so this thread must stay.
	// See https://github.com/golang/go/issues/27505
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	dieWithParent(command)
	command.WaitDelay = pipesAfterExit
	if err := all.start(command); err != nil {
		return -1, err
	}
	err := command.Wait()
	all.lock.Lock()
	delete(all.running, command)
	all.lock.Unlock()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) && !errors.Is(err, exec.ErrWaitDelay) {
		return -1, err
	}
	return command.ProcessState.ExitCode(), nil
}

func (all *childProcesses) start(command *exec.Cmd) error {
	all.lock.Lock()
	defer all.lock.Unlock()
	if all.closed {
		return errors.New("the language host is stopping")
	}
	if err := command.Start(); err != nil {
		return err
	}
	all.running[command] = true
	return nil
}

// kill ends one command if it still runs.
func (all *childProcesses) kill(command *exec.Cmd) {
	all.lock.Lock()
	defer all.lock.Unlock()
	if all.running[command] {
		_ = command.Process.Kill()
	}
}

// killAll ends every child and lets no other start.
func (all *childProcesses) killAll() {
	all.lock.Lock()
	defer all.lock.Unlock()
	all.closed = true
	for command := range all.running {
		_ = command.Process.Kill()
	}
}
