package store

import (
	"context"
	"runtime"
	"sync"
)

// maxGroup is the maximum number of jobs in one run. It limits how long a job waits for the jobs in front of it.
const maxGroup = 256

// group runs jobs together: while one run is in progress, new jobs are queued, and the next run takes all of them.
type group[J any] struct {
	queue chan J
	run   func([]J)
	mu    sync.RWMutex // held for reading while a job is added to the queue
	ended bool
	done  sync.WaitGroup
}

// newGroup returns a group with the given number of workers. run must not panic.
func newGroup[J any](workers int, run func([]J)) *group[J] {
	g := &group[J]{queue: make(chan J, maxGroup), run: run}
	for range workers {
		g.done.Go(g.work)
	}
	return g
}

// add queues a job. It returns an error if ctx ends before there is room in the queue, or if the group is closed.
func (g *group[J]) add(ctx context.Context, job J) error {
	g.mu.RLock()
	defer g.mu.RUnlock()
	if g.ended {
		return errClosed
	}
	select {
	case g.queue <- job:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// close waits until the queued jobs have run. Later calls of add return errClosed.
func (g *group[J]) close() {
	g.mu.Lock()
	if !g.ended {
		g.ended = true
		close(g.queue)
	}
	g.mu.Unlock()
	g.done.Wait()
}

func (g *group[J]) work() {
	for first := range g.queue {
		g.run(g.gather(first))
	}
}

// gather returns first and all jobs that are queued after it. When the queue is empty, gather yields the processor once, so
// that callers of the previous run can queue their next job. A commit costs about the same for many jobs as for one.
func (g *group[J]) gather(first J) []J {
	jobs := []J{first}
	for waited := false; len(jobs) < maxGroup; {
		select {
		case job, ok := <-g.queue:
			if !ok {
				return jobs
			}
			jobs = append(jobs, job)
		default:
			if waited {
				return jobs
			}
			waited = true
			runtime.Gosched()
		}
	}
	return jobs
}
