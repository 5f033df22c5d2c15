import type { Question } from './host.ts';

/** The answers of a question as a person sees and types them. */
export type Choices = {
  readonly labels: readonly string[];
  /** The key of each, a lower case letter: the one behind `&`, else the first. */
  readonly keys: readonly string[];
  /** `[Y] Yes  [N] No  [?] Help (default is "Y"): ` */
  readonly prompt: string;
  /** What `?` is answered with, a line for each choice. */
  readonly help: string;
};

/** Reads the choices of a question, with their letters marked by `&`, into the form of PowerShell's prompts. */
export function readChoices({ choices, default: preset, help = [] }: Question): Choices {
  const labels = choices.map((choice) => choice.replace('&', ''));
  const keys = choices.map((choice) => (/&(.)/u.exec(choice)?.[1] ?? choice.slice(0, 1)).toLowerCase());
  const shown = keys.map((key) => key.toUpperCase());
  const legend = labels.map((label, index) => `[${shown[index]}] ${label}  `).join('');
  return {
    labels,
    keys,
    prompt: `${legend}[?] Help (default is "${shown[preset]}"): `,
    help: labels.map((label, index) => `${shown[index]} - ${help[index] ?? label}\n`).join(''),
  };
}

/** The choice that a typed answer means, by key or label; Enter alone is the default, and what is no choice is none. */
export function chosenIndex(answer: string, { labels, keys }: Choices, preset: number): number | undefined {
  const text = answer.trim().toLowerCase();
  if (text === '') return preset;
  const index = keys.findIndex((key, at) => text === key || text === labels[at]?.toLowerCase());
  return index === -1 ? undefined : index;
}
