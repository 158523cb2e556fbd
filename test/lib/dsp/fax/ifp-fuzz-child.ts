/**
 * Throws IFP packets of every badness at gateways, terminals and machines, in a process of its own: when native code
 * falls over, this process is what dies. Arguments: folder, seed, rounds. Prints how many packets were fed and taken.
 */
import { join } from 'node:path';
import { seededRandom } from '../../../../lib/base/random.ts';
import { FaxMachine } from '../../../../lib/dsp/fax/fax-machine.ts';
import { isIfp } from '../../../../lib/dsp/fax/ifp.ts';
import { writePages } from '../../../../lib/dsp/fax/page-file.ts';
import { T38Gateway } from '../../../../lib/dsp/fax/t38-gateway.ts';
import { T38Terminal } from '../../../../lib/dsp/fax/t38-terminal.ts';
import { drawTestPage } from '../../../../lib/dsp/fax/test-page.ts';
import { must } from '../../../support/fax-trial.ts';
import { anyIfp, spoilt } from './odd-ifp.ts';

const [folder = '.', seedText = '1', roundsText = '4'] = process.argv.slice(2);
const random = seededRandom(Number(seedText));
const pick = <Value>(...values: readonly Value[]): Value =>
  values[Math.floor(random.fraction() * values.length)] as Value;
const chance = (share: number): boolean => random.fraction() < share;

const page = join(folder, 'page.tif');
must(writePages(page, [drawTestPage('letter', 'standard', 1)]));

let fed = 0;
let taken = 0;

/** Nothing but strange packets. */
function strangers(): void {
  const version = pick(0, 1, 3) as 0 | 1 | 3;
  const gateway = openGateway(version, () => undefined);
  const terminal = openTerminal(version, chance(0.5), () => undefined);
  const machine = openMachine(chance(0.5));
  const samples = new Int16Array(160);
  let sequence = 0;
  for (let tick = 0; tick < 1_200; tick += 1) {
    for (let packets = Math.floor(random.fraction() * 4); packets > 0; packets -= 1) {
      const ifp = anyIfp(random, version);
      sequence = chance(0.02)
        ? Math.floor(random.fraction() * 65_536)
        : (sequence + pick(0, 1, 1, 1, 1, 4)) & 0xffff;
      count(ifp, version);
      gateway.receiveIfp(ifp, sequence);
      terminal.receiveIfp(ifp, sequence);
    }
    machine.transmit(samples);
    gateway.hear(samples);
    gateway.speak(samples);
    machine.receive(samples);
    terminal.tick(160);
    if (chance(0.001)) gateway.sendIndicator(pick('cng', 'ced', 'noSignal'));
  }
  for (const one of [gateway, terminal, machine]) one.close();
}

/** A real fax between a gateway and a terminal, some packets of which are spoilt on the way: the deep states are met. */
function spoiltFax(): void {
  const version = pick(0, 1, 3) as 0 | 1 | 3;
  const share = pick(0.001, 0.01, 0.05);
  const underWay: (() => void)[] = [];
  const carry = (to: (ifp: Uint8Array, sequence: number) => void): ((ifp: Uint8Array) => void) => {
    let sequence = 0;
    return (whole) => {
      const ifp = chance(share) ? spoilt(random, whole, version) : whole;
      count(ifp, version);
      const at = sequence++ & 0xffff;
      underWay.push(() => to(ifp, at));
      if (chance(share)) underWay.push(() => to(anyIfp(random, version), sequence++ & 0xffff));
    };
  };
  const terminal = openTerminal(
    version,
    chance(0.5),
    carry((ifp, sequence) => gateway.receiveIfp(ifp, sequence)),
  );
  const gateway = openGateway(
    version,
    carry((ifp, sequence) => terminal.receiveIfp(ifp, sequence)),
  );
  const machine = openMachine(chance(0.5));
  const samples = new Int16Array(160);
  for (let tick = 0; tick < 3_000 && (machine.end === null || terminal.end === null); tick += 1) {
    for (const deliver of underWay.splice(0)) deliver();
    machine.transmit(samples);
    gateway.hear(samples);
    gateway.speak(samples);
    machine.receive(samples);
    terminal.tick(160);
  }
  for (const one of [gateway, terminal, machine]) one.close();
}

function count(ifp: Uint8Array, version: 0 | 1 | 3): void {
  fed += 1;
  if (isIfp(ifp, version)) taken += 1;
}

function openGateway(version: 0 | 1 | 3, onIfp: (ifp: Uint8Array) => void): T38Gateway {
  const onControlFrame = (): void => undefined;
  return must(
    T38Gateway.open({
      version,
      ecm: chance(0.5),
      modems: pick('v17', 'v29', 'v27ter'),
      onIfp,
      onControlFrame,
    }),
  );
}

function openTerminal(version: 0 | 1 | 3, sends: boolean, onIfp: (ifp: Uint8Array) => void): T38Terminal {
  return must(
    T38Terminal.open({ ...options(sends), version, onIfp, receiveFile: join(folder, 'terminal.tif') }),
  );
}

function openMachine(sends: boolean): FaxMachine {
  return must(FaxMachine.open({ ...options(sends), receiveFile: join(folder, 'machine.tif') }));
}

function options(sends: boolean) {
  const onEnd = (): void => undefined;
  return {
    calling: chance(0.5),
    ident: '1',
    ecm: chance(0.5),
    modems: 'v17',
    ...(sends ? { sendFile: page } : {}),
    onEnd,
  } as const;
}

for (let round = 0; round < Number(roundsText); round += 1) {
  strangers();
  for (let fax = 0; fax < 4; fax += 1) spoiltFax();
}
process.stdout.write(`${fed} fed, ${taken} taken\n`);
