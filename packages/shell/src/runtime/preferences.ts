import { actionPreference, type ActionPreference } from './common-parameters.ts';
import { CONFIRM_IMPACTS, type ConfirmImpact } from './confirm-impact.ts';
import { oneOf, type ParameterType } from './parameter-type.ts';
import type { Scope } from './scope.ts';
import { PSSessionOption } from './session-option.ts';
import { toBoolean } from './value-conversion.ts';

const impact = oneOf('ConfirmImpact', ...CONFIRM_IMPACTS);

/** Preference variables of the action kind, as they are at first; a message is shown here, since a person reads it. */
const ACTIONS = {
  ErrorActionPreference: 'Continue',
  WarningPreference: 'Continue',
  VerbosePreference: 'SilentlyContinue',
  InformationPreference: 'Continue',
} as const satisfies Record<string, ActionPreference>;

/**
 * Sets the preference variables (about_Preference_Variables); a value that one cannot have is refused where it is assigned.
 */
export function definePreferences(scope: Scope): void {
  for (const [name, value] of Object.entries(ACTIONS)) {
    scope.declare(name, value, (one) => actionPreference.convert(one));
  }
  scope.declare('ConfirmPreference', 'High', (one) => impact.convert(one));
  scope.declare('WhatIfPreference', false, toBoolean);
  scope.set('PSSessionOption', PSSessionOption.preference());
}

/** What a variable of the action kind says where a command runs. */
export function preferredAction(name: keyof typeof ACTIONS, scope: Scope): ActionPreference {
  return converted(actionPreference, scope.get(name), ACTIONS[name]);
}

export function prefersWhatIf(scope: Scope): boolean {
  return toBoolean(scope.get('WhatIfPreference'));
}

/** Whether `$ConfirmPreference` has a command of this impact ask first. */
export function prefersToConfirm(commandImpact: ConfirmImpact, scope: Scope): boolean {
  const preference = converted(impact, scope.get('ConfirmPreference'), 'High');
  return preference !== 'None' && CONFIRM_IMPACTS.indexOf(commandImpact) >= CONFIRM_IMPACTS.indexOf(preference);
}

/** A function's own variable of the name may hold anything. */
function converted<T>(type: ParameterType<T>, value: unknown, otherwise: T): T {
  try {
    return type.convert(value);
  } catch {
    return otherwise;
  }
}
