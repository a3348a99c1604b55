package main

import (
	"context"
	"errors"
	"iter"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"hsts-check/audit"
)

// A run's context ends with the first signal, and no further site is
// started. What is under way goes on in the hard context, which ends a timeout
// later or with the second signal.
type running struct {
	context.Context
	hard   context.Context
	cancel context.CancelFunc
}

var errInterrupted = errors.New("interrupted")

// interrupted tells a signal from other ends.
func (ctx running) interrupted() bool { return context.Cause(ctx) == errInterrupted }

// interruptible makes a run of a context, and what is to be called at its end.
func (p *program) interruptible(parent context.Context, grace time.Duration) (running, func()) {
	hard, cancelHard := context.WithCancel(parent)
	soft, cancelSoft := context.WithCancelCause(hard)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, ends()...)
	go func() {
		select {
		case <-signals:
			cancelSoft(errInterrupted)
			p.say("interrupted: waiting for the visits under way; again to stop at once")
		case <-hard.Done():
			return
		}
		select {
		case <-signals:
		case <-time.After(grace):
		case <-hard.Done():
		}
		cancelHard()
		signal.Stop(signals) // a third one ends what a stuck output still holds
	}()
	return running{soft, hard, cancelHard}, func() {
		signal.Stop(signals)
		cancelHard()
	}
}

// ends are the signals that end a run, but for those that it was started to
// ignore, as nohup does with SIGHUP.
func ends() []os.Signal {
	return slices.DeleteFunc([]os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}, signal.Ignored)
}

// until ends a sequence when the context does.
func (ctx running) until(sites iter.Seq[audit.Site]) iter.Seq[audit.Site] {
	return func(yield func(audit.Site) bool) {
		for s := range sites {
			if ctx.Err() != nil || !yield(s) {
				return
			}
		}
	}
}
