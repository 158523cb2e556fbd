import type {
  DialogSnapshot,
  InviteFacts,
  ReinviteOutcome,
  Session,
  SessionEvent,
  SipReason,
} from '../api.ts';
import { parseNameAddr } from '../codec/name-addr.ts';
import { userOf } from '../codec/uri.ts';
import type { Peer, SessionCore } from './core.ts';
import { SessionEvents } from './events.ts';
import { factsOfParts } from './facts.ts';
import { InDialog } from './in-dialog.ts';

/** A confirmed call of a process that is gone, taken up again. */
export class AdoptedCall implements Session {
  /** Nobody knows any more who called; what follows is the same. */
  readonly direction = 'out';
  readonly invite: InviteFacts;
  readonly #events = new SessionEvents();
  readonly #dialog: InDialog;

  constructor(core: SessionCore, snapshot: DialogSnapshot) {
    const local = parseNameAddr(snapshot.localUri);
    const remote = parseNameAddr(snapshot.remoteUri);
    const { via, localSdp, remoteSdp, account, ...dialog } = snapshot;
    this.invite = factsOfParts(
      {
        callId: snapshot.callId,
        source: via,
        requestUri: snapshot.remoteTarget,
        from: local?.uri.text ?? '',
        display: local?.display ?? '',
        to: remote?.uri.text ?? '',
        sdp: remoteSdp,
      },
      [],
    );
    const peer: Peer =
      account === undefined
        ? { kind: 'address', address: via }
        : { kind: 'account', user: account, last: undefined };
    this.#dialog = new InDialog({
      core,
      dialog,
      peer,
      events: this.#events,
      localUser: local === undefined ? '' : userOf(local.uri),
      localSdp,
      remoteSdp,
      credentials: undefined,
      bye: (reason) => this.#events.emit({ type: 'ended', by: 'peer', reason }),
      gone: () => core.released(this),
    });
  }

  start(): void {
    this.#dialog.start();
  }

  listen(listener: (event: SessionEvent) => void): void {
    this.#events.listen(listener);
  }

  progress(): void {}

  answer(): void {}

  reject(): void {}

  reinvite(sdp: string, settled: (outcome: ReinviteOutcome) => void): void {
    this.#dialog.reinvite(sdp, settled);
  }

  hangUp(reason?: SipReason): void {
    this.#dialog.bye(reason);
  }

  snapshot(): DialogSnapshot | undefined {
    return this.#dialog.snapshot();
  }
}
