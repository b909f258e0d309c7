// The completion scripts, generated from the tables of commands and options.

import bashScript from "./completions/bash.sh";
import fishScript from "./completions/fish.sh";
import zshScript from "./completions/zsh.sh";
import {
  commandNames,
  commands,
  commandsOf,
  firstWords,
  groups,
  NAME,
  type OptionName,
  offersOf,
  optionNames,
  options,
  optionsOf,
  startOptions,
} from "./table.js";

export const scripts: Readonly<Record<string, () => string>> = { bash, zsh, fish };

const valued = optionNames.filter((name) => options[name].value !== undefined);
const completing = (what: "file" | "@file") => optionNames.filter((name) => options[name].completes === what);
const dashed = (names: readonly OptionName[]) => names.map((name) => `--${name}`);

/** The second words of a group, such as `create` of `cluster`. */
const secondWords = (group: string) => commandsOf(group).map((name) => name.slice(group.length + 1));

function bash(): string {
  const offered = (offer: readonly string[] | "file") =>
    quoted(offer === "file" ? "@files" : offer.join(" "));
  return filled(bashScript, {
    START_OPTIONS: [dashed(startOptions).join(" ")],
    COMMANDS: [firstWords.join(" ")],
    GROUPS: [groups.join("|")],
    VALUED: [dashed(valued).join("|")],
    FILES: [dashed(completing("file")).join("|")],
    FILES_BEHIND_AT: [dashed(completing("@file")).join("|")],
    EACH_GROUP: groups.map((group) => `${group}) offers=(${quoted(secondWords(group).join(" "))}) ;;`),
    EACH_COMMAND: commandNames.map((name) => {
      const offers = offersOf(commands[name]).map(offered).join(" ");
      return `${quoted(name)}) options='${dashed(optionsOf(commands[name])).join(" ")}' offers=(${offers}) ;;`;
    }),
  });
}

function zsh(): string {
  const escaped = (text: string) => text.replace(/[\\[\]:"]/g, "\\$&");
  const described = (word: string, says: string) => `${word}\\:"${escaped(escaped(brief(says)))}"`;
  const commandWords = (at: number, words: string[]) => quoted(`${at}:command:((${words.join(" ")}))`);
  return filled(zshScript, {
    VALUED: [dashed(valued).join("|")],
    START_OPTIONS: [startOptions.join(" ")],
    GROUPS: [groups.join("|")],
    COMMANDS: [
      commandWords(
        1,
        firstWords.map((word) => described(word, saysOf(word))),
      ),
    ],
    EACH_GROUP: groups.map((group) => {
      const seconds = secondWords(group).map((word) => described(word, saysOf(`${group} ${word}`)));
      return `(${group}) offered=(${commandWords(2, seconds)}) ;;`;
    }),
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
      // The second word of the command, and the arguments after it.
      const more = name.split(" ").slice(1);
      const offers = [...more.map((word) => [word]), ...offersOf(commands[name])].map((offer, index) =>
        quoted(`${index + 2}:argument:${offer === "file" ? "_files" : `(${offer.join(" ")})`}`),
      );
      return `(${quoted(name)}) taken=(${optionsOf(commands[name]).join(" ")}) offered=(${offers.join(" ")}) ;;`;
    }),
  });
}

function fish(): string {
  const self = `__${NAME.replaceAll("-", "_")}`;
  const seen = (names: readonly string[]) =>
    [`${self}_command`, ...names.map((name) => (name.includes(" ") ? `"${name}"` : name))].join(" ");
  const at = (number: number, name: string) => `${self}_argument ${number} "${name}"`;
  const line = (condition: string, rest: string) =>
    `complete -c ${NAME}${condition && ` -n ${quoted(condition)}`} ${rest}`;
  const word = (condition: string, word: string, says: string) =>
    line(condition, `-a ${word} -d ${quoted(brief(says))}`);
  return filled(fishScript, {
    VALUED: [dashed(valued).join(" ")],
    GROUPS: [groups.join(" ")],
    EACH_COMMAND: [
      ...firstWords.map((first) => word(seen([]), first, saysOf(first))),
      ...groups.flatMap((group) =>
        secondWords(group).map((second) => word(at(1, group), second, saysOf(`${group} ${second}`))),
      ),
      ...commandNames.flatMap((name) =>
        offersOf(commands[name]).flatMap((offer, index) => {
          if (offer.length === 0) return [];
          return line(at(index + 1, name), offer === "file" ? "-F" : `-a ${quoted(offer.join(" "))}`);
        }),
      ),
    ],
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
        "@file": ` -x -a '(${self}_file)'`,
        none: value === undefined ? "" : " -x",
      }[completes ?? "none"];
      return line(condition, `${short ? `-s ${short} ` : ""}-l ${name}${kind} -d ${quoted(brief(says))}`);
    }),
  });
}

/** The description of a command; for a group, its second words. */
function saysOf(words: string): string {
  const name = commandNames.find((name) => name === words);
  return name === undefined ? secondWords(words).join(", ") : commands[name].says;
}

/** Replaces the placeholders in a script. Further lines get the indentation of the first. */
function filled(script: string, parts: Record<string, readonly string[]>): string {
  return script.replace(/(?<=^( *).*?)__([A-Z]+(?:_[A-Z]+)*)__/gm, (_, indent, name) => {
    const lines = parts[name];
    if (lines === undefined) throw new Error(`no value for the placeholder ${name}`);
    return lines.join(`\n${indent}`);
  });
}

/** The first sentence, without the full stop. */
function brief(says: string): string {
  return says.split(/[.;](?:\s|$)/, 1).join();
}

/** Quotes a string for a shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
