import type { OutgoingCase } from './outgoing-case.ts';
import { CAUSE } from './steps.ts';
import type { Decision } from './types.ts';

/** What a customer is told about the number that the far end sees on calls in mobile mode: done by others, out of reach. */
export const mobileModeNotes: readonly { readonly fact: string; readonly say: string }[] = [
  { fact: 'S3-018', say: "the callee's display may show a forwarding number, by model and carrier" },
  { fact: 'S3-019', say: 'a carrier abroad may show the handset number or none' },
  { fact: 'S3-021', say: 'a wrong pair of 050 and handset number shows another number than IP mode' },
];

/** Whether the device may call in the mode that it asks for. [S3-014] [S3-020] [S3-046] [S3-048] */
export function wrongMode(one: OutgoingCase): Decision | undefined {
  const { trace, mode, rules, manner, id, contract } = one;
  if (mode === 'ip') {
    if (manner.client?.os === 'featurePhone') {
      return refuse(one, 'out.mode.featurePhone', ['S3-046'], 'a feature phone calls in mobile mode only');
    }
    if (manner.abroad === true) {
      trace.note(
        'out.mode.abroad',
        ['S3-039', 'S3-040'],
        'called from abroad over the internet: the tariff is that of Japan',
      );
    }
    return undefined;
  }
  if (!rules.modes.includes('mobile')) {
    return refuse(one, 'out.mode.none', ['S3-012'], 'this service has no mobile mode');
  }
  if (contract.mobileMode !== true) {
    return refuse(one, 'out.mode.notContracted', ['S3-027', 'S3-029'], `${contract.id} has no mobile mode`);
  }
  if (manner.client?.os === 'pc')
    return refuse(one, 'out.mode.pc', ['S3-020'], 'a PC cannot call in mobile mode');
  if (manner.abroad === true) {
    return refuse(
      one,
      'out.mode.abroad',
      ['S3-014', 'S3-038'],
      'mobile mode cannot be used abroad; call in IP mode',
    );
  }
  if ((id.features?.handset ?? null) === null) {
    return refuse(one, 'out.mode.noHandset', ['S3-048'], 'mobile mode needs a handset with a voice number');
  }
  trace.note(
    'out.mode.mobile',
    mobileModeNotes.map(({ fact }) => fact),
    () => {
      return `in mobile mode over ${id.features?.handset}: ${mobileModeNotes.map(({ say }) => say).join('; ')}`;
    },
  );
  return undefined;
}

function refuse({ trace, id }: OutgoingCase, rule: string, facts: readonly string[], say: string): Decision {
  return trace.reject(rule, facts, 403, CAUSE.rejected, `${id.id}: ${say}`);
}
