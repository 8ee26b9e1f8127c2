// Communication with the Go test that runs a scenario.
//
// The Go test reads the standard output: "ok NAME" for each step, "not ok NAME" for the
// failed one, with the reason on standard error, and "done" at the end, so that an early
// exit is noticed.

import assert from "node:assert/strict";

// setting returns an environment variable that the Go test sets.
export function setting(name) {
  const value = process.env[name];
  assert.ok(value, `${name} is not set: run the scenarios with "go test" in e2e`);
  return value;
}

// step runs and reports one step. The first failure ends the scenario.
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
