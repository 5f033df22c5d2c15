import type { Parameters } from './cmdlet.ts';
import { defined } from './defined.ts';
import { int32, oneOf, string, switchParameter } from './parameter-type.ts';

const ACTION_PREFERENCES = ['SilentlyContinue', 'Stop', 'Continue', 'Inquire', 'Ignore', 'Suspend', 'Break'] as const;

/** What -ErrorAction and its relatives take; Suspend and Break do what Stop does. */
export type ActionPreference = (typeof ACTION_PREFERENCES)[number];

export const actionPreference = oneOf('ActionPreference', ...ACTION_PREFERENCES);

/** Parameters that every cmdlet takes. */
export const COMMON_PARAMETERS = {
  Verbose: { type: switchParameter, aliases: ['vb'], help: 'Shows what the command does.' },
  Debug: { type: switchParameter, aliases: ['db'], help: 'Shows messages for programmers.' },
  ErrorAction: {
    type: actionPreference,
    aliases: ['ea'],
    help: 'What happens on an error that need not end the command.',
  },
  ErrorVariable: { type: string, aliases: ['ev'], help: 'Variable for the errors; +name adds to it.' },
  WarningAction: { type: actionPreference, aliases: ['wa'], help: 'What happens on a warning.' },
  WarningVariable: { type: string, aliases: ['wv'], help: 'Variable for the warnings.' },
  InformationAction: { type: actionPreference, aliases: ['infa'], help: 'What happens on a message.' },
  InformationVariable: { type: string, aliases: ['iv'], help: 'Variable for the messages.' },
  OutVariable: { type: string, aliases: ['ov'], help: 'Variable for the results.' },
  OutBuffer: { type: int32, aliases: ['ob'], help: 'Objects that are gathered before they are handed on.' },
  PipelineVariable: { type: string, aliases: ['pv'], help: 'Variable for the object that is at work.' },
  ProgressAction: { type: actionPreference, aliases: ['proga'], help: 'What happens on progress messages.' },
} as const satisfies Parameters;

/** Parameters of the cmdlets that change something. */
export const SHOULD_PROCESS_PARAMETERS = {
  WhatIf: { type: switchParameter, aliases: ['wi'], help: 'Shows what would be done, and does nothing.' },
  Confirm: { type: switchParameter, aliases: ['cf'], help: 'Asks before it is done.' },
} as const satisfies Parameters;

/** Common parameters as they were given; undefined: as the preference variables say. */
export type CommonArguments = {
  readonly errorAction: ActionPreference | undefined;
  readonly warningAction: ActionPreference | undefined;
  readonly informationAction: ActionPreference | undefined;
  readonly verbose: boolean | undefined;
  readonly whatIf: boolean | undefined;
  readonly confirm: boolean | undefined;
  /** Names of the variables that keep a stream; `+name` adds to one. */
  readonly variables: { readonly [K in 'error' | 'warning' | 'information' | 'out']?: string };
};

/** Reads the common parameters out of all bound values. */
export function readCommonArguments(values: ReadonlyMap<string, unknown>): CommonArguments {
  return {
    errorAction: readAction(values.get('ErrorAction')),
    warningAction: readAction(values.get('WarningAction')),
    informationAction: readAction(values.get('InformationAction')),
    verbose: readSwitch(values.get('Verbose')),
    whatIf: readSwitch(values.get('WhatIf')),
    confirm: readSwitch(values.get('Confirm')),
    variables: defined({
      error: readName(values.get('ErrorVariable')),
      warning: readName(values.get('WarningVariable')),
      information: readName(values.get('InformationVariable')),
      out: readName(values.get('OutVariable')),
    }),
  };
}

function readName(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function readAction(value: unknown): ActionPreference | undefined {
  return ACTION_PREFERENCES.find((preference) => preference === value);
}

function readSwitch(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}
