import { HostsFile } from '../../client/hosts.ts';
import { Remoting } from '../../client/remoting.ts';
import { Runspace } from '../../runtime/runspace.ts';
import { RecordingHost } from '../../runtime/testing/recording-host.ts';

/** One client: what one prompt, or one `-c`, is. */
export class TestClient {
  readonly host = new RecordingHost();
  readonly remoting: Remoting;
  readonly runspace: Runspace;

  constructor(environment: NodeJS.ProcessEnv, hosts = new HostsFile()) {
    this.remoting = new Remoting({ environment, hosts });
    this.runspace = new Runspace({ remoting: this.remoting, host: this.host });
  }

  /** Runs a line, and gives what it wrote. */
  async run(line: string, signal = new AbortController().signal): Promise<{ output: string[]; errors: string[] }> {
    await this.runspace.run(line, signal);
    return this.host.take();
  }
}
