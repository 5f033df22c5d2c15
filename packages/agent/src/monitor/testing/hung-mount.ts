import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';

/** Why nothing can be mounted here that does not answer, if so. */
export function whyNoMount(): string | undefined {
  if (process.getuid?.() !== 0) return 'mounting needs root';
  return existsSync('/dev/fuse') ? undefined : 'this kernel has no /dev/fuse';
}

/**
 * A file system of a user's own (FUSE) over a folder or a file, whose program answers nothing: whoever looks into it, root
 * too (`user_allow_other`), waits. Gone when disposed, and whoever waits then gets an error.
 */
export class HungMount implements AsyncDisposable {
  readonly #target: string;
  readonly #program: ChildProcess;

  private constructor(target: string, program: ChildProcess) {
    this.#target = target;
    this.#program = program;
  }

  static async over(target: string, { uid, gid }: { uid: number; gid: number }): Promise<HungMount> {
    const rootMode = statSync(target).isDirectory() ? '40000' : '100000';
    const options = `fd=3,rootmode=${rootMode},user_id=${uid},group_id=${gid},allow_other`;
    const script = 'exec 3<>/dev/fuse; mount -i -t fuse -o "$1" none "$0" && echo mounted && exec sleep 300';
    const program = spawn('sh', ['-c', script, target, options], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [said] = await Promise.race([once(program.stdout, 'data'), once(program, 'exit')]);
    if (!String(said).startsWith('mounted')) throw new Error(`Nothing could be mounted over ${target}`);
    return new HungMount(target, program);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    execFileSync('umount', ['--lazy', this.#target]);
    const ended = once(this.#program, 'exit');
    this.#program.kill('SIGKILL');
    await ended;
  }
}
