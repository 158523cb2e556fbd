import { dirname, join } from 'node:path';
import { addressOf, runSimulator } from '../foreign/index.ts';
import { Carrier } from './carrier.ts';
import { CarrierControlled } from './controlled.ts';

await runSimulator({
  name: 'carrier',
  usage:
    'usage: carrier --host IP --trunk HOST:PORT --control SOCKET [--port 5060] [--simulate-emergency] [--fax-folder FOLDER] [--log-level info]',
  options: {
    trunk: { type: 'string' },
    'simulate-emergency': { type: 'boolean', default: false },
    'fax-folder': { type: 'string' },
  },
  async make({ trunk, 'simulate-emergency': simulateEmergency, 'fax-folder': folder }, shell, usage) {
    if (trunk === undefined) return usage('--trunk is needed');
    const faxFolder = folder ?? join(dirname(shell.control), 'carrier-fax');
    const carrier = new Carrier({ ...shell, trunk: addressOf(trunk, usage), simulateEmergency, faxFolder });
    return { simulator: carrier, control: new CarrierControlled(carrier, shell.clock) };
  },
});
