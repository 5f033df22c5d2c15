import type { EscapeKey } from '../terminal/escape-key.ts';
import type { PassThrough } from '../terminal/pass-through.ts';
import type { KeyInput } from './key-input.ts';
import type { MenuModel } from './menu.tsx';
import type { FrameRenderer, PromptScreen } from './prompt-screen.ts';
import type { SessionPlace } from './session-place.ts';

type MenuAction = 'leave' | 'disconnect' | 'stop' | 'send' | 'cancel';

export type LocalMenuParts = {
  screen: PromptScreen;
  keys: KeyInput;
  renderer: FrameRenderer;
  escapeKey: EscapeKey;
};

/** A program's turn, over which the menu was opened; `signal` ends with the turn. */
type Turn = { place: SessionPlace; pass: PassThrough; signal: AbortSignal };

const KEYS: Record<string, MenuAction> = { l: 'leave', d: 'disconnect', s: 'stop' };
/** Ctrl-\, which ends most programs that Ctrl-C does not. */
const QUIT = Buffer.from([0x1c]);

/** The one-line menu that is there at any moment, whatever the program or the link does. */
export class LocalMenu {
  readonly #parts: LocalMenuParts;
  #stopped: AbortSignal | undefined;

  constructor(parts: LocalMenuParts) {
    this.#parts = parts;
  }

  /** In the bottom row of a program's screen; its output waits. */
  async overProgram({ place, pass, signal }: Turn): Promise<void> {
    const { renderer, screen } = this.#parts;
    pass.holdOutput();
    const menu = this.#model(!place.local, true);
    const [row = ''] = renderer.render({ body: { kind: 'menu', menu } }, screen.columns);
    pass.status(row, true);
    const action = await this.#choose(!place.local, true, signal);
    if (signal.aborted) return;
    if (action === 'leave' || action === 'disconnect') {
      place.leave(action);
      return;
    }
    if (action === 'send') place.remote.write(this.#parts.escapeKey.bytes);
    if (action === 'stop') this.#stop(place, signal);
    place.menuClosed(pass);
  }

  /** In place of the prompt of an entered session. @returns how to leave it, if so */
  async atPrompt(place: SessionPlace): Promise<'leave' | 'disconnect' | undefined> {
    const { screen } = this.#parts;
    screen.show({ kind: 'menu', menu: this.#model(!place.local, false) });
    const action = await this.#choose(!place.local, false, place.signal);
    screen.hide();
    return action === 'leave' || action === 'disconnect' ? action : undefined;
  }

  /** Ctrl-C first; a program that is still there the second time gets Ctrl-\. */
  #stop(place: SessionPlace, turn: AbortSignal): void {
    if (this.#stopped === turn) place.remote.write(QUIT);
    else place.interrupt();
    this.#stopped = turn;
  }

  #model(canLeave: boolean, running: boolean): MenuModel {
    const { label } = this.#parts.escapeKey;
    const leave = [
      { key: 'l', label: running ? 'leave it running' : 'leave' },
      { key: 'd', label: 'disconnect' },
    ];
    const run = [
      { key: 's', label: 'stop it' },
      { key: label, label: 'send' },
    ];
    const choices = [...(canLeave ? leave : []), ...(running ? run : []), { key: 'c', label: 'cancel' }];
    return { choices };
  }

  /** Waits for one key; any that is not in the menu cancels it, and so does the signal. */
  #choose(canLeave: boolean, running: boolean, signal: AbortSignal): Promise<MenuAction> {
    const { keys } = this.#parts;
    const { promise, resolve } = Promise.withResolvers<MenuAction>();
    const cancel = (): void => {
      keys.stop();
      resolve('cancel');
    };
    keys.start({
      onKey: (key) => {
        resolve(this.#actionOf(key.type === 'key' ? key.name : key.text.slice(0, 1).toLowerCase(), canLeave, running));
        return 'stop';
      },
    });
    signal.addEventListener('abort', cancel, { once: true });
    if (signal.aborted) cancel();
    return promise.finally(() => signal.removeEventListener('abort', cancel));
  }

  #actionOf(pressed: string, canLeave: boolean, running: boolean): MenuAction {
    if (pressed === this.#parts.escapeKey.keyName) return running ? 'send' : 'cancel';
    const action = Object.hasOwn(KEYS, pressed) ? KEYS[pressed] : undefined;
    if (action === undefined || (action === 'stop' ? !running : !canLeave)) return 'cancel';
    return action;
  }
}
