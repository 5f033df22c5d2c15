import { expect, test } from 'vitest';
import { JobTable } from '../runtime/job-table.ts';
import { memberNames } from '../runtime/members.ts';
import { JOB_PROPERTIES } from './output-properties.ts';
import { TestClient } from './testing/test-client.ts';

test('the properties that are offered behind a cmdlet are those of what it gives', async () => {
  const task = { computerName: 'srv1', run: () => Promise.resolve('Completed' as const) };
  const job = new JobTable().start([task], { command: 'true', limit: 1 });
  expect(memberNames(job)).toEqual(expect.arrayContaining([...JOB_PROPERTIES]));
  const { commands } = new TestClient({}).runspace;
  for (const line of ['Get-History', 'Get-Alias']) {
    const { output = [] } = await commands.load(line);
    const client = new TestClient({});
    Object.assign(client.host, { history: ['Get-Alias'] });
    await client.runspace.run(`$x = ${line}`, new AbortController().signal);
    const given: unknown = client.runspace.scope.get('x');
    const [first = given] = Array.isArray(given) ? given : [];
    expect(memberNames(Object(first))).toEqual(output);
  }
});
