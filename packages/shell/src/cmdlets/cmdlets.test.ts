import { describe, expect, test } from 'vitest';
import { parse } from '../language/parser.ts';
import { ALIASES, aliasesOf } from '../runtime/aliases.ts';
import type { Cmdlet } from '../runtime/cmdlet.ts';
import { cmdletModules } from '../runtime/cmdlet-modules.ts';
import { CommandTable } from '../runtime/command-table.ts';
import { sharedParameters } from '../runtime/parameter-names.ts';
import { describeCmdlet } from './help-text.ts';

/** PowerShell's approved verbs, as far as a cmdlet of ours may need them. */
const VERBS = new Set(
  'Add Clear Close Connect Convert ConvertFrom ConvertTo Copy Disable Disconnect Enable Enter Exit Export Find ForEach Format Get Grant Import Invoke Join Measure Move New Open Out Pop Push Read Receive Register Remove Rename Reset Resolve Resume Revoke Search Select Send Set Show Sort Split Start Stop Suspend Test Unregister Update Use Wait Watch Where Write'.split(
    ' ',
  ),
);

const table = new CommandTable();

test('cmdlets are found by their files', () => {
  expect(table.names).toEqual(
    expect.arrayContaining(['Connect-PSSession', 'Enter-PSSession', 'Get-Help', 'Get-PSSession', 'Remove-PSSession']),
  );
  expect(table.find('ENTER-pssession')).toBe('Enter-PSSession');
  expect(table.find('etsn')).toBe('Enter-PSSession');
  expect(table.find('ls')).toBeUndefined();
});

test('every alias belongs to a cmdlet', () => {
  for (const [alias, name] of ALIASES) {
    expect(table.find(alias)).toBe(name);
    expect(aliasesOf(name)).toContain(alias);
  }
});

/** What a Debian or a macOS machine has at hand, and what its shells have built in. */
const UNIX =
  'alias awk base64 bash bg bind break builtin caller case cat cd chgrp chmod chown clear cmp comm command compgen complete continue cp cron curl cut date dd declare df diff dig dirname dirs disown do done du echo ed env eval exec exit expand export expr false fc fg file find fmt fold for free fuser gcc getopts git gpg grep groups gzip hash head help history host hostname htop iconv id if in info install ip jobs join jq kill killall ld less let ln local locate logger login logout ls lsof mail make man mapfile md5sum mesg mkdir mkfifo mktemp more mount mv nano nc nice nl nohup od openssl passwd paste patch perl pgrep pidof ping pkill popd pr printf ps pushd pwd python python3 read readonly realpath reboot return rev rm rmdir rsync scp screen sed select seq set sftp sh shift shopt shred shutdown sleep sort source split ssh stat strace strings stty su sudo sum sync tac tail tar tee test time timeout tmux top touch tr trap tree true truncate tsort tty type typeset ulimit umask umount unalias uname unexpand uniq units unset until uptime vi vim vmstat wait watch wc wget whatis whereis which while who whoami write xargs xxd yes zcat zip'.split(
    ' ',
  );

test('no alias hides a Unix command', () => {
  expect(UNIX.filter((word) => table.find(word) !== undefined)).toEqual([]);
});

describe.each(Object.keys(cmdletModules))('%s', (name) => {
  const load = (): Promise<Cmdlet> => table.load(name);

  test('bears its file name, with an approved verb', async () => {
    const cmdlet = await load();
    expect(cmdlet.name).toBe(name);
    expect(VERBS).toContain(name.split('-')[0]);
    expect(['agent', 'client', 'data']).toContain(cmdlet.acts);
  });

  test('tells what it and its parameters are for', async () => {
    const cmdlet = await load();
    expect(cmdlet.synopsis).toMatch(/^[A-Z].*\.$/u);
    const help = describeCmdlet(cmdlet, 'full');
    for (const [parameter, { help: text }] of Object.entries(cmdlet.parameters)) {
      expect(text, parameter).toMatch(/^[A-Z].*\.$/u);
      expect(help).toContain(`-${parameter} <`);
    }
  });

  test('has parameters whose names and aliases differ from one another and from the common ones', async () => {
    const cmdlet = await load();
    const all = Object.entries({ ...sharedParameters(cmdlet), ...cmdlet.parameters });
    const names = all
      .flatMap(([parameter, { aliases = [] }]) => [parameter, ...aliases])
      .map((one) => one.toLowerCase());
    expect(new Set(names).size).toBe(names.length);
    expect(all).toHaveLength(Object.keys(cmdlet.parameters).length + Object.keys(sharedParameters(cmdlet)).length);
  });

  test('has examples that parse and bind', async () => {
    const cmdlet = await load();
    expect(cmdlet.examples.length).toBeGreaterThan(0);
    for (const { code } of cmdlet.examples) {
      const { errors } = parse(code);
      expect(errors).toEqual([]);
      expect(code.toLowerCase()).toContain(name.toLowerCase());
    }
  });
});
