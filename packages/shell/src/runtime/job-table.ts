import { ChildJob, type JobTask } from './child-job.ts';
import { Job, type AnyJob } from './job.ts';

/** The jobs of a runspace, numbered from 1; a job and its children take numbers that follow each other. */
export class JobTable {
  readonly #jobs: Job[] = [];
  #lastId = 0;

  /** Those that have children, in the order of their numbers. */
  get jobs(): readonly Job[] {
    return this.#jobs;
  }

  /** The same, each with its children behind it. */
  get all(): readonly AnyJob[] {
    return this.#jobs.flatMap((job) => [job, ...job.ChildJobs]);
  }

  /** Makes a job with a child for each task and begins them, at most `limit` at once. */
  start(tasks: readonly JobTask[], options: { name?: string | undefined; command: string; limit: number }): Job {
    const { limit } = options;
    const job = this.#add(tasks, options);
    const waiting = job.ChildJobs.values();
    const work = async (): Promise<void> => {
      // All workers share the iterator, so each takes the next that nobody has.
      for (const child of waiting) await child.run();
    };
    for (let count = 0; count < Math.min(limit, job.ChildJobs.length); count++) void work();
    return job;
  }

  /** Makes a job of a task that was begun without one, and whose session was disconnected. */
  adopt(task: JobTask, command: string): Job {
    const job = this.#add([task], { command });
    for (const child of job.ChildJobs) child.adoptDisconnected();
    return job;
  }

  /** The job that runs in a session, or ran there and has output that nobody received. */
  jobIn(instanceId: string): Job | undefined {
    return this.#jobs.findLast(({ ChildJobs }) =>
      ChildJobs.some((child) => isIn(child, instanceId) && child.HasMoreData),
    );
  }

  /** A session is connected again: the job that was disconnected with it goes on. */
  resumeIn(instanceId: string): void {
    const children = this.#jobs.flatMap(({ ChildJobs }) => ChildJobs);
    const child = children.find((one) => isIn(one, instanceId) && one.State === 'Disconnected');
    void child?.run();
  }

  remove(job: Job): void {
    const at = this.#jobs.indexOf(job);
    if (at >= 0) this.#jobs.splice(at, 1);
  }

  #add(tasks: readonly JobTask[], { name, command }: { name?: string | undefined; command: string }): Job {
    const id = this.#nextId();
    const children = tasks.map((task) => {
      const childId = this.#nextId();
      return new ChildJob({ id: childId, name: `Job${childId}`, command }, task);
    });
    const job = new Job({ id, name: name ?? `Job${id}`, command }, children);
    this.#jobs.push(job);
    return job;
  }

  #nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }
}

function isIn(child: ChildJob, instanceId: string): boolean {
  return child.instanceIdOfSession === instanceId;
}
