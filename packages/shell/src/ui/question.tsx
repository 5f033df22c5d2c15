import { Text } from 'ink';
import type { ReactElement } from 'react';

/** A question with a few answers, or for a secret. */
export type QuestionModel = {
  caption?: string;
  text: string;
  /** What stands before the answer. */
  prompt: string;
};

/** A question; the answer is typed behind its last line. */
export function Question({ caption, text, prompt }: QuestionModel): ReactElement {
  return (
    <>
      {caption !== undefined && caption !== '' && <Text bold>{caption}</Text>}
      {text !== '' && <Text>{text}</Text>}
      <Text color="yellow" wrap="hard">
        {prompt}
      </Text>
    </>
  );
}
