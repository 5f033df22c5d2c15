import { Text } from 'ink';
import type { ReactElement } from 'react';
import type { PromptLayout, Span } from './prompt-layout.ts';
import { COLOURS } from './text-colours.ts';

/** Rows never change places, so their numbers are their keys. */
function PromptRow({ spans }: { spans: Span[] }): ReactElement {
  return (
    <Text wrap="hard">
      {spans.length === 0 ? ' ' : spans.map((span, index) => <PromptSpan key={index} span={span} />)}
    </Text>
  );
}

function PromptSpan({ span }: { span: Span }): ReactElement {
  if (span.kind === 'control') return <Text inverse>{span.text}</Text>;
  const color = COLOURS[span.kind];
  return color === undefined ? <Text>{span.text}</Text> : <Text color={color}>{span.text}</Text>;
}

/** A prompt and the line being typed, laid out. */
export function Prompt({ layout }: { layout: PromptLayout }): ReactElement {
  return (
    <>
      {layout.rows.map((spans, index) => (
        <PromptRow key={index} spans={spans} />
      ))}
    </>
  );
}
