import type { Farewell } from '../client/remoting.ts';

/** One line for each session that the end of this client changes, and each computer that could not be told of it. */
export function farewellLines({ closed, left, failed }: Farewell): string[] {
  return [
    ...closed.map(({ Name, ComputerName }) => `Closed ${Name} on ${ComputerName}: nothing ran in it`),
    ...left.map(({ Name, ComputerName, ExpiresOn }) => {
      const until = ExpiresOn === undefined ? '' : ` until ${ExpiresOn.toLocaleString()}`;
      return `Left ${Name} on ${ComputerName} running${until}`;
    }),
    ...failed.map(({ computerName, error }) => {
      const reason = error instanceof Error ? error.message : String(error);
      return `${computerName} keeps its sessions, since it could not be told: ${reason}`;
    }),
  ];
}
