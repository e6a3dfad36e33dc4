import { NAME_FIELD, type CommandSpec, type CompletionSpec, type Source } from './completionSpec.ts';

/**
 * The script for bash 4.4 and later. Names come from the hub, and are offered only where they are plain words: nothing
 * that a cloud or a thin client called itself is ever expanded by the shell.
 */
export function completionBash({ commands, values }: CompletionSpec): string {
  return `# Completion of anyseat for bash. In ~/.bashrc: source <(anyseat completion bash)
_anyseat_offer() {
  local word
  for word in "$@"; do
    if [[ $word == "$cur"* ]]; then COMPREPLY+=("$word"); fi
  done
}

_anyseat_names() {
  local -a found
  mapfile -t found < <(anyseat "\${socket[@]}" get "$1" --json 2>/dev/null |
    sed -n "s/^    \\"$2\\": \\"\\([A-Za-z0-9._@-]*\\)\\",\\{0,1\\}$/\\1/p")
  _anyseat_offer "\${found[@]}"
}

_anyseat() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]}
  local at="" first="" skip="" word i
  local -a socket=()
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ -n $skip ]]; then
      skip=""
      continue
    fi
    case $word in
      --socket) socket=(--socket "\${COMP_WORDS[i + 1]}") skip=1 ;;
      ${values
        .flatMap(({ flags }) => flags)
        .filter((flag) => flag !== '--socket')
        .join(' | ')}) skip=1 ;;
      -*) ;;
      *)
        case "\${at:+$at }$word" in
          ${commands
            .filter(({ path }) => path !== '')
            .map(({ path }) => `"${path}"`)
            .join(' | ')}) at="\${at:+$at }$word" ;;
          *) first=\${first:-$word} ;;
        esac
        ;;
    esac
  done

  case $prev in
${values.map(({ flags, source }) => `    ${flags.join(' | ')}) ${offer(source)}; return ;;`).join('\n')}
  esac
  if [[ $cur == -* ]]; then
    case $at in
${commands.map((command) => `      "${command.path}") _anyseat_offer ${command.options.flatMap(({ flags }) => flags).join(' ')} ;;`).join('\n')}
    esac
    return
  fi
  case $at in
${commands.map((command) => `    "${command.path}") ${argument(command)} ;;`).join('\n')}
  esac
}
complete -F _anyseat anyseat`;
}

function argument(command: CommandSpec): string {
  if (command.subcommands.length > 0)
    return `_anyseat_offer ${command.subcommands.map(({ name }) => name).join(' ')}`;
  const one = offer(command.argument);
  if (command.path === 'get')
    return `if [[ -z $first ]]; then ${one}; else case $first in ${names()} esac; fi`;
  return `if [[ -z $first ]]; then ${one}; fi`;
}

const names = (): string =>
  Object.entries(NAME_FIELD)
    .map(([kind, field]) => `${kind.slice(0, -1)} | ${kind}) _anyseat_names ${kind} ${field} ;;`)
    .join(' ');

function offer(source: Source): string {
  if (source === 'none') return ':';
  if (source === 'file') return 'compopt -o default';
  if ('words' in source) return `_anyseat_offer ${source.words.join(' ')}`;
  return `_anyseat_names ${source.kind} ${source.field}`;
}
