import { ok, type Result } from '../../lib/base/errors.ts';
import { type Enrolment, LEAVE_PATH, type LeaveRequest, leaveAnswer } from '../../lib/contract/enrolment.ts';
import { askDeskFor } from './exchange.ts';

/**
 * Gives the box's identity back: the service revokes its certificates, so that nothing that is left of them anywhere opens a door.
 * Refusals as of `renew`. A service that is away is no reason to keep keys that shall go.
 */
export async function leave({ caPem, device, enrol, mqtt }: Enrolment): Promise<Result<void>> {
  const request: LeaveRequest = { v: 1, why: 'wiped' };
  const trust = { caPem, serverName: mqtt.serverName, device };
  const answer = await askDeskFor(leaveAnswer, enrol, LEAVE_PATH, request, trust);
  return answer.ok ? ok(undefined) : answer;
}
