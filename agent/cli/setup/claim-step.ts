import { ENROL_PORT, SERVICE_NAME } from '../../../lib/contract/enrolment.ts';
import { serialNumberOf } from '../../enrol/index.ts';
import type { ClaimAnswer } from '../../local-api/index.ts';
import type { AgentStatus } from '../../status.ts';
import { failed, good, type SetupStep, type StepResult } from './step.ts';
import type { SetupWorld } from './world.ts';

/** A box takes its identity up at once; a program that ended is started again by the launcher after up to 30 s, by systemd after one. */
const AGENT_LIMIT_MS = 90_000;
const TRIES = 5;
/** The service and the slow digest of its authority take their time. */
const CLAIM_LIMIT_MS = 60_000;

/** The box gets its identity by the code that stands on the order. */
export const claimStep: SetupStep = {
  name: 'claim',
  about: 'Claims the box for its contract: asks for the code on the order, and gets a certificate for it.',
  async run(world) {
    const before = await world.get<AgentStatus>('/v1/status');
    const identity = before.ok ? before.value.identity : undefined;
    if (before.ok && identity?.at === 'claimed') {
      return good(
        `claimed already: ${before.value.gateway}, ${before.value.office ?? 'no configuration yet'}`,
      );
    }
    const service = serviceOf(world.options.service ?? SERVICE_NAME);
    if (service === undefined) {
      return failed('the address of the service is no HOST or HOST:PORT', 'Say it with --service HOST:PORT.');
    }
    const serial =
      world.options.serial ??
      identity?.serialNumber ??
      serialNumberOf() ??
      (await world.ask('Serial number, as on the label', undefined));
    if (serial === undefined || !/^[A-Za-z0-9._-]{1,64}$/.test(serial)) {
      return failed(
        'the serial number of the box is not known',
        'Say it with --serial, as it stands on the label.',
      );
    }
    return enrol(world, service, serial, before.ok ? claimByAgent : claimHere);
  },
};

interface ClaimWish {
  readonly service: { readonly host: string; readonly port: number };
  readonly code: string;
  readonly serialNumber: string;
}
type Claim = (
  world: SetupWorld,
  wish: ClaimWish,
) => Promise<{ readonly gateway: string } | { readonly reason: string; readonly say: string }>;

/** The agent has the keys; a technician need not be able to touch them. */
const claimByAgent: Claim = async (world, wish) => {
  const answer = await world.post<ClaimAnswer>('/v1/identity/claim', wish, CLAIM_LIMIT_MS);
  if (answer.ok) return answer.value.claim;
  const { code, refusal, say } = answer.error;
  return { reason: refusal ?? code, say: say.replace(/^The agent refuses: /, '') };
};

/** Where no agent runs, from here; it finds the enrolment when it starts. */
const claimHere: Claim = async (world, wish) => {
  const claimed = await world.claim({ folder: world.paths.agentFolder, ...wish });
  return claimed.ok ? claimed.value : { reason: claimed.error.code, say: claimed.error.say };
};

async function enrol(
  world: SetupWorld,
  service: { readonly host: string; readonly port: number },
  serialNumber: string,
  claim: Claim,
): Promise<StepResult> {
  let code = world.options.code;
  for (let tries = 0; tries < TRIES; tries++) {
    code ??= await world.ask('Claim code', undefined);
    if (code === undefined) {
      return failed(
        'no claim code',
        'It stands on the order; the operator prints a new one. Say it with --code.',
      );
    }
    world.row('--', 'claim', `asking ${service.host} port ${service.port}, some seconds`);
    const claimed = await claim(world, { service, code, serialNumber });
    if ('gateway' in claimed) return agentComes(world, claimed.gateway);
    const { reason, say } = claimed;
    world.row('FAIL', 'claim', `${say} (${reason})`);
    code = undefined;
    if (!world.interactive) return failed(`${say} (${reason})`, ...remedies(reason));
    for (const remedy of remedies(reason)) world.row('', '', remedy);
  }
  return failed(`no claim in ${TRIES} tries`, 'Ask the operator for a new code.');
}

/** The agent was waiting for its enrolment; one that did not run is started again by whoever runs it. */
async function agentComes(world: SetupWorld, gateway: string): Promise<StepResult> {
  world.row('OK', 'claim', `this box is ${gateway}; the agent starts`);
  const up = await world.until(async () => {
    const status = await world.get<AgentStatus>('/v1/status');
    return status.ok && status.value.identity.at === 'claimed' ? status.value : undefined;
  }, AGENT_LIMIT_MS);
  if (typeof up === 'object' && 'found' in up) return good(`claimed as ${gateway}`);
  return failed(
    `claimed as ${gateway}, and the agent does not start`,
    'Start the box again; then engawa setup goes on here. What is wrong: engawa doctor',
  );
}

function remedies(reason: string): readonly string[] {
  switch (reason) {
    case 'claim.code':
      return ['Type it again, with or without its dashes; 0 and O, 1 and I are the same.'];
    case 'claim.used':
    case 'claim.expired':
    case 'claim.unknown':
      return ['Ask the operator for a new code: engawa-cloud claim CONTRACT.'];
    case 'claim.tooFast':
      return ['Wait a minute, then try again.'];
    case 'claim.away':
      return ['Check cable, address and the firewall (outbound TCP 8884); engawa netcheck says more.'];
    case 'claim.store':
      return ['Run the command as the user of the agent, or with sudo.'];
    default:
      return ['Try again; if it stays, tell support the words in brackets.'];
  }
}

function serviceOf(text: string): { readonly host: string; readonly port: number } | undefined {
  const found = /^([A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:]{2,45}\])(?::([0-9]{1,5}))?$/.exec(text);
  if (found === null) return undefined;
  const port = found[2] === undefined ? ENROL_PORT : Number(found[2]);
  const host = (found[1] ?? '').replace(/[[\]]/g, '');
  return port >= 1 && port <= 65_535 ? { host, port } : undefined;
}
