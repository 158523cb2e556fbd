import { ownText } from '../codec/text.ts';
import type { ClientUser } from '../transaction/client.ts';
import type { Flow } from '../transport/flow.ts';
import type { SessionCore } from './core.ts';

/**
 * What is left of a call of ours when it is over. Its INVITE's transaction is kept for half a minute more (RFC 6026), and
 * would keep both dialogs and all that was ever said in them: a repeated 2xx needs its ACK again, that of another callee an
 * end of its own, and neither needs more than this.
 */
export function afterCall(
  core: Pick<SessionCore, 'endLate'>,
  remoteTag: string,
  flow: Flow,
  acknowledge: () => void,
): ClientUser {
  const tag = ownText(remoteTag);
  return {
    response: (response) => {
      if (response.status < 200 || response.status > 299) return;
      if (response.toTag === tag) acknowledge();
      else core.endLate(response, flow);
    },
    failed: () => undefined,
  };
}
