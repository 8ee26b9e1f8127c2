package store

import (
	"context"
	"runtime"
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

// gather takes whatever has queued up behind the first job. Once it lets others run: those whom the last run has answered
// may be about to ask again, and a commit costs about the same for all of them as for half.
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
