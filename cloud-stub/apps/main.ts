import { readFile } from 'node:fs/promises';
import { addressOf, runSimulator } from '../foreign/index.ts';
import { App } from './app.ts';
import { AppControlled } from './controlled.ts';

await runSimulator({
  name: 'app',
  usage:
    'usage: app --host IP --cloud HOST:PORT --user ID --password-file FILE --control SOCKET [--transport udp|tcp] [--port 5060] [--domain engawa.example] [--log-level info]',
  options: {
    cloud: { type: 'string' },
    user: { type: 'string' },
    'password-file': { type: 'string' },
    transport: { type: 'string', default: 'udp' },
    domain: { type: 'string', default: 'engawa.example' },
  },
  async make({ cloud, user, transport, domain, 'password-file': file }, shell, usage) {
    if (cloud === undefined || user === undefined || file === undefined) {
      return usage('--cloud, --user and --password-file are needed');
    }
    if (transport !== 'udp' && transport !== 'tcp') return usage(`"${transport}" is neither udp nor tcp`);
    const password = await readFile(file, 'utf8').catch((error: Error) =>
      usage(`the password cannot be read (${error.message})`),
    );
    const app = new App({
      ...shell,
      transport,
      cloud: addressOf(cloud, usage),
      domain,
      user,
      password: password.trim(),
    });
    return { simulator: app, control: new AppControlled(app) };
  },
});
