import { unreachable } from '../../../lib/base/errors.ts';
import type { PhoneSettings } from '../config/settings.ts';
import { beginChain, type Chain, type FileAnswer, resultOf, stepChain } from './chain.ts';
import { fileUrl, type Identity, type Source, sourcesOf } from './sources.ts';

/** A phone from the plug in the wall to the registered account. The table of states is in the README. */
export type Boot =
  | { readonly at: 'booting'; readonly link: boolean }
  | { readonly at: 'noLink' }
  | { readonly at: 'addressing' }
  | { readonly at: 'asking'; readonly later: readonly Source[] }
  | {
      readonly at: 'fetching';
      readonly chain: Chain;
      readonly later: readonly Source[];
      readonly again: boolean;
    }
  | { readonly at: 'upgrading' }
  | { readonly at: 'ready' };

export type BootInput =
  /** The plug, a restart: `why` is for people. */
  | { readonly type: 'power'; readonly why: string }
  | { readonly type: 'started' }
  | { readonly type: 'link'; readonly up: boolean }
  /** It has an address; texts of DHCP options by number. */
  | { readonly type: 'addressed'; readonly options: ReadonlyMap<number, string> }
  | { readonly type: 'unaddressed' }
  | { readonly type: 'pnp'; readonly url: string | undefined }
  | { readonly type: 'file'; readonly answer: FileAnswer }
  /** What the files said has been stored and is in force. */
  | { readonly type: 'applied'; readonly restart: boolean; readonly upgrade: boolean }
  | { readonly type: 'upgraded'; readonly done: boolean }
  /** It is to look whether its files have changed. */
  | { readonly type: 'fetchAgain' };

export type BootEffect =
  /** Everything stops: SIP, DHCP, fetching; then the processor starts. */
  | { readonly do: 'restart'; readonly why: string }
  /** The network is gone: registrations and calls with it. */
  | { readonly do: 'down' }
  | { readonly do: 'address' }
  | { readonly do: 'askPnp' }
  | { readonly do: 'get'; readonly url: string }
  /** For the log of fetches: what became of the one before. */
  | { readonly do: 'judged'; readonly url: string; readonly answer: FileAnswer; readonly why: string | null }
  | {
      readonly do: 'apply';
      readonly values: ReadonlyMap<string, string>;
      readonly ignored: readonly string[];
      readonly source: Source;
    }
  | { readonly do: 'upgrade' }
  /** Register, watch, ring; harmless when it does already. `got`: whether files were had this time. */
  | { readonly do: 'work'; readonly got: boolean };

/** What the machine asks of the phone around it. */
export interface BootMoment {
  readonly identity: Identity;
  readonly settings: PhoneSettings;
  readonly options: ReadonlyMap<number, string>;
  readonly typedIn: string | undefined;
}

type Step = { readonly state: Boot; readonly effects: readonly BootEffect[] };

export const SWITCHED_ON: Boot = { at: 'booting', link: false };

/** Pure. An input that does not fit the state changes nothing. */
export function stepBoot(state: Boot, input: BootInput, moment: BootMoment): Step {
  const same: Step = { state, effects: [] };
  switch (input.type) {
    case 'power':
      return { state: { at: 'booting', link: linkOf(state) }, effects: [{ do: 'restart', why: input.why }] };
    case 'started':
      if (state.at !== 'booting') return same;
      return state.link ? addressing([]) : { state: { at: 'noLink' }, effects: [] };
    case 'link':
      return cable(state, input.up);
    case 'addressed':
      return state.at === 'addressing'
        ? look(sourcesOf(moment.identity, moment.settings, input.options, moment.typedIn), moment, false)
        : same;
    case 'unaddressed':
      if (state.at === 'booting' || state.at === 'noLink' || state.at === 'addressing') return same;
      return { state: { at: 'addressing' }, effects: [{ do: 'down' }] };
    case 'pnp':
      return state.at === 'asking' ? answered(state, input.url, moment) : same;
    case 'file':
      return state.at === 'fetching' ? filed(state, input.answer, moment) : same;
    case 'applied':
      if (state.at !== 'fetching') return same;
      if (input.restart)
        return { state: { at: 'booting', link: true }, effects: [{ do: 'restart', why: 'configuration' }] };
      return input.upgrade ? { state: { at: 'upgrading' }, effects: [{ do: 'upgrade' }] } : ready(true);
    case 'upgraded':
      if (state.at !== 'upgrading') return same;
      return input.done
        ? { state: { at: 'booting', link: true }, effects: [{ do: 'restart', why: 'firmware' }] }
        : ready(true);
    case 'fetchAgain':
      return state.at === 'ready' ? look(againFrom(moment), moment, true) : same;
    default:
      return unreachable(input);
  }
}

/** A phone that is up looks where its last files said; only one that was told nothing asks around as at the start. */
function againFrom({ identity, settings, options, typedIn }: BootMoment): readonly Source[] {
  const all = sourcesOf(identity, settings, options, typedIn);
  const known = all.filter(({ from }) => from === 'stored' || from === 'static');
  return known.length > 0 ? known : all;
}

function cable(state: Boot, up: boolean): Step {
  switch (state.at) {
    case 'booting':
      return { state: { at: 'booting', link: up }, effects: [] };
    case 'noLink':
      return up ? addressing([]) : { state, effects: [] };
    case 'addressing':
    case 'asking':
    case 'fetching':
    case 'upgrading':
    case 'ready':
      return up ? { state, effects: [] } : { state: { at: 'noLink' }, effects: [{ do: 'down' }] };
    default:
      return unreachable(state);
  }
}

function linkOf(state: Boot): boolean {
  return state.at === 'booting' ? state.link : state.at !== 'noLink';
}

function addressing(before: readonly BootEffect[]): Step {
  return { state: { at: 'addressing' }, effects: [...before, { do: 'address' }] };
}

function ready(got: boolean): Step {
  return { state: { at: 'ready' }, effects: [{ do: 'work', got }] };
}

/** The first of the sources that is left. */
function look(sources: readonly Source[], moment: BootMoment, again: boolean): Step {
  const [first, ...later] = sources;
  if (first === undefined) return ready(false);
  if (first.from === 'pnp' && first.urls.length === 0) {
    return { state: { at: 'asking', later }, effects: [{ do: 'askPnp' }] };
  }
  const chain = beginChain(first, moment.identity, moment.settings.fileKey);
  const [request] = chain.waiting;
  if (request === undefined) return look(later, moment, again);
  return { state: { at: 'fetching', chain, later, again }, effects: [{ do: 'get', url: request.url }] };
}

function answered(state: Extract<Boot, { at: 'asking' }>, url: string | undefined, moment: BootMoment): Step {
  const told: Source[] = url === undefined ? [] : [{ from: 'pnp', urls: [fileUrl(moment.identity, url)] }];
  return look([...told, ...state.later], moment, false);
}

function filed(state: Extract<Boot, { at: 'fetching' }>, answer: FileAnswer, moment: BootMoment): Step {
  const url = state.chain.waiting[0]?.url ?? '';
  const { chain, why } = stepChain(state.chain, answer);
  const judged: BootEffect = { do: 'judged', url, answer, why };
  const [next] = chain.waiting;
  if (next !== undefined) {
    return { state: { ...state, chain }, effects: [judged, { do: 'get', url: next.url }] };
  }
  const values = resultOf(chain);
  if (values === undefined) {
    const { state: after, effects } = look(state.later, moment, state.again);
    return { state: after, effects: [judged, ...effects] };
  }
  const { ignored, source } = chain;
  return { state: { ...state, chain }, effects: [judged, { do: 'apply', values, ignored, source }] };
}
