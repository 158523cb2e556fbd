import { Hono } from 'hono';
import { parseMac } from '../../lib/net/mac-address.ts';
import type { ApiError, DhcpAnswer, LeasesAnswer, LocalApiSource, WhyAnswer } from './source.ts';

/** What happens on the customer's LAN. */
export function lanRoutes(source: LocalApiSource): Hono {
  const app = new Hono();
  app.get('/dhcp', (context) => {
    const answer: DhcpAnswer = { v: 1, dhcp: source.dhcp() };
    return context.json(answer);
  });
  app.get('/dhcp/leases', (context) => {
    const answer: LeasesAnswer = { v: 1, leases: source.leases() };
    return context.json(answer);
  });
  app.get('/why/:mac', (context) => {
    const mac = parseMac(context.req.param('mac'));
    if (mac === undefined) {
      const answer: ApiError = {
        v: 1,
        code: 'api.notAMac',
        say: 'That is no hardware address; write it as on the label of the phone: C0:74:AD:2B:D8:59.',
      };
      return context.json(answer, 400);
    }
    const lease = source.leases().find((each) => each.mac === mac) ?? null;
    const provisioning = source.whyFetch(mac);
    const answer: WhyAnswer = { v: 1, mac, dhcp: source.why(mac), provisioning, lease };
    return context.json(answer);
  });
  return app;
}
