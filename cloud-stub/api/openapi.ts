import { z } from 'zod';
import { doubtfulRequest, explainRequest, ordersRequest, rerateRequest } from './requests.ts';

/** One route as the document tells it; the answers' shapes are in the README. */
interface Route {
  readonly method: 'get' | 'post';
  readonly path: string;
  readonly what: string;
  readonly query?: Readonly<Record<string, z.ZodType>>;
  readonly body?: z.ZodType;
  /** Statuses of refusals beside 500. */
  readonly refusals: readonly number[];
}

const period = z.string().regex(/^[0-9]{4}-(0[1-9]|1[0-2])$/);
const since = z.string().regex(/^[0-9]{1,16}$/);

const ROUTES: readonly Route[] = [
  { method: 'get', path: '/health', what: 'How the service is', refusals: [503] },
  { method: 'get', path: '/openapi.json', what: 'This document', refusals: [] },
  { method: 'get', path: '/gateways', what: 'Every gateway', refusals: [] },
  { method: 'post', path: '/gateways/:id/enrolment', what: 'Enrols a gateway anew', refusals: [404] },
  { method: 'get', path: '/gateways/:id/reported', what: 'What a gateway reports', refusals: [404] },
  {
    method: 'get',
    path: '/contracts/:id/records',
    what: 'Calls with all records, charges and traces',
    query: { since },
    refusals: [400, 404],
  },
  {
    method: 'get',
    path: '/contracts/:id/calls',
    what: 'Calls, one line each',
    query: { since },
    refusals: [400, 404],
  },
  {
    method: 'get',
    path: '/contracts/:id/quarantine',
    what: 'Records that are not believed',
    refusals: [404],
  },
  {
    method: 'post',
    path: '/contracts/:id/quarantine/:record',
    what: 'Voids a record that is not believed, or releases it',
    body: doubtfulRequest,
    refusals: [400, 404, 422],
  },
  {
    method: 'get',
    path: '/contracts/:id/invoice-draft',
    what: 'Draft invoice',
    query: { period },
    refusals: [400, 404, 422],
  },
  {
    method: 'get',
    path: '/contracts/:id/documents',
    what: 'Issued invoices and credit notes',
    refusals: [404],
  },
  { method: 'get', path: '/contracts/:id/orders', what: 'History of orders', refusals: [404] },
  {
    method: 'post',
    path: '/contracts/:id/orders',
    what: 'Takes orders; the first one of a new contract is its application',
    body: ordersRequest,
    refusals: [400, 413, 422],
  },
  { method: 'post', path: '/contracts/:id/republish', what: 'Publishes configurations', refusals: [404] },
  {
    method: 'post',
    path: '/contracts/:id/rerate/:period',
    what: 'Rates a period again; what differs is an adjustment',
    body: rerateRequest,
    refusals: [400, 404],
  },
  { method: 'get', path: '/periods/:period/closing', what: 'How far a closing is', refusals: [400] },
  { method: 'post', path: '/periods/:period/closing', what: 'Closes a period', refusals: [400, 422] },
  {
    method: 'post',
    path: '/explain',
    what: 'What would become of a call, and what it would cost',
    body: explainRequest,
    refusals: [400],
  },
];

const refusal = z.object({
  code: z.string(),
  fault: z.enum(['peer', 'caller', 'us', 'environment']),
  say: z.string().describe('A sentence for a person'),
});

/** The operator's API as OpenAPI 3.1, made from the schemas by which it reads. `openapi.json` holds the same. */
export function openApiDocument(): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of ROUTES) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method]: operation(route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: "The operator's API",
      version: '1',
      description:
        'HTTP over a unix socket of mode 0600: whoever may open it is the operator. There is no other way in.',
    },
    paths,
    components: { schemas: { Refusal: schemaOf(refusal) } },
  };
}

function operation({ path, what, query = {}, body, refusals }: Route): object {
  const inPath = [...path.matchAll(/:(\w+)/g)].map((found) => ({
    name: found[1],
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const inQuery = Object.entries(query).map(([name, schema]) => ({
    name,
    in: 'query',
    required: false,
    schema: schemaOf(schema),
  }));
  const refused = [...refusals, 500].map((status) => [
    String(status),
    { description: 'Refused', content: json({ $ref: '#/components/schemas/Refusal' }) },
  ]);
  return {
    summary: what,
    parameters: [...inPath, ...inQuery],
    ...(body === undefined ? {} : { requestBody: { required: true, content: json(schemaOf(body)) } }),
    responses: { 200: { description: what, content: json({}) }, ...Object.fromEntries(refused) },
  };
}

function json(schema: object): object {
  return { 'application/json': { schema } };
}

/** Without `reused`: a reference would point to the root of another document. */
function schemaOf(schema: z.ZodType): object {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: 'input', reused: 'inline' });
  return rest;
}
