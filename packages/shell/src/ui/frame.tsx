import { Box, Text } from 'ink';
import type { ReactElement } from 'react';
import { Menu, type MenuModel } from './menu.tsx';
import { Prompt } from './prompt.tsx';
import type { PromptLayout } from './prompt-layout.ts';
import { Question, type QuestionModel } from './question.tsx';

/** What stands at the end of the screen: a line being typed, a menu or a question; and a line on the link, if need be. */
export type FrameModel = {
  body:
    | { kind: 'prompt'; layout: PromptLayout }
    | { kind: 'menu'; menu: MenuModel }
    | { kind: 'question'; question: QuestionModel }
    | { kind: 'empty' };
  status?: string | undefined;
};

/** The frame as Ink draws it. */
export function Frame({ body, status }: FrameModel): ReactElement {
  return (
    <Box flexDirection="column">
      {body.kind === 'prompt' && <Prompt layout={body.layout} />}
      {body.kind === 'menu' && <Menu {...body.menu} />}
      {body.kind === 'question' && <Question {...body.question} />}
      {status !== undefined && (
        <Text color="yellow" wrap="truncate-end">
          {status}
        </Text>
      )}
    </Box>
  );
}
