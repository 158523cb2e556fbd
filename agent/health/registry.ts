import type { Severity } from '../status.ts';
import { changeWarnings } from './change-warnings.ts';
import { lanWarnings } from './lan-warnings.ts';
import { phoneWarnings } from './phone-warnings.ts';
import { updateWarnings } from './update-warnings.ts';

/** One thing that can be wrong with the box, and what a technician does about it. */
export interface WarningKind {
  /** Stable, readable aloud, the same in CLI, log and cloud. */
  readonly code: string;
  /** What the code means whenever it appears, in a sentence. */
  readonly means: string;
  readonly severity: Severity;
  /** What to do, beginning with what costs least. */
  readonly remedy: string;
  /** The next command to run. */
  readonly command: string;
  /**
   * What the rooms, the board and the media process call the same thing: `raise` takes any of them, so that what comes
   * over the media socket is passed on as it is.
   */
  readonly aliases?: readonly string[];
  /** Raising one of these clears the warning: the good news of what only ever raises. */
  readonly endedBy?: readonly string[];
  /**
   * Whose calls suffer: every analog line, the one line or phone that the code names behind its slash, all lines and phones, the
   * desk phones. Absent: nobody's.
   */
  readonly hurts?: 'line' | 'lines' | 'phones' | 'all';
  /** Tells of a moment, not of a state: nobody clears it, it goes when it has not come again for so long. */
  readonly fadesAfterMs?: number;
}

/** Long enough that a technician who was called sees what happened. */
const FADES_AFTER_MS = 10 * 60_000;

/** Shown for a code that is not in {@link warningKinds}: a mistake of ours, never a reason to fall over. */
export const UNKNOWN_WARNING: WarningKind = {
  code: 'W-AGT-999',
  means: 'The agent reported something that it has no text for.',
  severity: 'warning',
  remedy: 'Send the output of "engawa doctor --json" to support.',
  command: 'engawa doctor --json',
};

/**
 * Every warning of the box. A code may be raised for one line by adding `/<port>` (`W-TRK-301/2`); the text after the
 * code is then about that line.
 */
export const warningKinds: readonly WarningKind[] = [
  {
    code: 'W-BRD-101',
    hurts: 'lines',
    aliases: ['board.absent'],
    means: 'No FXS board answers on the serial line, so no analog phone works.',
    severity: 'error',
    remedy: 'Check that the board is seated and powered, then restart the box.',
    command: 'engawa doctor',
  },
  {
    code: 'W-BRD-102',
    hurts: 'lines',
    aliases: ['board.silent'],
    means: 'The FXS board stopped answering in the middle of its work.',
    severity: 'error',
    remedy: 'Wait 10 s for its reset; if it stays silent, take the power away for 10 s.',
    command: 'engawa doctor',
  },
  {
    code: 'W-BRD-103',
    hurts: 'lines',
    aliases: ['board.garbage'],
    fadesAfterMs: FADES_AFTER_MS,
    means: 'The serial line carries bytes that are not the board protocol.',
    severity: 'warning',
    remedy: 'Check the cable between box and board and keep it away from mains; replace it if this stays.',
    command: 'engawa status',
  },
  {
    code: 'W-BRD-104',
    hurts: 'lines',
    aliases: ['board.restarted'],
    fadesAfterMs: FADES_AFTER_MS,
    means: 'The FXS board restarted by itself; calls on analog phones ended.',
    severity: 'warning',
    remedy: 'If it happens again, check the power supply of the board.',
    command: 'engawa lines',
  },
  {
    code: 'W-BRD-105',
    hurts: 'lines',
    aliases: ['board.protocol'],
    means: 'The FXS board speaks a protocol version that this agent does not know.',
    severity: 'error',
    remedy: 'Update the firmware of the board or the software of the box, whichever is older.',
    command: 'engawa status --json',
  },
  {
    code: 'W-BRD-106',
    hurts: 'lines',
    aliases: ['board.closed'],
    means: 'The serial device of the FXS board was closed or cannot be opened.',
    severity: 'error',
    remedy: 'Check that the device exists and that nothing else uses it.',
    command: 'engawa doctor',
  },
  {
    code: 'W-BRD-107',
    hurts: 'lines',
    aliases: ['board.badMessage'],
    fadesAfterMs: FADES_AFTER_MS,
    means: 'The FXS board sent a message that the agent cannot read.',
    severity: 'warning',
    remedy: 'If calls work, nothing; if it happens often, update the firmware of the board.',
    command: 'engawa status --json',
  },
  {
    code: 'W-BRD-108',
    hurts: 'lines',
    aliases: ['board.refused'],
    fadesAfterMs: FADES_AFTER_MS,
    means: 'The FXS board refused a command.',
    severity: 'warning',
    remedy: 'If the line works, nothing; otherwise unplug its phone and try with another one.',
    command: 'engawa lines',
  },
  {
    code: 'W-BRD-109',
    hurts: 'lines',
    aliases: ['board.queueFull'],
    fadesAfterMs: FADES_AFTER_MS,
    means: 'Commands for the FXS board were dropped because it took them too slowly.',
    severity: 'warning',
    remedy: 'Check the cable between box and board; if this stays, restart the box.',
    command: 'engawa status',
  },
  {
    code: 'W-BRD-110',
    hurts: 'lines',
    aliases: ['board.baud'],
    fadesAfterMs: FADES_AFTER_MS,
    means: 'The serial line of the FXS board cannot run at its speed.',
    severity: 'warning',
    remedy: 'Check the cable between box and board; a slower line carries fewer calls.',
    command: 'engawa status',
  },
  {
    code: 'W-BRD-111',
    hurts: 'lines',
    aliases: ['board.power', 'board.powerFail'],
    endedBy: ['board.powerGood'],
    fadesAfterMs: FADES_AFTER_MS,
    means: 'The FXS board says that its supply has failed.',
    severity: 'error',
    remedy: 'Check the power adapter of the board and its plug.',
    command: 'engawa lines',
  },
  {
    code: 'W-BRD-112',
    hurts: 'lines',
    aliases: ['board.reset'],
    fadesAfterMs: FADES_AFTER_MS,
    means: 'The FXS board was silent and the box has reset it.',
    severity: 'warning',
    remedy: 'If it happens again, check its power supply; then replace the board.',
    command: 'engawa lines',
  },
  {
    code: 'W-BRD-113',
    hurts: 'lines',
    aliases: ['board.hearsBadly'],
    fadesAfterMs: FADES_AFTER_MS,
    means: 'The FXS board receives damaged frames from the box: calls on analog phones may crackle.',
    severity: 'warning',
    remedy: 'Check the cable between box and board and its ground; replace it if this stays.',
    command: 'engawa status',
  },
  {
    code: 'W-LIN-151',
    hurts: 'line',
    aliases: ['line.fault'],
    means: 'The board reports an electrical fault on a line.',
    severity: 'error',
    remedy:
      'Unplug the phone of that line; if the fault stays, check the wiring for a short or a foreign voltage.',
    command: 'engawa lines',
  },
  {
    code: 'W-LIN-152',
    hurts: 'line',
    aliases: ['line.noDisplay'],
    fadesAfterMs: FADES_AFTER_MS,
    means: 'A line is set to Number Display, and its board cannot reverse the line and play data.',
    severity: 'warning',
    remedy: 'Let the operator switch Number Display off for this line, or use a board that can.',
    command: 'engawa lines',
  },
  {
    code: 'W-MED-201',
    hurts: 'all',
    aliases: ['media.away'],
    means: 'The media process does not answer: calls keep their audio, but no new call can be made.',
    severity: 'error',
    remedy: 'It is started again by itself; if this stays for a minute, restart the box.',
    command: 'engawa doctor',
  },
  {
    code: 'W-MED-202',
    hurts: 'all',
    aliases: ['media.silent'],
    fadesAfterMs: FADES_AFTER_MS,
    means: 'No audio arrives from the far end of a call.',
    severity: 'warning',
    remedy: 'Check that the office router lets UDP out and back; call again.',
    command: 'engawa calls',
  },
  {
    code: 'W-MED-203',
    hurts: 'all',
    aliases: ['media.replaced'],
    fadesAfterMs: FADES_AFTER_MS,
    means: 'Another program took the media process away from the agent.',
    severity: 'warning',
    remedy: 'Run one agent on a box; stop the other one.',
    command: 'engawa doctor',
  },
  {
    code: 'W-TRK-301',
    hurts: 'line',
    aliases: ['trunk.notRegistered'],
    means: 'A line is not registered at the service: it can neither call out nor be called.',
    severity: 'error',
    remedy: 'Check the internet access of the office and that outbound TCP 5061 is allowed.',
    command: 'engawa doctor',
  },
  {
    code: 'W-TRK-302',
    hurts: 'line',
    aliases: ['trunk.refused'],
    means: 'The service refuses the SIP account of a line.',
    severity: 'error',
    remedy: 'Let the operator publish the configuration of this gateway again.',
    command: 'engawa config',
  },
  {
    code: 'W-TRK-303',
    hurts: 'line',
    aliases: ['trunk.oneOfTwo'],
    means:
      'A line is registered at one of its two trunks only: calls work, and there is no way to fall back on.',
    severity: 'warning',
    remedy:
      'Nothing to do when the other one comes back by itself; else check its address with the operator.',
    command: 'engawa trunk',
  },
  {
    code: 'W-CLD-401',
    aliases: ['cloud.away'],
    means: 'The box cannot reach the service: it works from its last configuration and keeps its records.',
    severity: 'warning',
    remedy: 'Check the internet access of the office and that outbound TCP 8883 is allowed.',
    command: 'engawa doctor',
  },
  {
    code: 'W-CLD-402',
    aliases: ['cloud.refused'],
    means: 'The service does not accept the certificate of this gateway: it was revoked or has ended.',
    severity: 'warning',
    remedy: 'Let the operator make a claim code for this gateway, then enrol it: engawa setup.',
    command: 'engawa doctor',
  },
  {
    code: 'W-CRT-403',
    aliases: ['cloud.certificate'],
    means: 'The certificate of the service cannot be trusted, or the clock of the box is wrong.',
    severity: 'warning',
    remedy: 'Check the clock of the box first; then let the operator enrol this gateway again.',
    command: 'engawa doctor',
  },
  {
    code: 'W-CLK-451',
    aliases: ['clock.unset'],
    means:
      'The box does not know the time: until it does, no certificate can be checked and no call goes outside.',
    severity: 'warning',
    remedy:
      'Check the internet access and that UDP 123 to a time server is allowed; phones call each other meanwhile.',
    command: 'engawa doctor',
  },
  {
    code: 'W-CRT-404',
    aliases: ['cloud.certificateEnds'],
    means:
      'The certificate of this box ends soon and could not be renewed: without it the service lets nobody in.',
    severity: 'warning',
    remedy: 'Check that outbound TCP 8884 is allowed; else let the operator make a claim code: engawa setup.',
    command: 'engawa doctor',
  },
  {
    code: 'W-ENR-411',
    hurts: 'all',
    aliases: ['box.unclaimed'],
    means: 'Nobody has claimed this box yet: its lines can be tested, and nobody can call.',
    severity: 'warning',
    remedy: 'Claim it with the code on its order.',
    command: 'engawa setup',
  },
  {
    code: 'W-ENR-412',
    hurts: 'all',
    aliases: ['box.damaged'],
    means:
      'The enrolment of this box is damaged or gone: it calls inside the office from its last configuration.',
    severity: 'error',
    remedy: 'Let the operator make a new claim code for the same gateway, then claim the box again.',
    command: 'engawa setup claim',
  },
  {
    code: 'W-CFG-501',
    aliases: ['config.rejected'],
    means: 'A configuration from the service was refused; the one before it still runs.',
    severity: 'warning',
    remedy: 'Tell support the code and the sentence; the service must publish a corrected one.',
    command: 'engawa config',
  },
  {
    code: 'W-CFG-502',
    hurts: 'all',
    aliases: ['config.none'],
    means: 'The box has no configuration yet and does not know its lines.',
    severity: 'error',
    remedy: 'Check that the box reaches the service; the configuration comes by itself.',
    command: 'engawa doctor',
  },
  {
    code: 'W-CFG-503',
    aliases: ['config.damaged'],
    means: 'The last good configuration on disk was damaged; the one before it is used.',
    severity: 'warning',
    remedy: 'Nothing to do once the service has been reached; if it happens again, replace the disk.',
    command: 'engawa config',
  },
  {
    code: 'W-CFG-504',
    aliases: ['config.rolledBack'],
    means: 'A configuration from the service ran and the box was worse for it; the one before it runs again.',
    severity: 'warning',
    remedy: 'The text names what was lost; the service must publish a corrected one. See what it changed.',
    command: 'engawa config --diff',
  },
  {
    code: 'W-DRL-551',
    aliases: ['drill.running'],
    means: 'An outage drill runs: the links to the service are cut on purpose for a while.',
    severity: 'info',
    remedy: 'Nothing: it ends by itself, and at once for an emergency call.',
    command: 'engawa drill',
  },
  {
    code: 'W-OUT-601',
    aliases: ['outbox.growing'],
    means: 'Call records wait on the box and are not taken by the service.',
    severity: 'warning',
    remedy: 'Check the connection to the service; nothing is lost while there is room.',
    command: 'engawa status',
  },
  {
    code: 'W-OUT-602',
    hurts: 'all',
    aliases: ['outbox.full'],
    means:
      'The box has no room for the record of another call: no outside calls are begun but to emergency numbers.',
    severity: 'error',
    remedy:
      'Bring the connection to the service back, so that it takes the records, or free space on the disk; calls inside the office work.',
    command: 'engawa sync',
  },
  {
    code: 'W-OUT-603',
    aliases: ['outbox.noReserve'],
    means: 'The disk has no room to set aside for the call records of a long outage.',
    severity: 'warning',
    remedy: 'Free space on the disk or put in a larger one; calls work, and no record is missing yet.',
    command: 'engawa doctor',
  },
  {
    code: 'W-STO-701',
    aliases: ['store.damaged'],
    means: 'The store of the agent was damaged and was moved aside; a fresh one was begun.',
    severity: 'warning',
    remedy: 'Send the file that was moved aside to support: unsent call records may be in it.',
    command: 'engawa doctor',
  },
  {
    code: 'W-STO-702',
    aliases: ['store.write'],
    means: 'The agent cannot write to its disk: calls work, but their records may be lost.',
    severity: 'error',
    remedy: 'Free space on the disk or replace it.',
    command: 'engawa doctor',
  },
  ...changeWarnings,
  {
    code: 'W-STO-703',
    aliases: ['store.memory'],
    means:
      'The disk takes no store: the agent works from memory, and call records are lost at its next restart.',
    severity: 'error',
    remedy: 'Free space on the disk or replace it, then restart the box at a quiet time.',
    command: 'engawa doctor',
  },
  ...lanWarnings,
  ...phoneWarnings,
  ...updateWarnings,
];

const byName = new Map<string, WarningKind>(
  warningKinds.flatMap((kind) => [kind.code, ...(kind.aliases ?? [])].map((name) => [name, kind] as const)),
);
const byEnd = new Map<string, WarningKind>(
  warningKinds.flatMap((kind) => (kind.endedBy ?? []).map((name) => [name, kind] as const)),
);

/** What a raised name stands for. */
export interface ResolvedWarning {
  readonly kind: WarningKind;
  /** The code with its port, if it has one. */
  readonly code: string;
  /** True when the name is the good news that ends the warning. */
  readonly ends: boolean;
}

/** Splits `W-TRK-301/2` or `trunk.notRegistered/2` into its kind and the port. */
export function resolveWarning(raised: string): ResolvedWarning {
  const cut = raised.indexOf('/');
  const name = cut < 0 ? raised : raised.slice(0, cut);
  const about = cut < 0 ? '' : raised.slice(cut);
  const ended = byEnd.get(name);
  const kind = byName.get(name) ?? ended;
  if (kind === undefined) {
    return { kind: UNKNOWN_WARNING, code: `${UNKNOWN_WARNING.code}/${raised.slice(0, 40)}`, ends: false };
  }
  return { kind, code: `${kind.code}${about}`, ends: ended !== undefined };
}
