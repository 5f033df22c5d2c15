import { defineCmdlet } from '../runtime/cmdlet.ts';

/** Leaves the prompt of the entered session; without one it does nothing. */
export default defineCmdlet({
  name: 'Exit-PSSession',
  synopsis: 'Leaves the prompt of the entered session.',
  description:
    'A session that Enter-PSSession created ends; any other stays Opened. Outside of a session nothing happens.',
  acts: 'agent',
  parameters: {},
  examples: [{ code: 'Exit-PSSession', remarks: 'Returns to the local prompt.' }],
  // Leaving has no result.
  // eslint-disable-next-line require-yield
  async *process(_parameters, { host }) {
    if (host.entered !== undefined) await host.leave();
  },
});
