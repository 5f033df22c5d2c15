import { setFlagsFromString } from 'node:v8';

let isEarly = false;

/**
 * Has V8 optimize functions after dozens and hundreds of calls instead of hundreds and thousands. People type a few keys
 * a second: by V8's own thresholds the way of a key would run unoptimized for the first hours of a session, and an echo
 * take a quarter longer (bench/README.md). To be called when somebody begins to type: one-shots would pay for the
 * compiling and gain nothing. The flags are V8's own (`node --v8-options`); the pinned Node has them.
 */
export function optimizeEarly(): void {
  if (isEarly) return;
  isEarly = true;
  setFlagsFromString('--invocation-count-for-feedback-allocation=2');
  setFlagsFromString('--invocation-count-for-maglev=20');
  setFlagsFromString('--invocation-count-for-turbofan=300');
  setFlagsFromString('--minimum-invocations-after-ic-update=10');
}
