package store

import (
	"context"
	"sync"
)

// maxGroup is how many jobs run together at most, so that none waits for ever.
const maxGroup = 256

// group runs jobs together: whatever has queued up while the last ones ran goes into the next run.
type group[J any] struct {
	queue chan J
	run   func([]J)
	mu    sync.RWMutex // held for reading while a job is put into the queue
	ended bool
	done  sync.WaitGroup
}

// newGroup starts workers, of which each runs its own jobs. run must not panic.
func newGroup[J any](workers int, run func([]J)) *group[J] {
	g := &group[J]{queue: make(chan J, maxGroup), run: run}
	for range workers {
		g.done.Go(g.work)
	}
	return g
}

// add hands a job over, or refuses it when ctx ends first or the group is closed.
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

// close runs what is queued, and refuses what comes later.
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

// gather takes whatever has queued up behind the first job.
func (g *group[J]) gather(first J) []J {
	jobs := []J{first}
	for len(jobs) < maxGroup {
		select {
		case job, ok := <-g.queue:
			if !ok {
				return jobs
			}
			jobs = append(jobs, job)
		default:
			return jobs
		}
	}
	return jobs
}
