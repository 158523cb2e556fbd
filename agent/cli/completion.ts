import type { Live, Verb, VerbArgument, VerbFlag } from './verb.ts';
import { GLOBAL_FLAGS, VERBS } from './verb-table.ts';

/** What the shell completes with. */
export type Shell = 'bash' | 'zsh';

/** Where the script finds what is live. */
export interface LivePlace {
  readonly socket: string;
  /** Asks where there is no curl. */
  readonly node: string;
}

/** Longer than an agent that lives needs; a shell that hangs is worse than a word that is missing. */
const LIVE_LIMIT_MS = 90;

/** The same as curl does, for a box without it. One line, no single quotes. */
const ASK_BY_NODE = [
  'const [socket,path]=process.argv.slice(1);let text="";',
  `setTimeout(()=>process.exit(),${LIVE_LIMIT_MS}).unref();`,
  'require("http").get({socketPath:socket,path},(r)=>r.on("data",(d)=>text+=d)',
  '.on("end",()=>{if(r.statusCode===200)process.stdout.write(text)})).on("error",()=>{});',
].join('');

/**
 * A script for the shell. Verbs, flags and fixed words stand in it; lines, phones, calls and warnings are asked of the
 * agent while a word is typed, and left out when it does not answer at once.
 */
export function completionScript(shell: Shell, place: LivePlace): string {
  return shell === 'bash' ? bashScript(place) : zshScript(place);
}

function bashScript(place: LivePlace): string {
  return `# Completion of engawa for bash. Load with:  source <(engawa completion bash)
${liveFunction(place)}
_engawa() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} verb= i words=() n
  COMPREPLY=()
${walker('COMP_CWORD', 'COMP_WORDS')}
  case $prev in
${flagCases()}
  esac
  local choice
  if [[ $cur == -* ]]; then choice=$(_engawa_flags "$verb")
  else choice=$(_engawa_words "$verb" "$n"); fi
  if [[ $choice == FILE ]]; then compopt -o default 2>/dev/null; return; fi
  COMPREPLY=($(compgen -W "$choice" -- "$cur"))
  if declare -F __ltrim_colon_completions >/dev/null; then __ltrim_colon_completions "$cur"; fi
}
${tables()}
complete -F _engawa engawa
`;
}

function zshScript(place: LivePlace): string {
  return `#compdef engawa
# Completion of engawa for zsh. Load with:  source <(engawa completion zsh)
${liveFunction(place)}
_engawa() {
  emulate -L zsh
  setopt ksh_arrays
  local cur=\${words[CURRENT-1]} prev=\${words[CURRENT-2]} verb= i n
  local -a engawa_words=("\${words[@]}") COMPREPLY
${walker('CURRENT-1', 'engawa_words')}
  case $prev in
${flagCases()}
  esac
  if (( \${#COMPREPLY[@]} )); then compadd -- "\${COMPREPLY[@]}"; return; fi
  local choice
  if [[ $cur == -* ]]; then choice=$(_engawa_flags "$verb")
  else choice=$(_engawa_words "$verb" "$n"); fi
  if [[ $choice == FILE ]]; then _files; return; fi
  compadd -- \${=choice}
}
${tables()}
if (( \${+functions[compdef]} )); then compdef _engawa engawa; fi
`;
}

/** Lines of \`value\` asked of the agent; empty when it does not answer at once. */
function liveFunction({ socket, node }: LivePlace): string {
  return `_engawa_live() {
  local socket=\${ENGAWA_SOCKET:-${quoted(socket)}}
  [ -S "$socket" ] || return 0
  if command -v curl >/dev/null 2>&1; then
    curl -sf --max-time ${LIVE_LIMIT_MS / 1_000} --unix-socket "$socket" "http://box/v1/words/$1" 2>/dev/null
  else
    ${quoted(node)} -e ${quoted(ASK_BY_NODE)} "$socket" "/v1/words/$1" 2>/dev/null
  fi
}`;
}

/** Finds the verb and how many words stand after it, whatever flags are between. */
function walker(last: string, words: string): string {
  const valued = [...GLOBAL_FLAGS, ...VERBS.flatMap(({ flags }) => flags ?? [])]
    .filter(({ value }) => value !== undefined)
    .map(({ name }) => name);
  const pairs = VERBS.map(({ name }) => name).filter((name) => name.includes(' '));
  return `  n=0
  for ((i = 1; i < ${last}; i++)); do
    case \${${words}[i]} in
      ${[...new Set(valued)].join('|')}) ((i++)); continue ;;
      -*) continue ;;
    esac
    if [[ -z $verb ]]; then verb=\${${words}[i]}
    else
      case "$verb \${${words}[i]}" in
        ${pairs.map((name) => `"${name}"`).join('|')}) verb="$verb \${${words}[i]}" ;;
        *) n=$((n+1)) ;;
      esac
    fi
  done`;
}

function flagCases(): string {
  const flags = new Map<string, VerbFlag>();
  for (const flag of [...GLOBAL_FLAGS, ...VERBS.flatMap(({ flags: own }) => own ?? [])]) {
    if (flag.value !== undefined) flags.set(flag.name, flag);
  }
  return [...flags.values()]
    .map(({ name, words, file }) => {
      if (words !== undefined)
        return `    ${name}) for i in ${words.join(' ')}; do [[ $i == "$cur"* ]] && COMPREPLY+=("$i"); done; return ;;`;
      if (file === true) return `    ${name}) ${FILES}; return ;;`;
      return `    ${name}) return ;;`;
    })
    .join('\n');
}

const FILES = `if [[ -n \${ZSH_VERSION:-} ]]; then _files; else compopt -o default 2>/dev/null; fi`;

/** The table of verbs as two functions that both shells run. */
function tables(): string {
  const common = GLOBAL_FLAGS.map(({ name }) => name);
  const flags = VERBS.map(({ name, flags: own }) => {
    const all = [...(own ?? []).map((flag) => flag.name), ...common, '--help'];
    return `    "${name}") echo "${all.join(' ')}" ;;`;
  });
  return `_engawa_flags() {
  case $1 in
${flags.join('\n')}
    *) echo "${[...common, '--help'].join(' ')}" ;;
  esac
}
_engawa_words() {
  case "$1:$2" in
${VERBS.flatMap(wordCases).join('\n')}
    :0) echo "${firstWords(VERBS).join(' ')}" ;;
  esac
}`;
}

function wordCases(verb: Verb): readonly string[] {
  const children = VERBS.filter(({ name }) => name.startsWith(`${verb.name} `));
  if (children.length > 0) {
    const seconds = children.map(({ name }) => name.slice(verb.name.length + 1));
    return [`    "${verb.name}:0") echo "${seconds.join(' ')}" ;;`];
  }
  if (verb.name === 'help') return [`    help:0) echo "${firstWords(VERBS).join(' ')} codes" ;;`];
  return (verb.arguments ?? []).flatMap((argument, index) => {
    const answer = answerOf(argument);
    // The last argument may take all words that are left.
    const place = argument.many === true ? `"${verb.name}:"*` : `"${verb.name}:${index}"`;
    return answer === undefined ? [] : [`    ${place}) ${answer} ;;`];
  });
}

function answerOf({ words, live, file }: VerbArgument): string | undefined {
  if (words !== undefined) return `echo "${words.join(' ')}"`;
  if (live !== undefined) return `_engawa_live ${live satisfies Live}`;
  return file === true ? 'echo FILE' : undefined;
}

function firstWords(verbs: readonly Verb[]): readonly string[] {
  return verbs.map(({ name }) => name).filter((name) => !name.includes(' '));
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
