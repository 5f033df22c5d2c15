import { randomUUID } from 'node:crypto';
import { ChildJob, type JobIdentity, type JobState } from './child-job.ts';
import type { ErrorRecord } from './error-record.ts';

/** Of the states of several, the first that there is. */
const PRECEDENCE: readonly JobState[] = ['Running', 'NotStarted', 'Disconnected', 'Failed', 'Stopped'];

/** A remote command in the background: one child for each target. */
export class Job {
  readonly Id: number;
  readonly Name: string;
  readonly InstanceId = randomUUID();
  readonly PSJobTypeName = 'RemoteJob';
  readonly Location: string;
  readonly Command: string;
  readonly ChildJobs: readonly ChildJob[];

  constructor({ id, name, command }: JobIdentity, children: readonly ChildJob[]) {
    this.Id = id;
    this.Name = name;
    this.Command = command;
    this.ChildJobs = children;
    this.Location = [...new Set(children.map(({ Location }) => Location))].join(',');
  }

  /** Running while one of them is, else Failed when one failed. */
  get State(): JobState {
    const states = this.ChildJobs.map(({ State }) => State);
    if (states.includes('NotStarted') && !states.every((state) => state === 'NotStarted')) return 'Running';
    return PRECEDENCE.find((state) => states.includes(state)) ?? 'Completed';
  }

  get HasMoreData(): boolean {
    return this.ChildJobs.some(({ HasMoreData }) => HasMoreData);
  }

  /** The reason is the children's to tell. */
  get JobStateInfo(): { State: JobState; Reason: string } {
    return { State: this.State, Reason: '' };
  }

  get PSBeginTime(): Date | undefined {
    return this.ChildJobs.map(({ PSBeginTime }) => PSBeginTime).find((time) => time !== undefined);
  }

  get PSEndTime(): Date | undefined {
    return this.isOver ? this.ChildJobs.map(({ PSEndTime }) => PSEndTime).at(-1) : undefined;
  }

  get Error(): readonly ErrorRecord[] {
    return [];
  }

  get isOver(): boolean {
    return this.ChildJobs.every(({ isOver }) => isOver);
  }

  toString(): string {
    return this.Name;
  }

  stop(): void {
    for (const child of this.ChildJobs) child.stop();
  }
}

export type AnyJob = Job | ChildJob;

/** What does the work: the children of a job, or the child itself. */
export function childrenOf(job: AnyJob): readonly ChildJob[] {
  return job instanceof Job ? job.ChildJobs : [job];
}
