import { RemotingError, type Transport } from '@holdfast/protocol';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { resolveClientSettings, type ClientSettings } from './client-settings.ts';
import { RetryLoop, type DialedLink } from './link-keeper.ts';

const DIALED = { transport: {} as Transport, user: 'ann' } satisfies DialedLink;

function makeLoop(options: {
  settings?: Partial<ClientSettings>;
  dial: (signal: AbortSignal) => Promise<DialedLink>;
  watched?: boolean;
  notBeforeMs?: number;
}) {
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const errors: string[] = [];
  const loop = new RetryLoop({
    dial: options.dial,
    settings: resolveClientSettings(options.settings, {}),
    isWatched: () => options.watched ?? true,
    notBeforeMs: options.notBeforeMs ?? 0,
    onAttemptFailed: (error) => errors.push(error.message),
    signal: stop.signal,
  });
  return { loop, errors, stop };
}

function hang(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
}

describe('RetryLoop', () => {
  test('has a few attempts under way at once, each with its own time, and ends them all when one is let in', async () => {
    let running = 0;
    let most = 0;
    let dials = 0;
    const { loop, errors } = makeLoop({
      settings: { retryStepMs: 5, attemptTimeoutMs: 60, attemptsAtOnce: 3 },
      dial: async (signal) => {
        dials += 1;
        if (dials === 7) return DIALED;
        running += 1;
        most = Math.max(most, running);
        return hang(signal).finally(() => (running -= 1));
      },
    });
    expect(await loop.run()).toBe(DIALED);
    expect(most).toBe(3);
    expect(errors[0]).toBe('No answer within 60 ms');
    await vi.waitFor(() => expect(running).toBe(0));
  });

  test('ends with the first refusal', async () => {
    let dials = 0;
    const refusal = new RemotingError('AccessDenied', 'not you');
    const { loop } = makeLoop({
      settings: { retryStepMs: 1 },
      dial: () => {
        dials += 1;
        return Promise.reject(dials < 3 ? new Error('unreachable') : refusal);
      },
    });
    await expect(loop.run()).rejects.toBe(refusal);
    expect(dials).toBe(3);
  });

  test('takes its time with nobody looking, but not when a key is pressed', async () => {
    const random = vi.spyOn(Math, 'random').mockReturnValue(1);
    onTestFinished(() => random.mockRestore());
    let dials = 0;
    const { loop } = makeLoop({
      settings: { retryStepMs: 60_000, patientStepMs: 60_000 },
      watched: false,
      dial: () => {
        dials += 1;
        return dials < 3 ? Promise.reject(new Error('unreachable')) : Promise.resolve(DIALED);
      },
    });
    const won = loop.run();
    for (let press = 2; press <= 3; press += 1) {
      await vi.waitFor(() => expect(dials).toBe(press - 1));
      loop.retryNow();
    }
    expect(await won).toBe(DIALED);
  });

  test.each([0, 1000])('does not come in step with others (told to come back after %i ms)', async (notBeforeMs) => {
    const startedAt = performance.now();
    const settings = { firstSpreadMs: 1000, retryStepMs: 1000 };
    const firsts = await Promise.all(
      Array.from({ length: 50 }, async () => {
        let at = 0;
        const dial = () => {
          at = performance.now() - startedAt;
          return Promise.resolve(DIALED);
        };
        await makeLoop({ settings, notBeforeMs, dial }).loop.run();
        return at;
      }),
    );
    firsts.sort((one, other) => one - other);
    expect(firsts[0]).toBeGreaterThanOrEqual(notBeforeMs - 1);
    expect((firsts[44] ?? 0) - (firsts[5] ?? 0)).toBeGreaterThan(300);
  });

  test('stops when it is told', async () => {
    const { loop, stop } = makeLoop({ dial: hang });
    const won = loop.run();
    stop.abort();
    await expect(won).rejects.toMatchObject({ id: 'OperationStopped' });
  });
});
