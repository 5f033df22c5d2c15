/** Why a command's turn at the terminal is over. `over`: the session is not ours any more, for a reason. */
export type TurnEnd =
  | { kind: 'ready' }
  | { kind: 'over'; reason: string }
  | { kind: 'left'; how: 'leave' | 'disconnect' };
