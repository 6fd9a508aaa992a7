/** What every shell's completion is made of. */
import { COMMANDS, type Command, commandNames } from '../manual/commands.ts';
import { allOptions, type DescribedOption } from '../manual/options.ts';

/** `-h` and `--host` */
export function optionForms({ short, name }: DescribedOption): string[] {
  return short === undefined ? [`--${name}`] : [`-${short}`, `--${name}`];
}

/** All forms of the options that take a value, or of those that take none. */
export function formsOf(withValue: boolean): string[] {
  return allOptions.filter(({ type }) => (type === 'string') === withValue).flatMap(optionForms);
}

/** The commands after which one of these can follow. */
export function choicesAfter(): readonly (readonly [command: string, choices: readonly string[]])[] {
  return COMMANDS.flatMap((command) => {
    const choices = command.name === 'help' ? commandNames : firstChoices(command);
    return choices.length === 0 ? [] : [[command.name, choices] as const];
  });
}

function firstChoices({ operands = [] }: Command): readonly string[] {
  return operands[0]?.choices ?? [];
}
