import { CLOSERS, COMMAND_FOLLOWS, type Open, OPENERS } from './shell-keywords.ts';
import { type SkipResult, skipArithmetic, skipPart } from './shell-quoting.ts';

type Heredoc = { delimiter: string; stripTabs: boolean };

/** What one step found; `closed`: the `)` of the substitution that this scanner reads. */
type Step = 'on' | 'closed' | 'incomplete' | 'invalid';

const OPERATOR = /(?:&&|\|\||\|&|;;&|;;|;&|[;&|])/y;
const REDIRECTION = /(?:<<<|<<-?|<>|<&|>>|>&|>\||&>>|&>|<(?!\()|>(?!\())/y;
const FUNCTION_HEAD = /\([ \t]*\)/y;
const TEST_END = /\]\](?=[\s;&|)]|$)/y;
/** Blanks, a line joined to the next, a comment (this is asked at the start of a word only). */
const BLANK = /(?:[^\S\n]|\\\n|#[^\n]*)+/y;
const WORD_END = /[\s;&|<>()]/;

/** One pass over shell text that keeps what is open; it reads no further than the first thing bash would refuse. */
export class ShellScanner {
  readonly #text: string;
  readonly #inSubstitution: boolean;
  #at: number;
  #open: Open[] = [];
  #heredocs: Heredoc[] = [];
  /** A reserved word may stand here. */
  #atCommand = true;
  /** An operator or a function's head wants a command after it, on another line if need be. */
  #wantsCommand = false;
  /** The last word was `for` (then `((` may follow) or `function` (then its name, and a body). */
  #after: 'for' | 'function' | undefined;

  /** @param substitutionAt where the commands of a substitution begin; without it the whole text is read */
  constructor(text: string, substitutionAt?: number) {
    this.#text = text;
    this.#at = substitutionAt ?? 0;
    this.#inSubstitution = substitutionAt !== undefined;
  }

  /** How far it was read. */
  get at(): number {
    return this.#at;
  }

  /** Reads up to the first end of a line where nothing is open. @returns the index behind it */
  scanCommand(): SkipResult {
    while (this.#at < this.#text.length) {
      const isLineEnd = this.#text[this.#at] === '\n';
      const step = this.#step();
      if (step !== 'on') return step === 'closed' ? 'invalid' : step;
      if (isLineEnd && !this.#isOpen) return this.#at;
    }
    return this.#isOpen ? 'incomplete' : this.#at;
  }

  /** Reads one stage of a pipeline: up to a `|`, a separator or a closing bracket that is none of its own. @returns its end */
  scanStage(): SkipResult {
    for (let end = 0; ;) {
      if (this.#at >= this.#text.length) return this.#isOpen ? 'incomplete' : end;
      if (end > 0 && this.#atStageEnd) return this.#heredocs.length === 0 ? end : 'invalid';
      const isBlank = this.#match(BLANK) !== undefined || this.#text[this.#at] === '\n';
      const step = this.#step();
      if (step !== 'on') return step === 'closed' ? 'invalid' : step;
      if (!isBlank) end = this.#at;
    }
  }

  get #atStageEnd(): boolean {
    return this.#open.length === 0 && !this.#wantsCommand && /[|;&)}\n]/.test(this.#text[this.#at] ?? '');
  }

  #run(): SkipResult {
    while (this.#at < this.#text.length) {
      const step = this.#step();
      if (step === 'closed') return this.#at;
      if (step !== 'on') return step;
    }
    return this.#isOpen ? 'incomplete' : this.#at;
  }

  get #isOpen(): boolean {
    return this.#inSubstitution || this.#open.length > 0 || this.#heredocs.length > 0 || this.#wantsCommand;
  }

  readonly #skipCommands = (at: number): SkipResult => new ShellScanner(this.#text, at).#run();

  get #top(): Open | undefined {
    return this.#open.at(-1);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#text)?.[0];
  }

  #step(): Step {
    const blank = this.#match(BLANK);
    if (blank !== undefined) return this.#skip(blank.length);
    const character = this.#text[this.#at] ?? '';
    if (character === '\n') return this.#newline();
    const top = this.#top?.closer;
    if (top === ']]' || top === 'array') return this.#insideWords(character);
    const redirection = this.#match(REDIRECTION);
    if (redirection !== undefined) return this.#redirection(redirection);
    const operator = this.#match(OPERATOR);
    if (operator !== undefined) return this.#operator(operator);
    if (character === '(') return this.#openParenthesis();
    return character === ')' ? this.#closeParenthesis() : this.#word();
  }

  #skip(characters: number): 'on' {
    this.#at += characters;
    return 'on';
  }

  #skipTo(end: SkipResult): Step {
    if (typeof end !== 'number') return end;
    this.#at = end;
    return 'on';
  }

  /** Inside `[[ ]]` and `name=( )` operators and newlines end nothing. */
  #insideWords(character: string): Step {
    const end = this.#top?.closer === ']]' ? this.#match(TEST_END) : character === ')' ? ')' : undefined;
    if (end === undefined) return WORD_END.test(character) && !this.#atWordPart() ? this.#skip(1) : this.#skipWord();
    this.#open.pop();
    return this.#skip(end.length);
  }

  #commandStarts(wanted: boolean): void {
    this.#atCommand = true;
    this.#wantsCommand = wanted;
    this.#after = undefined;
  }

  #newline(): Step {
    this.#at += 1;
    if (this.#top?.part !== 'word') this.#commandStarts(this.#wantsCommand);
    for (const heredoc of this.#heredocs.splice(0)) {
      if (!this.#skipHeredoc(heredoc)) return 'incomplete';
    }
    return 'on';
  }

  #skipHeredoc({ delimiter, stripTabs }: Heredoc): boolean {
    while (this.#at < this.#text.length) {
      const newline = this.#text.indexOf('\n', this.#at);
      const line = this.#text.slice(this.#at, newline === -1 ? this.#text.length : newline);
      this.#at = newline === -1 ? this.#text.length : newline + 1;
      if ((stripTabs ? line.replace(/^\t+/, '') : line) === delimiter) return true;
    }
    return false;
  }

  #redirection(operator: string): Step {
    this.#at += operator.length;
    while (/[ \t]/.test(this.#text[this.#at] ?? '')) this.#at++;
    const from = this.#at;
    const step = this.#skipWord();
    if (step !== 'on') return step;
    if (this.#at === from) return 'invalid';
    if (operator !== '<<' && operator !== '<<-') return 'on';
    const delimiter = this.#text.slice(from, this.#at).replace(/\\(.)/g, '$1').replace(/['"]/g, '');
    this.#heredocs.push({ delimiter, stripTabs: operator === '<<-' });
    return 'on';
  }

  #operator(operator: string): Step {
    this.#at += operator.length;
    const top = this.#top;
    if (top?.part === 'patterns' && operator === '|') return 'on';
    if (this.#wantsCommand) return 'invalid';
    this.#commandStarts(operator.startsWith('|') || operator === '&&');
    if (operator.startsWith(';;') || operator === ';&') {
      if (top?.closer !== 'esac') return 'invalid';
      top.part = 'patterns';
    }
    return 'on';
  }

  #openParenthesis(): Step {
    if (this.#top?.part === 'patterns') return this.#skip(1);
    if (this.#text[this.#at + 1] === '(' && (this.#atCommand || this.#after === 'for')) {
      const end = skipArithmetic(this.#text, this.#at + 2, this.#skipCommands);
      this.#commandStarts(false);
      // `((a) | b)` is a subshell in a subshell.
      if (end !== 'invalid') return this.#skipTo(end);
    }
    const head = this.#match(FUNCTION_HEAD);
    if (head !== undefined && (!this.#atCommand || this.#wantsCommand)) {
      this.#commandStarts(true);
      return this.#skip(head.length);
    }
    if (!this.#atCommand) return 'invalid';
    this.#open.push({ closer: ')' });
    this.#commandStarts(false);
    return this.#skip(1);
  }

  #closeParenthesis(): Step {
    this.#at += 1;
    const top = this.#top;
    if (top?.part === 'patterns') {
      top.part = 'commands';
      this.#commandStarts(false);
      return 'on';
    }
    if (this.#wantsCommand) return 'invalid';
    if (top === undefined) return this.#inSubstitution ? 'closed' : 'invalid';
    if (top.closer !== ')') return 'invalid';
    this.#open.pop();
    this.#atCommand = true;
    return 'on';
  }

  #word(): Step {
    const from = this.#at;
    const step = this.#skipWord();
    if (step !== 'on') return step;
    const word = this.#text.slice(from, this.#at);
    const part = this.#top?.part;
    if (this.#inCaseHead(word)) return 'on';
    const reserved = this.#atCommand || part === 'patterns';
    this.#atCommand = this.#after === 'function';
    this.#wantsCommand = this.#after === 'function';
    this.#after = undefined;
    if (word.endsWith('=') && this.#text[this.#at] === '(') {
      this.#open.push({ closer: 'array' });
      return this.#skip(1);
    }
    return reserved ? this.#reservedWord(word) : 'on';
  }

  /** Takes a word between `case` and a branch's commands; `esac` is none of them. */
  #inCaseHead(word: string): boolean {
    const top = this.#top;
    if (top?.part === 'word') {
      if (word === 'in') top.part = 'patterns';
      return true;
    }
    return top?.part === 'patterns' && word !== 'esac';
  }

  #reservedWord(word: string): Step {
    if (CLOSERS.has(word)) {
      if (this.#top?.closer !== word) return 'invalid';
      this.#open.pop();
      this.#atCommand = true;
      return 'on';
    }
    const closer = Object.hasOwn(OPENERS, word) ? OPENERS[word] : undefined;
    if (closer !== undefined) this.#open.push(closer === 'esac' ? { closer, part: 'word' } : { closer });
    if (COMMAND_FOLLOWS.has(word)) this.#atCommand = true;
    if (word === 'for' || word === 'function') this.#after = word;
    return 'on';
  }

  /** `<(`, `>(` and the `(` of an extended glob belong to a word. */
  #atWordPart(): boolean {
    const character = this.#text[this.#at] ?? '';
    if (character === '(') return /[?*+@!]/.test(this.#text[this.#at - 1] ?? '');
    return /[<>]/.test(character) && this.#text[this.#at + 1] === '(';
  }

  /** Goes behind the word here, with its quotes and substitutions. */
  #skipWord(): Step {
    while (this.#at < this.#text.length) {
      const inWord = this.#atWordPart();
      if (!inWord && WORD_END.test(this.#text[this.#at] ?? '')) return 'on';
      const glob = inWord && this.#text[this.#at] === '(';
      const step = this.#skipTo(glob ? this.#skipGlob() : skipPart(this.#text, this.#at, this.#skipCommands));
      if (step !== 'on') return step;
    }
    return 'on';
  }

  #skipGlob(): SkipResult {
    let depth = 0;
    let at = this.#at;
    while (at < this.#text.length) {
      if (this.#text[at] === '(') depth++;
      if (this.#text[at] === ')' && --depth === 0) return at + 1;
      const end = skipPart(this.#text, at, this.#skipCommands);
      if (typeof end !== 'number') return end;
      at = end;
    }
    return 'incomplete';
  }
}
