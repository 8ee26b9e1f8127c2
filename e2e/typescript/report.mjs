// How a scenario hears from the Go test that runs it, and reports to it.
//
// The Go test reads the scenario's standard output: "ok NAME" for each step, "not ok
// NAME" for the one that failed (the reason follows on standard error), and "done" at
// the end, so that stopping early is never taken for success.

import assert from "node:assert/strict";

// setting reads one of the variables that the Go test sets.
export function setting(name) {
  const value = process.env[name];
  assert.ok(value, `${name} is not set: run the scenarios with "go test" in e2e`);
  return value;
}

// step runs and reports one step; the first one that fails ends the scenario.
export async function step(name, run) {
  try {
    const result = await run();
    console.log(`ok ${name}`);
    return result;
  } catch (error) {
    console.log(`not ok ${name}`);
    console.error(error);
    process.exit(1);
  }
}

export function done() {
  console.log("done");
}
