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
	hard      context.Context
	cancel    context.CancelFunc
	interrupt context.CancelCauseFunc
}

var errInterrupted = errors.New("interrupted")

// interrupted tells a signal from other ends.
func (ctx running) interrupted() bool { return context.Cause(ctx) == errInterrupted }

// interruptible makes a run of a context. Until its signals are caught, the
// first one ends the program, whatever it is waiting for.
func interruptible(parent context.Context) running {
	hard, cancelHard := context.WithCancel(parent)
	soft, cancelSoft := context.WithCancelCause(hard)
	return running{soft, hard, cancelHard, cancelSoft}
}

// catch has signals end the run from now on, and returns what is to be called
// at its end.
func (p *program) catch(ctx running, grace time.Duration) func() {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, ends()...)
	go func() {
		select {
		case <-signals:
			ctx.interrupt(errInterrupted)
			p.say("interrupted: waiting for the visits under way; again to stop at once")
		case <-ctx.hard.Done():
			return
		}
		select {
		case <-signals:
		case <-time.After(grace):
		case <-ctx.hard.Done():
		}
		ctx.cancel()
		signal.Stop(signals) // a third one ends what a stuck output still holds
	}()
	return func() {
		signal.Stop(signals)
		ctx.cancel()
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
