import { NAME_FIELD, type CommandSpec, type CompletionSpec, type Source } from './completionSpec.ts';

/** The script for zsh, with what each command does beside it. Names come from the hub, as plain words. */
export function completionZsh({ commands, values }: CompletionSpec): string {
  return `#compdef anyseat
# Completion of anyseat for zsh. In ~/.zshrc, after compinit: source <(anyseat completion zsh)
_anyseat_names() {
  local -a found
  found=(\${(f)"$(anyseat $socket get $1 --json 2>/dev/null |
    sed -n "s/^    \\"$2\\": \\"\\([A-Za-z0-9._@-]*\\)\\",\\{0,1\\}$/\\1/p")"})
  compadd -a found
}

_anyseat() {
  local prev=$words[CURRENT-1] cur=$words[CURRENT] at="" first="" skip="" word
  local -a socket offered
  local -i i
  for ((i = 2; i < CURRENT; i++)); do
    word=$words[i]
    if [[ -n $skip ]]; then
      skip=""
      continue
    fi
    case $word in
      --socket) socket=(--socket "$words[i+1]"); skip=1 ;;
      ${values
        .flatMap(({ flags }) => flags)
        .filter((flag) => flag !== '--socket')
        .join('|')}) skip=1 ;;
      -*) ;;
      *)
        case "\${at:+$at }$word" in
          ${commands
            .filter(({ path }) => path !== '')
            .map(({ path }) => quoted(path))
            .join('|')}) at="\${at:+$at }$word" ;;
          *) first=\${first:-$word} ;;
        esac
        ;;
    esac
  done

  case $prev in
${values.map(({ flags, source }) => `    ${flags.join('|')}) ${offer(source)}; return ;;`).join('\n')}
  esac
  if [[ $cur == -* ]]; then
    case $at in
${commands.map((command) => `      ${quoted(command.path)}) offered=(${described(command.options.flatMap(({ flags, about }) => flags.map((name) => ({ name, about }))))}) ;;`).join('\n')}
    esac
    _describe -o option offered
    return
  fi
  case $at in
${commands.map((command) => `    ${quoted(command.path)}) ${argument(command)} ;;`).join('\n')}
  esac
}

if [[ \${funcstack[1]} == _anyseat ]]; then _anyseat "$@"; else compdef _anyseat anyseat; fi`;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

const described = (all: readonly { name: string; about: string }[]): string =>
  all
    .map(({ name, about }) => quoted(about === '' ? name : `${name}:${about.replaceAll(':', '\\:')}`))
    .join(' ');

function argument(command: CommandSpec): string {
  if (command.subcommands.length > 0)
    return `offered=(${described(command.subcommands)}); _describe command offered`;
  const one = offer(command.argument);
  if (command.path === 'get')
    return `if [[ -z $first ]]; then ${one}; else case $first in ${names()} esac; fi`;
  return `if [[ -z $first ]]; then ${one}; fi`;
}

const names = (): string =>
  Object.entries(NAME_FIELD)
    .map(([kind, field]) => `${kind.slice(0, -1)}|${kind}) _anyseat_names ${kind} ${field} ;;`)
    .join(' ');

function offer(source: Source): string {
  if (source === 'none') return ':';
  if (source === 'file') return '_files';
  if ('words' in source) return `compadd ${source.words.join(' ')}`;
  return `_anyseat_names ${source.kind} ${source.field}`;
}
