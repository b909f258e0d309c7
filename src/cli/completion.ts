// The completion scripts, made of the tables of commands and options.

import bashScript from "./completions/bash.sh";
import fishScript from "./completions/fish.sh";
import zshScript from "./completions/zsh.sh";
import {
  commandNames,
  commands,
  NAME,
  type OptionName,
  optionNames,
  options,
  optionsOf,
  startOptions,
  wordsOf,
} from "./table.js";

export const scripts: Readonly<Record<string, () => string>> = { bash, zsh, fish };

const valued = optionNames.filter((name) => options[name].value !== undefined);
const completing = (what: "file" | "@file") => optionNames.filter((name) => options[name].completes === what);
const dashed = (names: readonly OptionName[]) => names.map((name) => `--${name}`);

function bash(): string {
  return filled(bashScript, {
    START_OPTIONS: [dashed(startOptions).join(" ")],
    COMMANDS: [commandNames.join(" ")],
    VALUED: [dashed(valued).join("|")],
    FILES: [dashed(completing("file")).join("|")],
    FILES_BEHIND_AT: [dashed(completing("@file")).join("|")],
    EACH_COMMAND: commandNames.map((name) => {
      const words = wordsOf(commands[name]).join(" ");
      return `${name}) options='${dashed(optionsOf(commands[name])).join(" ")}' words='${words}' ;;`;
    }),
  });
}

function zsh(): string {
  const escaped = (text: string) => text.replace(/[\\[\]:"]/g, "\\$&");
  const offered = commandNames.map((name) => `${name}\\:"${escaped(escaped(brief(commands[name].says)))}"`);
  return filled(zshScript, {
    VALUED: [dashed(valued).join("|")],
    START_OPTIONS: [startOptions.join(" ")],
    COMMANDS: [quoted(`1:command:((${offered.join(" ")}))`)],
    EACH_OPTION: optionNames.map((name) => {
      const { value, repeats, says } = options[name];
      const action = { file: "_files", "@file": `_${NAME}_file`, none: "()" }[
        options[name].completes ?? "none"
      ];
      const argument = value === undefined ? "" : `:${escaped(value)}:${action}`;
      const head = `${repeats ? "*" : ""}--${name}${value === undefined ? "" : "="}`;
      return `${name} ${quoted(`${head}[${escaped(brief(says))}]${argument}`)}`;
    }),
    EACH_COMMAND: commandNames.map((name) => {
      const words = wordsOf(commands[name]).join(" ");
      const argument = words === "" ? "" : ` argument='2:argument:(${words})'`;
      return `(${name}) taken=(${optionsOf(commands[name]).join(" ")})${argument} ;;`;
    }),
  });
}

function fish(): string {
  const seen = (names: string[]) => `__fish_seen_subcommand_from ${names.join(" ")}`;
  const line = (condition: string, rest: string) =>
    `complete -c ${NAME}${condition && ` -n ${quoted(condition)}`} ${rest}`;
  return filled(fishScript, {
    EACH_COMMAND: commandNames.flatMap((name) => {
      const { says } = commands[name];
      const words = wordsOf(commands[name]).join(" ");
      const first = line("__fish_use_subcommand", `-a ${name} -d ${quoted(brief(says))}`);
      return words === "" ? [first] : [first, line(seen([name]), `-a ${quoted(words)}`)];
    }),
    EACH_OPTION: optionNames.map((name) => {
      const { value, short, says, completes } = options[name];
      const takers = commandNames.filter((command) => optionsOf(commands[command]).includes(name));
      const others = commandNames.filter((command) => !takers.includes(command));
      const condition = startOptions.includes(name)
        ? others.length > 0
          ? `not ${seen(others)}`
          : ""
        : seen(takers);
      const kind = {
        file: " -r -F",
        "@file": ` -x -a '(__${NAME.replaceAll("-", "_")}_file)'`,
        none: value === undefined ? "" : " -x",
      }[completes ?? "none"];
      return line(condition, `${short ? `-s ${short} ` : ""}-l ${name}${kind} -d ${quoted(brief(says))}`);
    }),
  });
}

/** The script with its names in capitals replaced; several lines are indented as the first is. */
function filled(script: string, parts: Record<string, readonly string[]>): string {
  return script.replace(/(?<=^( *).*?)__([A-Z]+(?:_[A-Z]+)*)__/gm, (_, indent, name) => {
    const lines = parts[name];
    if (lines === undefined) throw new Error(`nothing stands for ${name}`);
    return lines.join(`\n${indent}`);
  });
}

/** The first sentence, without its full stop. */
function brief(says: string): string {
  return says.split(/[.;](?:\s|$)/, 1).join();
}

/** For a shell, in single quotes. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
