import { Text } from 'ink';
import type { ReactElement } from 'react';

/** A choice by one key. */
export type MenuChoice = { key: string; label: string };

/** A one-line menu. */
export type MenuModel = { title: string; choices: readonly MenuChoice[] };

/** One row: what it is about, then each key with what it does. */
export function Menu({ title, choices }: MenuModel): ReactElement {
  return (
    <Text wrap="truncate-end">
      {title}
      {choices.map(({ key, label }) => (
        <Text key={key}>
          {'  '}
          <Text bold>[{key}]</Text> {label}
        </Text>
      ))}
    </Text>
  );
}
