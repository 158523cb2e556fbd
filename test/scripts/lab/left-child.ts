import { spawnSync } from 'node:child_process';
import { createLan } from '../../../scripts/lab/lan.ts';
import { removeLeftSpaces, spacePrefix, spacesOf } from '../../../scripts/lab/spaces.ts';

/** `make`: makes a LAN with an end here and a program on it, and dies. `clear`: takes away what is left. */
const [verb = '', pid = ''] = process.argv.slice(2);
if (verb === 'make') {
  const lan = createLan(['host'], { device: 'engawa0', cidr: '192.168.58.1/24' });
  lan.start('host', ['sleep', '647']);
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), 200);
} else {
  const before = spacesOf(spacePrefix(Number(pid)));
  const removed = removeLeftSpaces();
  const links = spawnSync('ip', ['-br', 'link'], { encoding: 'utf8' }).stdout;
  const after = spacesOf(spacePrefix(Number(pid)));
  process.stdout.write(`${JSON.stringify({ before, removed, after, links })}\n`);
}
