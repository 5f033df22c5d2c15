import type { Farewell } from '../client/remoting.ts';

/** One line for each session that the end of this client changes, and each computer that could not be told of it. */
export function farewellLines({ closed, left, failed }: Farewell): string[] {
  return [
    ...closed.map(({ Name, ComputerName }) => `${Name} on ${ComputerName} is closed`),
    ...left.map(({ Name, ComputerName, ExpiresOn }) => {
      const until = ExpiresOn === undefined ? '' : `, until ${ExpiresOn.toLocaleString()}`;
      return `${Name} on ${ComputerName} goes on, disconnected${until}`;
    }),
    ...failed.map(({ computerName, error }) => {
      const reason = error instanceof Error ? error.message : String(error);
      return `${computerName} could not be told; its sessions go on: ${reason}`;
    }),
  ];
}
