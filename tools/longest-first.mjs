import { BaseSequencer } from 'vitest/node';

/** What takes about a minute by itself, in which nothing else is left to do if it begins last. */
const LONGEST = [
  'test/faults/exactly-once.test.ts',
  'packages/shell/src/main.test.ts',
  'test/faults/wrong-host.test.ts',
  'test/faults/exact-output.test.ts',
];
const FOLDERS = [
  ...LONGEST,
  'test/faults/',
  'test/fuzz/',
  'test/e2e/',
  'packages/agent/',
  'packages/shell/src/client/',
];

/**
 * The order of the test files: the long ones first. Vitest goes by the size of a file until it has run it, and a fresh clone
 * has run none; our longest test has eight lines.
 */
export default class LongestFirst extends BaseSequencer {
  /** @param {import('vitest/node').TestSpecification[]} files */
  async sort(files) {
    const rank = ({ moduleId }) => {
      const at = FOLDERS.findIndex((part) => moduleId.includes(`/${part}`));
      return at === -1 ? FOLDERS.length : at;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}
