import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppControl } from '../../cloud-stub/apps/index.ts';
import type { Layout } from '../../scripts/launch/layout.ts';
import { pause } from './office-process.ts';

/** The service's simulated app, in the network of an office that runs. */
export class OfficeApp {
  readonly control: AppControl;
  readonly #child: ChildProcess;

  private constructor(control: AppControl, child: ChildProcess) {
    this.control = control;
    this.#child = child;
  }

  /** Registers as an ID of the contract; `pid` is a process in the office's network. */
  static async start(layout: Layout, pid: number, contract: string, id: string): Promise<OfficeApp> {
    const inside = ['-t', String(pid), '-n', process.execPath, '--import', 'tsx'];
    const password = join(layout.state, `${id}.password`);
    const database = new URL(`postgres://engawa@${layout.hosts.database}:${layout.databasePort}/engawa`);
    database.password = readFileSync(join(layout.cloud, 'database-password'), 'utf8').trim();
    const asked = [database.href, join(layout.cloud, 'vault.key'), contract, id];
    const told = spawnSync(
      'nsenter',
      [...inside, join(layout.root, 'test/support/app-password-child.ts'), ...asked],
      { cwd: layout.root, encoding: 'utf8', timeout: 20_000 },
    );
    if (told.stdout === '') throw new Error(`no password of ${id}: ${told.stderr}`);
    writeFileSync(password, told.stdout, { mode: 0o600 });
    const socket = join(layout.run, `${id}.sock`);
    const child = spawn(
      'nsenter',
      [
        ...[...inside, join(layout.root, 'cloud-stub/apps/main.ts'), '--follow-stdin'],
        ...['--host', layout.hosts.carrier.replace(/\d+$/, '41'), '--cloud', `${layout.hosts.cloud}:5062`],
        ...['--user', id, '--password-file', password, '--control', socket],
      ],
      { cwd: layout.root, stdio: ['pipe', 'pipe', 'inherit'] },
    );
    let said = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    for (let tries = 0; tries < 200 && !said.includes('"ready"'); tries++) await pause(100);
    if (!said.includes('"ready"')) throw new Error(`the app does not run: ${said}`);
    return new OfficeApp(await AppControl.connect(socket), child);
  }

  end(): void {
    this.control.close();
    this.#child.stdin?.end();
  }
}
