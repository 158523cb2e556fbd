import { z } from 'zod';
import * as shapes from './answer-shapes.ts';
import {
  commandRequest,
  creditRequest,
  doubtfulRequest,
  explainRequest,
  ordersRequest,
  releaseRequest,
  rerateRequest,
  revocationRequest,
  rolloutChangeRequest,
  rolloutRequest,
} from './requests.ts';
import * as updates from './rollout-shapes.ts';

/** One route as the document tells it. */
export interface Route {
  readonly method: 'get' | 'post';
  readonly path: string;
  readonly what: string;
  readonly query?: Readonly<Record<string, z.ZodType>>;
  readonly body?: z.ZodType;
  /** What a good answer is like. */
  readonly answer: z.ZodType;
  /** Of an answer that is no JSON. */
  readonly contentType?: string;
  /** Statuses beside 200 that come with the same answer. */
  readonly alike?: readonly number[];
  /** Statuses of refusals beside 500. */
  readonly refusals: readonly number[];
}

const period = z.string().regex(/^[0-9]{4}-(0[1-9]|1[0-2])$/);
const revision = z.string().regex(/^[1-9][0-9]{0,9}$/);
const since = z.string().regex(/^[0-9]{1,16}$/);

const get = (path: string, what: string, answer: z.ZodType, refusals: readonly number[]): Route => ({
  method: 'get',
  path,
  what,
  answer,
  refusals,
});
const post = (
  path: string,
  what: string,
  body: z.ZodType | null,
  answer: z.ZodType,
  refusals: readonly number[],
): Route => ({ method: 'post', path, what, ...(body === null ? {} : { body }), answer, refusals });

const rolloutChanges = [
  ['pause', 'Orders nothing more for now; boxes that have not restarted stand still'],
  ['resume', 'Goes on with a paused rollout'],
  ['abort', 'Gives a rollout up for good'],
].map(([verb, what = '']) =>
  post(`/rollouts/:id/${verb}`, what, rolloutChangeRequest, updates.rollout, [400, 404, 409]),
);

/** Every route of the operator's API. */
export const ROUTES: readonly Route[] = [
  { ...get('/health', 'How the service is', shapes.health, []), alike: [503] },
  get('/openapi.json', 'This document', shapes.openApi, []),
  {
    ...get('/metrics', 'Figures of service and boxes for Prometheus', z.string(), []),
    contentType: 'text/plain',
  },
  get('/gateways', 'Every gateway', shapes.gateways, []),
  post(
    '/gateways/:id/claim',
    'A claim code for the order of a gateway; an unused earlier one ends',
    null,
    shapes.claimTicket,
    [404],
  ),
  post(
    '/gateways/:id/revocation',
    'Ends the identity of a gateway: it is cut off at once and does not come back without a new claim code',
    revocationRequest,
    shapes.revocation,
    [400, 404],
  ),
  get('/gateways/:id/reported', 'What a gateway reports', shapes.reported, [404]),
  post(
    '/gateways/:id/commands',
    'Has a gateway do something at once: opens the window of a phone, has one fetch its files again',
    commandRequest,
    shapes.carriedOut,
    [400, 404, 409, 504],
  ),
  {
    ...get(
      '/gateways/:id/config-diff',
      'What a revision of the configuration changed',
      shapes.configDiff,
      [400, 404, 422],
    ),
    query: { from: revision, to: revision },
  },
  get('/contracts/:id/boxes', 'How boxes are: state, warnings, figures', shapes.boxes, [404]),
  {
    ...get('/contracts/:id/events', 'Warnings of boxes that came or went', shapes.events, [400, 404]),
    query: { since },
  },
  get('/contracts/:id/phones', 'Desk phones, and what looks like one', shapes.phones, [404]),
  get('/contracts/:id/lans', 'LANs as their gateways see them: DHCP servers, warnings', shapes.lans, [404]),
  get('/contracts/:id/commands', 'What gateways were told to do, newest first', shapes.commands, [404]),
  {
    ...get(
      '/contracts/:id/records',
      'Calls with all records, charges and traces',
      shapes.records,
      [400, 404],
    ),
    query: { since },
  },
  { ...get('/contracts/:id/calls', 'Calls, one line each', shapes.calls, [400, 404]), query: { since } },
  {
    ...get('/contracts/:id/faxes', 'Faxes that boxes carried, newest first', shapes.faxes, [400, 404]),
    query: { since },
  },
  get(
    '/contracts/:id/alerts',
    'Ceilings that were neared or reached, IDs that call often',
    shapes.alerts,
    [404],
  ),
  get('/contracts/:id/quarantine', 'Records that are not believed', shapes.quarantined, [404]),
  get('/quarantine', 'The same, of contracts that are not there', shapes.quarantined, []),
  post(
    '/contracts/:id/quarantine/:record',
    'Voids a record that is not believed, or releases it',
    doubtfulRequest,
    shapes.decided,
    [400, 404, 422],
  ),
  post(
    '/quarantine/:record',
    'The same, of a contract that is not there',
    doubtfulRequest,
    shapes.decided,
    [400, 404, 422],
  ),
  {
    ...get('/contracts/:id/invoice-draft', 'Draft invoice', shapes.draft, [400, 404, 422]),
    query: { period },
  },
  get('/contracts/:id/documents', 'Issued invoices and credit notes', shapes.documents, [404]),
  post(
    '/contracts/:id/credit-notes',
    'Gives back a part of an invoice',
    creditRequest,
    shapes.creditNote,
    [400, 404, 422],
  ),
  get('/contracts/:id/orders', 'History of orders', shapes.history, [404]),
  post(
    '/contracts/:id/orders',
    'Takes orders; the first one of a new contract is its application',
    ordersRequest,
    shapes.taken,
    [400, 413, 422],
  ),
  post('/contracts/:id/republish', 'Publishes configurations', null, shapes.republished, [404]),
  post(
    '/contracts/:id/rerate/:period',
    'Rates a period again; what differs is an adjustment',
    rerateRequest,
    shapes.rerated,
    [400, 404],
  ),
  get('/periods/:period/closing', 'How far a closing is', shapes.closing, [400]),
  post('/periods/:period/closing', 'Closes a period', null, shapes.closed, [400, 422]),
  get('/releases', 'Systems that boxes may be updated to', updates.releases, []),
  post(
    '/releases',
    'Takes a signed bundle in; the same one again changes nothing',
    releaseRequest,
    updates.release,
    [400, 409, 422],
  ),
  post(
    '/releases/:version/removal',
    'Takes a release away that no rollout needs',
    null,
    updates.removed,
    [404, 409],
  ),
  get('/rollouts', 'Rollouts, oldest first', updates.rollouts, []),
  post('/rollouts', 'Begins a rollout', rolloutRequest, updates.rollout, [400, 422]),
  get('/rollouts/:id', 'A rollout and its boxes', updates.rollout, [404]),
  ...rolloutChanges,
  post(
    '/explain',
    'What would become of a call, and what it would cost',
    explainRequest,
    shapes.explained,
    [400, 422],
  ),
];
