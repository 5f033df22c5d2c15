import { parse } from '../language/parser.ts';
import type { Command, Pipeline, PipelineChain, Stage, Statement } from '../language/syntax-tree.ts';
import { laterName } from './aliases.ts';
import type { Commands } from './cmdlet.ts';
import type { FunctionTable } from './function-table.ts';
import type { Host } from './host.ts';
import { isMisspelt } from './nearest-command.ts';

/** What decides whose line it is. */
export type LineContext = {
  readonly commands: Pick<Commands, 'find' | 'names' | 'isShells'>;
  readonly functions: Pick<FunctionTable, 'find' | 'names'>;
  readonly host: Pick<Host, 'entered'>;
};

const FIRST_WORD = /^[\s;]*([\w-]+)(?=$|[\s;|&<>(){}#,])/u;
/** Bash has `for ((`, and `do` alone at no line's beginning. */
const KEYWORD =
  /^\s*(?:(?:if|foreach|while)\s*\(|for\s*\((?!\()|switch\s*(?:\(|-[a-z])|(?:do|try|trap|data)\s*\{|throw\s*(?:$|[;'"$(@]))/iu;
/** With a parameter, or named as PowerShell names commands: bash has `function name {` too. */
const FUNCTION = /^\s*function\s+(?:[A-Z][a-z]+-\w+\s*[({]|[\w-]+\s*(?:\(\s*[[$]|\{\s*param\s*\())/iu;
/** Of PowerShell alone, and not in this version: its error says so, bash's would not. */
const FOREIGN =
  /^\s*(?:(?:class|enum|filter|workflow|configuration)\s+[\w-]+\s*(?::\s*\w+\s*)?\{|using\s+(?:namespace|module|assembly)\s|:\w+\s+(?:foreach|while|for|do|switch)\s*[({]|\$\w+(?:\.\w+)*\s*\?\s[^?]*\s:\s)/iu;
const VARIABLE =
  /^\s*\$(?:\{[^}]*\}|\w+:\w+|[\w?^$]+)\s*(?:[-+*/%?]?=|\?\?=|\.\s*\w|\[|\||\+\+|--|[-+*/%]\s|\.\.|,|-[a-z]+\s|$|;)/iu;
const VALUE = /^\s*(?:[-+]?(?:\d|\.\d)|['"(]|@[({'"]|\[[A-Za-z][\w.]*(?:\[\])?\]|[-!]\s*[($\d]|-not\b|&\s*[$'"{(])/iu;
/** `$x =`, `$x == 5`, `$x.y`, `$x[0]`. */
const ASSIGNMENT = /^\s*\$\w+\s*(?:[-+*/%]?=|\.\w|\[|\|)/u;
/** `2 ** 8`: no program is called by a number. */
const CALCULATION = /^\s*[\d.]+\s+\S/u;
/** What either language has in quotes, and comments. */
const QUOTED = /'[^']*'|"(?:[^"\\]|\\.)*"|(?:^|\s)#.*$/gmu;
/** `name() …` is bash's, whatever the name. */
const SHELL_FUNCTION = /^\s*[\w-]+\s*\(\s*\)/u;
const OUR_BEGINNINGS = [KEYWORD, FOREIGN, FUNCTION, VARIABLE, VALUE];
const PIPED_COMMAND = /\|\s*([A-Za-z]+-[A-Za-z]+)\b/gu;

/**
 * Whose line is it? Ours when this is true; else the shell's, as it stands (docs/language.md, "Whose line is it").
 * At an entered prompt only lines that begin with one of our cmdlets are ours.
 */
export function ownsLine(line: string, context: LineContext): boolean {
  const word = FIRST_WORD.exec(line)?.[1];
  const { commands, host } = context;
  const isCmdlet = word !== undefined && (commands.find(word) !== undefined || isMisspelt(word, commands.names));
  if (host.entered !== undefined) return isCmdlet;
  if (SHELL_FUNCTION.test(line)) return false;
  if (isCmdlet && !commands.isShells(word)) return true;
  if (word !== undefined && context.functions.find(word) !== undefined) return true;
  if (OUR_BEGINNINGS.some((pattern) => pattern.test(line))) return readsAsOurs(line, context);
  return /[|;&]/u.test(line) && hasOurStage(line, context);
}

function isOurs(word: string, { commands, functions }: LineContext): boolean {
  return (commands.find(word) !== undefined && !commands.isShells(word)) || functions.find(word) !== undefined;
}

/** The line is of the language, or could be with more text, and does something there. */
function readsAsOurs(line: string, context: LineContext): boolean {
  const { script, errors } = parse(line);
  const [error] = errors;
  if (error?.incomplete === true) return !/^\s*[("']/u.test(line);
  if (error !== undefined) return isMeantAsOurs(line);
  return script.statements.some((statement) => doesSomething(statement, context));
}

/** Of neither language, but of a form that only ours has: its error says what is wrong, bash's would not. */
function isMeantAsOurs(line: string): boolean {
  if (FOREIGN.test(line) || FUNCTION.test(line)) return true;
  if (KEYWORD.test(line)) return !/(?:^|[\s;])(?:then|do)(?:[\s;]|$)/u.test(line);
  return ASSIGNMENT.test(line) || CALCULATION.test(line);
}

/** Anything but native commands alone, which the shell runs with a terminal of its own: `(ls)`. */
function doesSomething(statement: Statement, context: LineContext): boolean {
  return !isPiped(statement) || someStage(statement, (stage, at) => stageIsOurs(stage, at, context));
}

function isPiped(statement: Statement): statement is Pipeline | PipelineChain {
  return statement.kind === 'pipeline' || statement.kind === 'chain';
}

/** Whether a stage of any of the pipelines passes; `at` is its place in its pipeline. */
function someStage(piped: Pipeline | PipelineChain, test: (stage: Stage, at: number) => boolean): boolean {
  if (piped.kind === 'pipeline') return piped.stages.some(test);
  return someStage(piped.left, test) || someStage(piped.right, test);
}

function stageIsOurs(stage: Stage, at: number, context: LineContext): boolean {
  if (stage.kind === 'shell') return false;
  if (stage.kind === 'command') return commandIsOurs(stage, context, at > 0);
  return stage.expression.kind !== 'paren' || doesSomething(stage.expression.statement, context);
}

function commandIsOurs({ name, invocation }: Command, context: LineContext, isLater: boolean): boolean {
  if (invocation !== 'name') return name.kind !== 'string' || name.quote !== 'none';
  if (name.kind !== 'string') return false;
  const word = isLater ? laterName(name.value) : name.value;
  return isOurs(word, context) || isMisspelt(word, context.commands.names);
}

/**
 * One of our commands stands in any stage of any of its pipelines. A line that is of neither language is ours if it names
 * a cmdlet behind a `|`: its error says why.
 */
function hasOurStage(line: string, context: LineContext): boolean {
  // bash's own: standard error goes through the pipe too.
  if (line.includes('|&')) return false;
  const { script, errors } = parse(line);
  if (script.statements.some((statement) => callsOurs(statement, context))) return true;
  if (errors.length === 0) return false;
  const bare = line.replaceAll(QUOTED, '');
  return [...bare.matchAll(PIPED_COMMAND)].some(([, name = '']) => context.commands.find(name) !== undefined);
}

function callsOurs(statement: Statement, context: LineContext): boolean {
  const test = (stage: Stage, at: number): boolean => stage.kind === 'command' && commandIsOurs(stage, context, at > 0);
  return isPiped(statement) && someStage(statement, test);
}
