import { unreachable } from '../../lib/base/errors.ts';
import { FRAME } from './frame.ts';
import { LinkDraft } from './link-draft.ts';
import { encodeAck, encodeCredit, encodeHeartbeat } from './link-messages.ts';
import { receiveFrame } from './link-receive.ts';
import {
  CONTROL_RESERVE_BYTES,
  HEARTBEAT_MS,
  type LinkInput,
  type LinkState,
  type LinkStep,
  QUEUE_FRAMES,
  RETRANSMIT_LIMIT,
  RETRANSMIT_MS,
  SILENCE_MS,
} from './link-state.ts';
import { nextSequence, sequenceDistance } from './serial-number.ts';

/**
 * One end of the link after HELLO, as a pure function. Both the driver and the simulated board run it. A lost link
 * takes no input any more: start a new one.
 */
export function stepLink(state: LinkState, input: LinkInput, nowMs: number): LinkStep {
  if (state.lost) return { state, effects: [] };
  const draft = new LinkDraft(state, nowMs);
  switch (input.type) {
    case 'frame':
      receiveFrame(draft, input.frame, input.wireBytes);
      break;
    case 'bad':
      if (input.fault === 'crc') draft.count('crcErrors');
      else draft.count(input.fault === 'oversize' ? 'oversize' : 'framingErrors');
      break;
    case 'control':
      if (draft.state.waiting.length >= QUEUE_FRAMES) {
        draft.count('controlDroppedQueueFull');
        draft.effects.push({ do: 'refuseQueueFull', message: input.message });
      } else {
        draft.set({ waiting: [...draft.state.waiting, input.message] });
        draft.sendWaiting();
      }
      break;
    case 'audio':
      sendAudio(draft, input.payload, input.tick);
      break;
    case 'audioRefused':
      draft.count('audioDroppedForCredit');
      draft.set({ nextAudioSeq: nextSequence(draft.state.nextAudioSeq) });
      break;
    case 'flush':
      flush(draft, input.tick);
      break;
    case 'timer':
      onTimer(draft, input.tick);
      break;
    default:
      return unreachable(input);
  }
  return draft.finish();
}

/** When the machine wants its next `timer` input. */
export function linkDeadlineMs(state: LinkState): number {
  if (state.lost) return Number.POSITIVE_INFINITY;
  let deadline = Math.min(state.heartbeatAtMs, state.heardAtMs + SILENCE_MS);
  for (const frame of state.unacked) {
    if (!frame.early) deadline = Math.min(deadline, frame.sentAtMs + RETRANSMIT_MS);
  }
  return deadline;
}

/** Dropped audio still takes a number, so that the other end knows that 10 ms are missing. */
function sendAudio(draft: LinkDraft, payload: Uint8Array, tick: number): void {
  const seq = draft.state.nextAudioSeq;
  draft.set({ nextAudioSeq: nextSequence(seq) });
  const sent = draft.send(
    { type: FRAME.audio, channel: 0, flags: 0, seq, tick, payload },
    CONTROL_RESERVE_BYTES,
  );
  if (!sent) draft.count('audioDroppedForCredit');
}

function flush(draft: LinkDraft, tick: number): void {
  const { credit, receiveBytes } = draft.state;
  if (credit.receivedBytes - credit.advertisedBytes >= receiveBytes / 4) {
    const payload = encodeCredit({ receivedBytes: credit.receivedBytes, freeBytes: receiveBytes });
    draft.advertised();
    draft.sendAlways({ type: FRAME.credit, channel: 0, flags: 0, seq: 0, tick, payload });
  }
  // With early frames held, the ACK must name them, or all of them would be sent again.
  if (draft.state.ackOwed || draft.state.early.length > 0) sendAck(draft, tick);
}

function sendAck(draft: LinkDraft, tick: number): void {
  const { expectedSeq, early } = draft.state;
  const bits = early.reduce((word, frame) => word | (1 << (sequenceDistance(expectedSeq, frame.seq) - 1)), 0);
  draft.sendAlways({ type: FRAME.ack, channel: 0, flags: 0, seq: 0, tick, payload: encodeAck(bits) });
}

function onTimer(draft: LinkDraft, tick: number): void {
  const { state, nowMs } = draft;
  if (nowMs - state.heardAtMs >= SILENCE_MS) {
    draft.lose('silent');
    return;
  }
  for (const frame of state.unacked) {
    if (frame.early || nowMs - frame.sentAtMs < RETRANSMIT_MS) continue;
    if (frame.retries >= RETRANSMIT_LIMIT) {
      draft.lose('unacknowledged');
      return;
    }
    draft.resend(frame);
  }
  if (nowMs >= state.heartbeatAtMs) sendHeartbeat(draft, tick);
}

function sendHeartbeat(draft: LinkDraft, tick: number): void {
  const { credit, counters, receiveBytes, startedAtMs } = draft.state;
  const payload = encodeHeartbeat({
    receivedBytes: credit.receivedBytes,
    freeBytes: receiveBytes,
    sentBytes: credit.sentBytes,
    uptimeMs: draft.nowMs - startedAtMs,
    crcErrors: counters.crcErrors,
    framingErrors: counters.framingErrors,
    overruns: counters.oversize,
    retransmits: counters.controlRetransmits,
    audioGaps: counters.audioGaps,
  });
  draft.set({ heartbeatAtMs: draft.nowMs + HEARTBEAT_MS });
  draft.advertised();
  draft.sendAlways({ type: FRAME.heartbeat, channel: 0, flags: 0, seq: 0, tick, payload });
}
