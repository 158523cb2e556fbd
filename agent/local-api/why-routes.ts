import { Hono } from 'hono';
import type { ExplainedNumber, StoryLine } from '../calls/index.ts';
import type { CallStatus } from '../status.ts';
import { error } from './json-body.ts';
import type { LocalApiSource } from './source.ts';

/** What is asked of the calls room. */
export interface WhySource {
  story(call: string): { readonly lines: readonly StoryLine[]; readonly left: number };
  explain(digits: string, port: number | undefined): ExplainedNumber | undefined;
}

/** `GET /v1/why-call/<id>`; `last` is the newest, `missed` the newest that nobody here answered. */
export interface WhyCallAnswer {
  readonly v: 1;
  readonly call: string;
  /** One for each line of the box that the call was on. */
  readonly legs: readonly CallStatus[];
  readonly story: readonly StoryLine[];
  /** Steps that were not kept, for there were too many. */
  readonly left: number;
}

/** `GET /v1/why-number/<digits>?line=<port>`: nothing is called. */
export interface WhyNumberAnswer {
  readonly v: 1;
  readonly explained: ExplainedNumber;
  /** The last calls to this number from here, newest first. */
  readonly before: readonly CallStatus[];
}

const BEFORE_MOST = 3;
const DIGITS = /^[0-9*#]{1,40}$/;

/** What became of a call. */
export function whyCallRoutes(source: LocalApiSource, why: WhySource): Hono {
  const app = new Hono();
  app.get('/:call', (context) => {
    const calls = source.calls();
    const asked = context.req.param('call');
    const call = asked === 'last' || asked === 'missed' ? newest(calls, asked) : asked;
    const legs = calls.filter((each) => each.call === call);
    const { lines, left } = why.story(call ?? '');
    if (call === undefined || (legs.length === 0 && lines.length === 0)) {
      const say = `No call ${asked.slice(0, 40)} is known since the start; see engawa calls.`;
      return context.json(error('call.none', say), 404);
    }
    const answer: WhyCallAnswer = { v: 1, call, legs, story: lines, left };
    return context.json(answer);
  });
  return app;
}

/** What would become of a number. */
export function whyNumberRoutes(source: LocalApiSource, why: WhySource): Hono {
  const app = new Hono();
  app.get('/:number', (context) => {
    const number = context.req.param('number');
    const line = context.req.query('line');
    if (!DIGITS.test(number) || (line !== undefined && !/^[0-9]{1,3}$/.test(line))) {
      return context.json(error('api.badRequest', 'A number is digits, * and #; a line is a port.'), 400);
    }
    const explained = why.explain(number, line === undefined ? undefined : Number(line));
    if (explained === undefined) {
      const say = 'This box has no such line, or no configuration yet.';
      return context.json(error('line.none', say), 404);
    }
    const before = source.calls().filter((call) => call.direction !== 'in' && call.to === number);
    const answer: WhyNumberAnswer = { v: 1, explained, before: before.slice(0, BEFORE_MOST) };
    return context.json(answer);
  });
  return app;
}

function newest(calls: readonly CallStatus[], which: 'last' | 'missed'): string | undefined {
  return [...calls]
    .sort((one, other) => other.startedAt - one.startedAt)
    .find(
      (call) =>
        which === 'last' || (call.direction === 'in' && call.state === 'ended' && call.answeredAt === null),
    )?.call;
}
