import { Text } from 'ink';
import type { ReactElement } from 'react';

/** A choice by one key. */
export type MenuChoice = { key: string; label: string };

/** A one-line menu. */
export type MenuModel = { choices: readonly MenuChoice[] };

/** One row: each key with what it does. */
export function Menu({ choices }: MenuModel): ReactElement {
  return (
    <Text wrap="truncate-end">
      {choices.map(({ key, label }, index) => (
        <Text key={key}>
          {index === 0 ? '' : '  '}
          <Text bold>[{key}]</Text> {label}
        </Text>
      ))}
    </Text>
  );
}
