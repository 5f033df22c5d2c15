import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { HOLDFAST, Machine } from '../support/machine.ts';
import { answerAt } from '../support/prompt.ts';
import { TestAgent } from '../support/test-agent.ts';
import { Tmux } from '../support/tmux.ts';
import { compared, isInAnyOrder, likeExpected, readTranscript, type Transcript } from '../support/transcript.ts';

const FOLDER = import.meta.dirname;

/** What the seeds' hosts are set up with (spec/README.md, ConfigurationName). */
const AGENT_CONFIG = `
defaultConfiguration = "Microsoft.PowerShell"
[configurations."Microsoft.PowerShell"]
maxShells = 25
maxShellsPerUser = 25
[configurations.ITTasks]
maxIdleTimeoutMs = 172800000
`;

/** Agents by host name, and one machine of a person's for each place that the story knows, all with one key. */
class Stage implements AsyncDisposable {
  readonly #hosts: { name: string; machine: Machine; agent: TestAgent }[] = [];
  readonly #people = new Map<string, { machine: Machine; screen: Tmux }>();
  readonly #keeper = new Machine();

  readonly #files: Transcript['files'];

  private constructor(files: Transcript['files']) {
    this.#files = files;
  }

  static async set({ hosts, folders, files }: Transcript): Promise<Stage> {
    const stage = new Stage(files);
    for (const name of hosts) {
      const machine = new Machine();
      for (const { host, path } of folders) {
        if (host === name) mkdirSync(join(machine.home, path), { recursive: true });
      }
      const agent = await TestAgent.start(machine, [stage.#keeper.publicKey()], { config: AGENT_CONFIG });
      stage.#hosts.push({ name, machine, agent });
    }
    return stage;
  }

  /** The screen of a person's machine, with a fresh prompt on it. */
  async screenAt(place: string): Promise<Tmux> {
    const known = this.#people.get(place);
    if (known !== undefined) return known.screen;
    const machine = new Machine({ key: false });
    machine.takeKeyOf(this.#keeper);
    for (const { name, text } of this.#files) writeFileSync(join(machine.home, name), text);
    machine.knows(
      Object.fromEntries(this.#hosts.map(({ name, agent }) => [name, { port: agent.port, hostKey: agent.hostKey }])),
    );
    const screen = new Tmux([HOLDFAST], { env: machine.env, cwd: machine.home, columns: 340, rows: 60 });
    this.#people.set(place, { machine, screen });
    await screen.waitFor('local session ready');
    return screen;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { machine, screen } of this.#people.values()) {
      screen[Symbol.dispose]();
      machine[Symbol.dispose]();
    }
    for (const { machine, agent } of this.#hosts) {
      await agent.kill();
      machine[Symbol.dispose]();
    }
    this.#keeper[Symbol.dispose]();
  }
}

describe('stories of the specification', () => {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.transcript'));
  test.each(files.map((file) => readTranscript(join(FOLDER, file))))('$title', async (transcript) => {
    await using stage = await Stage.set(transcript);
    for (const { machine, steps } of transcript.parts) {
      const screen = await stage.screenAt(machine);
      for (const step of steps) {
        const expected = compared(step.shown);
        const shown = likeExpected(
          compared(await answerAt(screen, step.prompt, step.typed), isInAnyOrder(step)),
          expected,
        );
        expect({ typed: step.typed, shown }).toEqual({ typed: step.typed, shown: expected });
      }
    }
  });
});
