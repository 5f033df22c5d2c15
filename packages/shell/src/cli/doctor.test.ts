import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync, chmodSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { RealAgent } from '../client/testing/real-agent.ts';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));

let agent: RealAgent;
beforeAll(async () => {
  agent = new RealAgent();
  await agent.serve();
  const hostKey = execFileSync('ssh-keygen', ['-y', '-f', join(agent.home, 'agent', 'host_key')], { encoding: 'utf8' });
  writeFileSync(join(agent.home, '.ssh', 'known_hosts'), `[127.0.0.1]:${agent.port} ${hostKey}`);
});
afterAll(() => agent[Symbol.asyncDispose]());

/** The lines of its answer from the first failure on. */
async function failures(settings = {}): Promise<string> {
  const args = [MAIN, 'doctor', `127.0.0.1:${agent.port}`];
  const env = { ...agent.environment, HOLDFAST_CLIENT_SETTINGS: JSON.stringify(settings) };
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const output = await text(child.stdout);
  return output.slice(output.search(/^FAIL/m));
}

describe('holdfast doctor says of a key what is wrong with it and what to do', () => {
  const lockedOut = 'FAIL  user key       The host lets in no key of ours as \\w+';

  test('that others may read', async () => {
    chmodSync(agent.identity, 0o644);
    onTestFinished(() => chmodSync(agent.identity, 0o600));
    const advice = `The key ${agent.identity} cannot be used: others may read it \\(mode 644\\): run chmod 600 ${agent.identity}`;
    expect(await failures()).toMatch(new RegExp(`^${lockedOut}\\. ${advice}\n$`));
  });

  test('that does not exist', async () => {
    renameSync(agent.identity, `${agent.identity}.away`);
    onTestFinished(() => renameSync(`${agent.identity}.away`, agent.identity));
    const advice = 'no key was found to offer; make one with ssh-keygen, or name one as identity';
    expect(await failures()).toMatch(new RegExp(`^${lockedOut}: ${advice}\n$`));
  });

  test('that is locked, and that is not let in', async () => {
    const [locked, other] = [join(agent.home, '.ssh', 'id_ecdsa'), join(agent.home, '.ssh', 'id_rsa')];
    execFileSync('ssh-keygen', ['-q', '-t', 'ecdsa', '-N', 'a secret', '-f', locked]);
    execFileSync('ssh-keygen', ['-q', '-t', 'rsa', '-N', '', '-f', other]);
    renameSync(agent.identity, `${agent.identity}.away`);
    onTestFinished(() => {
      renameSync(`${agent.identity}.away`, agent.identity);
      for (const key of [locked, other]) rmSync(key);
    });
    expect(await failures()).toMatch(
      new RegExp(
        `^${lockedOut} \\(refused: ${locked}, ${other}\\): add the public key .* the agent's log says why .*\n$`,
      ),
    );
    appendFileSync(
      join(agent.home, 'authorized_keys'),
      execFileSync('ssh-keygen', ['-y', '-P', 'a secret', '-f', locked]),
    );
    expect(await failures()).toMatch(
      new RegExp(
        `^${lockedOut} \\(refused: ${other}\\)\\. The key ${locked} has a passphrase, .* run ssh-add ${locked}`,
      ),
    );
  });
});

test('holdfast doctor takes an agent that is stopped for no other program', async () => {
  const [gateway = 0] = agent.pids();
  process.kill(gateway, 'SIGSTOP');
  onTestFinished(() => void process.kill(gateway, 'SIGCONT'));
  const answer = await failures({ doctorStepMs: 300 });
  expect(answer).toMatch(
    /^FAIL {2}TLS .* no answer within 0.3 s\n +look at holdfast-agent serve there: it hangs, is stopped/,
  );
  expect(answer).not.toContain('no TLS 1.3');
});
