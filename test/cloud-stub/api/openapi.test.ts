import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createOperatorApp } from '../../../cloud-stub/api/app.ts';
import { openApiDocument } from '../../../cloud-stub/api/openapi.ts';
import { silentLog } from '../../../lib/base/log.ts';

const app = createOperatorApp({} as never, silentLog());

describe('the OpenAPI document', () => {
  it('has exactly the routes that are served', () => {
    const { paths } = openApiDocument() as { paths: Record<string, Record<string, object>> };
    const told = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`),
    );
    const served = app.routes
      .filter(({ method }) => method !== 'ALL')
      .map(({ method, path }) => `${method} ${path}`);
    expect(told.sort()).toEqual(served.sort());
  });

  it('is served, and stands in a file', async () => {
    const file = new URL('../../../cloud-stub/api/openapi.json', import.meta.url);
    const served = await (await app.request('/openapi.json')).json();
    expect(served).toEqual(JSON.parse(readFileSync(file, 'utf8')));
    expect(served).toMatchObject({ openapi: '3.1.0' });
  });
});
