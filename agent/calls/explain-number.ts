import { unreachable } from '../../lib/base/errors.ts';
import type { LineConfig, SiteConfig } from '../../lib/contract/site-config.ts';
import type { DialledNumber, Final, NumberKind } from '../lines/index.ts';
import { channelsInUse } from './channels.ts';
import { planOf } from './line-plan.ts';
import type { Env, OfficeState } from './model.ts';
import { MAX_DIGITS, PRIVACY_PREFIXES } from './numbering.ts';
import { freePlace, isReachable } from './phones.ts';
import { trunksOf } from './trunk-address.ts';
import { nextTrunk } from './trunk-choice.ts';

/** One step of what would be done. */
export interface ExplainedStep {
  readonly step:
    | 'dialled'
    | 'dial plan'
    | 'shows'
    | 'goes to'
    | 'trunk'
    | 'channels'
    | 'ceiling'
    | 'price'
    | 'called here';
  readonly verdict: 'OK' | 'WARN' | 'FAIL' | '--';
  readonly say: string;
  /** The rule that says so, where one refuses. */
  readonly rule?: string;
}

/** What would become of a number. */
export interface ExplainedNumber {
  readonly number: string;
  /** Port of the line that would dial it. */
  readonly line: number;
  readonly outcome: 'inside' | 'outside' | 'code' | 'refused' | 'incomplete';
  readonly steps: readonly ExplainedStep[];
}

/**
 * Pure: what would become of these digits, dialled on a line now. Nothing is called. Undefined when there is no such line,
 * or no configuration.
 */
export function explainNumber(
  state: OfficeState,
  digits: string,
  port: number | undefined,
  barOf: Env['barOf'],
): ExplainedNumber | undefined {
  const { config } = state;
  const line = port === undefined ? firstLine(state) : state.ports.get(port)?.config;
  if (config === undefined || line === undefined) return undefined;
  const { final, used, waits } = readDigits(config, line, digits.slice(0, MAX_DIGITS));
  const rest = digits.slice(used);
  const dialled: ExplainedStep = {
    step: 'dialled',
    verdict: rest === '' ? 'OK' : 'WARN',
    say:
      rest === ''
        ? waits
          ? `${digits} on line ${line.port}; complete after ${config.dialPlan.interDigitMs / 1_000} s without a digit, or with #`
          : `${digits} on line ${line.port}; complete with the last digit`
        : `${digits.slice(0, used)} on line ${line.port}; ${rest} is too much and comes after the call has begun`,
  };
  const told = whatBecomes(state, config, line, final, barOf);
  return {
    number: digits,
    line: line.port,
    ...told,
    steps: [dialled, ...told.steps, ...calledHere(config, digits)],
  };
}

function firstLine({ ports }: OfficeState): LineConfig | undefined {
  return [...ports.values()].map(({ config }) => config).sort((one, other) => one.port - other.port)[0];
}

/** One digit after the other, as the phone sends them. */
function readDigits(
  config: SiteConfig,
  line: LineConfig,
  digits: string,
): { readonly final: Final; readonly used: number; readonly waits: boolean } {
  const plan = planOf(config, line);
  for (let used = 1; used <= digits.length; used++) {
    const found = plan.collect(digits.slice(0, used));
    if (found.at !== 'incomplete') return { final: found, used, waits: false };
    if (used === digits.length) return { final: found.atTimeout, used, waits: true };
  }
  return {
    final: { at: 'refused', refusal: { rule: 'dial.notDigits', say: 'no digits' } },
    used: 0,
    waits: false,
  };
}

type Told = Pick<ExplainedNumber, 'outcome' | 'steps'>;

function whatBecomes(
  state: OfficeState,
  config: SiteConfig,
  line: LineConfig,
  final: Final,
  barOf: Env['barOf'],
): Told {
  switch (final.at) {
    case 'refused': {
      const { rule, say } = final.refusal;
      const outcome = rule === 'dial.incomplete' ? 'incomplete' : 'refused';
      return { outcome, steps: [{ step: 'dial plan', verdict: 'FAIL', say, rule }] };
    }
    case 'code': {
      const { code } = final;
      const about =
        code.code === 'pickup'
          ? code.extension === null
            ? 'takes any call that rings'
            : `takes the call that rings at extension ${code.extension}`
          : code.code === 'park'
            ? `parks the held call in slot ${code.slot}, or takes the one that is there`
            : 'calls the last number again';
      return { outcome: 'code', steps: [{ step: 'dial plan', verdict: 'OK', say: `a code: ${about}` }] };
    }
    case 'complete':
      return ofCalled(state, config, line, final.called, barOf);
    default:
      return unreachable(final);
  }
}

function ofCalled(
  state: OfficeState,
  config: SiteConfig,
  line: LineConfig,
  called: DialledNumber,
  barOf: Env['barOf'],
): Told {
  const plan: ExplainedStep = {
    step: 'dial plan',
    verdict: 'OK',
    say: `${called.number} is ${KINDS[called.kind]}`,
  };
  const away =
    called.kind === 'extension' &&
    config.elsewhere?.some(({ extension }) => extension === called.number) === true;
  if (called.kind === 'extension' && !away) {
    return {
      outcome: 'inside',
      steps: [plan, ...insideSteps(state, config, line, called.number), priceStep(called.kind)],
    };
  }
  return { outcome: 'outside', steps: [plan, ...outsideSteps(state, config, line, called, away, barOf)] };
}

function insideSteps(
  state: OfficeState,
  config: SiteConfig,
  line: LineConfig,
  extension: string,
): readonly ExplainedStep[] {
  const group = config.groups?.find((each) => each.extension === extension);
  if (group !== undefined) {
    const say = `ring group ${group.label} (${group.order}): ${group.members.join(', ')}`;
    return [{ step: 'goes to', verdict: 'OK', say }];
  }
  const callee = [...state.ports.values()].find(({ config: each }) => each.extension === extension);
  if (callee === undefined)
    return [{ step: 'goes to', verdict: 'FAIL', say: `nobody has extension ${extension}` }];
  const { port, label } = callee.config;
  const who = `extension ${extension}, ${label}`;
  if (extension === line.extension)
    return [{ step: 'goes to', verdict: 'FAIL', say: `${who}: the line itself, busy` }];
  if (!isReachable(state, port)) {
    return [{ step: 'goes to', verdict: 'FAIL', say: `${who}: a desk phone that is not registered` }];
  }
  const busy =
    callee.phone === undefined ? callee.line.at !== 'onHook' : freePlace(state, port) === undefined;
  const waits = busy && callee.config.callWaiting;
  return [
    {
      step: 'goes to',
      verdict: busy && !waits ? 'WARN' : 'OK',
      say: busy
        ? `${who}: in use now, ${waits ? 'hears that somebody calls' : 'busy'}`
        : `${who}: free, rings`,
    },
  ];
}

function outsideSteps(
  state: OfficeState,
  config: SiteConfig,
  line: LineConfig,
  called: DialledNumber,
  away: boolean,
  barOf: Env['barOf'],
): readonly ExplainedStep[] {
  const emergency = called.kind === 'emergency';
  const trunks = trunksOf(config);
  const trunk = nextTrunk(state, line.port, emergency);
  const bar = emergency || away ? undefined : barOf?.(called, line.port);
  const free = config.calls.channels - channelsInUse(state);
  const steps: ExplainedStep[] = [];
  if (!away) steps.push(showsStep(line, called));
  if (bar !== undefined) steps.push({ step: 'ceiling', verdict: 'FAIL', say: bar.because });
  const place = trunk === undefined ? undefined : trunks[trunk];
  steps.push(
    place === undefined
      ? {
          step: 'trunk',
          verdict: 'FAIL',
          say: 'no trunk takes calls now: words instead of silence are played',
          rule: 'trunk.away',
        }
      : { step: 'trunk', verdict: 'OK', say: `${place.host}, as ${line.sip.user}` },
  );
  if (!away) {
    steps.push(
      free > 0
        ? { step: 'channels', verdict: 'OK', say: `${free} of ${config.calls.channels} free` }
        : {
            step: 'channels',
            verdict: emergency ? 'WARN' : 'FAIL',
            say: emergency
              ? 'none free: the newest other call makes room'
              : `all ${config.calls.channels} in use: busy tone`,
          },
    );
  }
  return [...steps, priceStep(away ? 'extension' : called.kind)];
}

function showsStep(line: LineConfig, called: DialledNumber): ExplainedStep {
  const prefix = PRIVACY_PREFIXES.findLast(
    (each) => called.number.startsWith(each) && called.number !== each,
  );
  const chosen = called.presents === undefined ? undefined : line.presentable[called.presents - 1];
  const number = chosen ?? line.presents;
  if (prefix === '184') return { step: 'shows', verdict: '--', say: 'no number (184)' };
  return { step: 'shows', verdict: '--', say: prefix === '186' ? `${number} (186)` : number };
}

/** What an office's own number does when somebody calls it. */
function calledHere(config: SiteConfig, digits: string): readonly ExplainedStep[] {
  const rings = [...config.lines, ...config.lan.phones].filter(({ ringsFor }) => ringsFor.includes(digits));
  if (rings.length === 0) return [];
  const who = rings.map(({ extension, label }) => `${extension} ${label}`).join(', ');
  return [
    { step: 'called here', verdict: '--', say: `it is a number of this office: who calls it rings ${who}` },
  ];
}

function priceStep(kind: NumberKind): ExplainedStep {
  return { step: 'price', verdict: '--', say: PRICES[kind] };
}

const KINDS: Readonly<Record<NumberKind, string>> = {
  emergency: 'an emergency number',
  service: 'a service of three digits',
  extension: 'an extension',
  geographic: 'a fixed line',
  mobile: 'a mobile phone',
  ipPhone: 'an IP phone (050)',
  tollFree: 'a toll-free number',
  sharedCost: 'a shared-cost number (0570)',
  premium: 'a premium-rate or information number',
  m2m: 'a number of machines (020)',
  carrierSelect: 'a call by another carrier (00XY)',
  international: 'an international number',
};

/** A hint: the exact price is the service's to say, by the plan of the contract. */
const PRICES: Readonly<Record<NumberKind, string>> = {
  emergency: 'free of charge',
  service: 'by the service that is called; 171 and 188 as a fixed line',
  extension: 'free: it stays in the office',
  geographic: 'the rate for fixed lines',
  mobile: 'the rate for mobile phones',
  ipPhone: 'the rate for IP phones',
  tollFree: 'free: the called party pays',
  sharedCost: 'told at the beginning of the call; outside of flat rates',
  premium: 'told by the provider; usually dear',
  m2m: 'the rate for mobile phones',
  carrierSelect: 'billed by the carrier that was chosen',
  international: 'by country; outside of flat rates',
};
