import { z } from 'zod';
import { ROUTES, type Route } from './routes.ts';

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

function operation(route: Route): object {
  const { path, what, query = {}, body, answer, alike = [], refusals, contentType } = route;
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
  const good = [200, ...alike].map((status) => [
    String(status),
    {
      description: what,
      content:
        contentType === undefined ? json(schemaOf(answer)) : { [contentType]: { schema: schemaOf(answer) } },
    },
  ]);
  return {
    summary: what,
    parameters: [...inPath, ...inQuery],
    ...(body === undefined ? {} : { requestBody: { required: true, content: json(schemaOf(body)) } }),
    responses: { ...Object.fromEntries(good), ...Object.fromEntries(refused) },
  };
}

function json(schema: object): object {
  return { 'application/json': { schema } };
}

/** Without `reused`: a reference would point to the root of another document. */
function schemaOf(schema: z.ZodType): object {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, {
    io: 'input',
    reused: 'inline',
    unrepresentable: 'any',
  });
  return rest;
}
