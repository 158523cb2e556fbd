import type { Hono } from 'hono';
import type { GatewayId } from '../../lib/base/ids.ts';
import type { CommandFailure } from '../sync/index.ts';
import { answer, withBody, withContract } from './answers.ts';
import { phoneLines } from './phone-lines.ts';
import { commandRequest } from './requests.ts';
import type { OperatorSource } from './source.ts';

/** Desk phones: which there are, where they stand, and what their gateways are told to do with them. */
export function addPhones(app: Hono, source: OperatorSource): void {
  app.get('/contracts/:id/phones', (context) =>
    withContract(context, source, async (contract) =>
      context.json(phoneLines(contract, await source.lans(contract.id), source.now())),
    ),
  );
  app.get('/contracts/:id/lans', (context) =>
    withContract(context, source, async ({ id }) => {
      const online = new Set((await source.gateways()).flatMap((one) => (one.online ? [one.gateway] : [])));
      const lans = (await source.lans(id)).map(({ gateway, receivedAt, report }) => ({
        gateway,
        online: online.has(gateway),
        reportedAt: report.at,
        receivedAt,
        dhcp: report.dhcp,
        warnings: report.warnings,
      }));
      return context.json({ lans });
    }),
  );
  app.get('/contracts/:id/commands', (context) =>
    withContract(context, source, async ({ id }) => context.json({ commands: await source.commands(id) })),
  );
  app.post('/gateways/:id/commands', (context) =>
    withBody(context, commandRequest, async (command) => {
      const done = await source.command(context.req.param('id') as GatewayId, command);
      return done.ok ? context.json(done.value) : answer(context, statusOf(done.error), done.error);
    }),
  );
}

/** What the box refuses is a conflict with how things stand there. */
function statusOf({ code }: CommandFailure): 404 | 409 | 503 | 504 {
  if (code === 'command.noGateway') return 404;
  if (code === 'command.noBroker') return 503;
  return code === 'command.noAnswer' ? 504 : 409;
}
