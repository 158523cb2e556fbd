import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DeskLan } from './desk-lan.ts';
import { requestJson } from './http-over-unix.ts';
import type { Layout } from './layout.ts';

const CONTRACT = 'c-000001';
const GATEWAY = 'gw-000001';
const LEASE_S = 600;

/** Gives orders to the operator, as the operator's API takes them. */
export function giveOrders(layout: Layout, orders: readonly object[]): Promise<unknown> {
  const at = new Date().toISOString();
  // The moment makes each of them a new one: the same order may come again.
  const file = { v: 1, contract: CONTRACT, orders: orders.map((order) => ({ at, order })) };
  return requestJson(layout.sockets.cloud, 'POST', `/contracts/${CONTRACT}/orders`, file);
}

/** Has the box give the addresses of the office's LAN: nobody else does, as the launcher has made it. Once for each range. */
export async function orderDhcp(layout: Layout, { net }: DeskLan): Promise<void> {
  const file = join(layout.state, 'lan-ordered');
  if (existsSync(file) && readFileSync(file, 'utf8').trim() === net) return;
  const pool = { first: `${net}.100`, last: `${net}.199` };
  const dhcp = { mode: 'serve', confirmedBy: 'scripts/start', pool, leaseS: LEASE_S };
  await giveOrders(layout, [{ kind: 'changeLan', gateway: GATEWAY, dhcp }]);
  writeFileSync(file, `${net}\n`);
}
