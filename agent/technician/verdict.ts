import type { LineMeasurement } from '../../hal/board.ts';
import type { LineCheck, LineTest } from './types.ts';

/**
 * Where a line begins to be wrong. `fail` are the limits of GR-909-CORE (Telcordia, §2.2.10: hazardous potential, foreign
 * EMF, resistive faults, ringer) as line interfaces apply them. `warn` are Japan's, where they ask for more: 1 MΩ between
 * the wires of a terminal with its handset down, 15 mA through a closed loop of 300 Ω, 130 mA at most (端末設備等規則,
 * 事業用電気通信設備規則).
 */
export const LINE_LIMITS = {
  hazardousAcVrms: 50,
  hazardousDcV: 135,
  foreignAcVrms: 10,
  foreignDcV: 6,
  leakageFailKohm: 150,
  leakageWarnKohm: 1_000,
  renLeastHundredths: 17.5,
  renMostHundredths: 500,
  /** Above it, phones on a port together ring weakly. */
  renWarnHundredths: 300,
  loopLeastMa: 15,
  loopMostMa: 130,
} as const;

const OFF_HOOK_ADVICE = {
  code: 'E-LINE-205',
  say: 'Put the handset down, or unplug the phone if it lies on its hook, and test again.',
} as const;

/** Pure: what a measurement means, row by row. */
export function judgeLine(port: number, at: number, measured: LineMeasurement): LineTest {
  const checks = [board(measured), voltage(measured), leakage(measured), ringer(measured), loop(measured)];
  const verdicts = checks.map((check) => check.verdict);
  const verdict = verdicts.includes('FAIL') ? 'FAIL' : verdicts.includes('WARN') ? 'WARN' : 'OK';
  return { port, at, checks, verdict, measured };
}

function board(measured: LineMeasurement): LineCheck {
  if (!measured.skipped.includes('call in progress')) {
    return { name: 'board', verdict: 'OK', say: 'the board answers and measures', advice: null };
  }
  return {
    name: 'board',
    verdict: 'WARN',
    say: 'the board measures nothing, because the line is in use',
    advice: { code: 'E-LINE-201', say: 'Wait until the line is free and test again.' },
  };
}

function voltage(measured: LineMeasurement): LineCheck {
  const { hazardousAcVrms, hazardousDcV, foreignAcVrms, foreignDcV } = measured;
  if (
    (hazardousAcVrms ?? 0) > LINE_LIMITS.hazardousAcVrms ||
    (hazardousDcV ?? 0) > LINE_LIMITS.hazardousDcV
  ) {
    return {
      name: 'voltage',
      verdict: 'FAIL',
      say: `DANGER: ${volts(hazardousAcVrms)} AC, ${volts(hazardousDcV)} DC from outside`,
      advice: {
        code: 'E-LINE-202',
        say: 'Do not touch the wires. Unplug the line at the box; mains or another supply reaches it.',
      },
    };
  }
  if (foreignAcVrms === null || foreignDcV === null) return skipped('voltage');
  if (foreignAcVrms > LINE_LIMITS.foreignAcVrms || foreignDcV > LINE_LIMITS.foreignDcV) {
    return {
      name: 'voltage',
      verdict: 'FAIL',
      say: `foreign voltage: ${volts(foreignAcVrms)} AC, ${volts(foreignDcV)} DC`,
      advice: {
        code: 'E-LINE-203',
        say: 'The wires touch another line: the wall socket may still be joined to the old telephone line. Separate them.',
      },
    };
  }
  const say = `none from outside (${volts(foreignAcVrms)} AC, ${volts(foreignDcV)} DC)`;
  return { name: 'voltage', verdict: 'OK', say, advice: null };
}

function leakage(measured: LineMeasurement): LineCheck {
  const kohm = measured.leakageKohm;
  if (kohm === null) return skipped('leakage');
  const value = kohm >= 1_000 ? `${(kohm / 1_000).toFixed(1)} Mohm` : `${Math.round(kohm)} kohm`;
  if (kohm >= LINE_LIMITS.leakageWarnKohm) {
    return { name: 'leakage', verdict: 'OK', say: `none to speak of (${value})`, advice: null };
  }
  const fails = kohm < LINE_LIMITS.leakageFailKohm;
  return {
    name: 'leakage',
    verdict: fails ? 'FAIL' : 'WARN',
    say: `${value} between the wires or to earth`,
    advice: {
      code: 'E-LINE-204',
      say: 'Moisture, a crushed cable or a bad socket. Unplug everything at the wall: if it stays, it is the cable.',
    },
  };
}

function ringer(measured: LineMeasurement): LineCheck {
  const ren = measured.renHundredths;
  if (ren === null) return skipped('ringer');
  const value = `REN ${(ren / 100).toFixed(2)}`;
  if (ren < LINE_LIMITS.renLeastHundredths) {
    return {
      name: 'ringer',
      verdict: 'FAIL',
      say: `no phone found (${value})`,
      advice: {
        code: 'E-LINE-207',
        say: 'No phone at the end of the wire. Is the plug all the way in? Try another phone, then another port.',
      },
    };
  }
  if (ren <= LINE_LIMITS.renWarnHundredths)
    return { name: 'ringer', verdict: 'OK', say: value, advice: null };
  return {
    name: 'ringer',
    verdict: ren > LINE_LIMITS.renMostHundredths ? 'FAIL' : 'WARN',
    say: `${value}: many phones on one port`,
    advice: {
      code: 'E-LINE-208',
      say: 'Take phones off this port: they ring weakly or not at all together.',
    },
  };
}

function loop(measured: LineMeasurement): LineCheck {
  const ma = measured.loopCurrentMa;
  if (!measured.receiverOffHook) {
    if (ma === null) return skipped('loop');
    return { name: 'loop', verdict: 'OK', say: 'handset down, no current', advice: null };
  }
  if (ma === null) {
    return { name: 'loop', verdict: 'WARN', say: 'the handset is off its hook', advice: OFF_HOOK_ADVICE };
  }
  const value = `${ma.toFixed(1)} mA`;
  if (ma < LINE_LIMITS.loopLeastMa) {
    return {
      name: 'loop',
      verdict: 'FAIL',
      say: `${value} is too little for a phone`,
      advice: {
        code: 'E-LINE-206',
        say: 'The line is too long or a joint is bad: shorten it or make it anew.',
      },
    };
  }
  if (ma > LINE_LIMITS.loopMostMa) {
    return {
      name: 'loop',
      verdict: 'FAIL',
      say: `${value} is too much: a short circuit`,
      advice: {
        code: 'E-LINE-209',
        say: 'The two wires touch. Look at plugs and sockets, then at the cable.',
      },
    };
  }
  return {
    name: 'loop',
    verdict: 'WARN',
    say: `${value}: the loop is closed, so leakage and ringer were left out`,
    advice: OFF_HOOK_ADVICE,
  };
}

function skipped(name: LineCheck['name']): LineCheck {
  return { name, verdict: '--', say: 'not measured', advice: null };
}

function volts(value: number | null): string {
  return value === null ? '?' : `${value.toFixed(1)} V`;
}
