import { z } from 'zod';
import { officeFileSchema } from './office-file.ts';

/** The format as JSON Schema 2020-12: what `office.schema.json` holds. */
export function publishedSchema(): object {
  const schema = z.toJSONSchema(officeFileSchema, { io: 'input', reused: 'ref' });
  return {
    ...schema,
    title: 'An office, or orders to it',
    description:
      'Read by engawa-cloud import, order and simulate. Telephone numbers stand in quotes; times have their offset.',
  };
}
