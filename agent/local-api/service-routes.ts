import { Hono } from 'hono';

/** Where the service is, and by whose certificate it is known. */
export interface ServicePlace {
  readonly mqtt: { readonly host: string; readonly port: number; readonly serverName: string };
  readonly caPem: string;
}

/** `GET /v1/service`: null for a box that nobody has claimed. */
export interface ServiceAnswer {
  readonly v: 1;
  readonly service: ServicePlace | null;
}

/** For those who measure the way to the service and may not look at the enrolment: nothing of this is a secret. */
export function serviceRoutes(place: () => ServicePlace | undefined): Hono {
  const app = new Hono();
  app.get('/', (context) => {
    const known = place();
    const answer: ServiceAnswer = {
      v: 1,
      service: known === undefined ? null : { mqtt: known.mqtt, caPem: known.caPem },
    };
    return context.json(answer);
  });
  return app;
}
