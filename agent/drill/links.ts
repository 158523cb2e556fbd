import type { MakeSockets } from '../../lib/voice/sip/core.ts';
import type { Flow } from '../../lib/voice/sip/transport/flow.ts';
import type { SyncOptions } from '../sync/index.ts';

type OpenWire = NonNullable<SyncOptions['openWire']>;

const SAY = 'The link is cut for a drill.';

/** A way that can be broken from here. */
interface Breakable {
  close(say: string): void;
}

/**
 * The two links to the service, with a knife in them: while they are cut nothing leaves and nothing arrives, and whoever uses them is
 * told what a broken cable tells. It is only in memory: a process that ends leaves nothing cut.
 */
export class Links {
  #isCut = false;
  readonly #flows = new Set<Flow>();
  readonly #wires = new Set<() => void>();

  get isCut(): boolean {
    return this.#isCut;
  }

  cut(): void {
    if (this.#isCut) return;
    this.#isCut = true;
    for (const flow of [...this.#flows]) if (isBreakable(flow)) flow.close(SAY);
    this.#flows.clear();
    for (const end of [...this.#wires]) end();
  }

  mend(): void {
    this.#isCut = false;
  }

  /** The sockets of the trunk. */
  sockets(make: MakeSockets): MakeSockets {
    return (options, counters, message, idle) => {
      const inner = make(
        options,
        counters,
        (bytes, flow) => {
          if (!this.#isCut) message(bytes, flow);
        },
        idle,
      );
      return {
        start: () => inner.start(),
        stop: () => inner.stop(),
        expectServerName: (address, name) => inner.expectServerName(address, name),
        distrust: (flow) => inner.distrust?.(flow),
        flowTo: (address) => {
          if (this.#isCut) return undefined;
          const flow = inner.flowTo(address);
          if (flow !== undefined && !this.#flows.has(flow)) {
            this.#flows.add(flow);
            flow.onClose(() => this.#flows.delete(flow));
          }
          return flow;
        },
      };
    };
  }

  /** The connection to the broker. */
  wires(open: OpenWire): OpenWire {
    return (options) => {
      if (this.#isCut) {
        queueMicrotask(() => options.onEnd({ why: 'away', say: SAY }));
        return { publish: () => undefined, leave: async () => undefined, drop: () => undefined };
      }
      const wire = open({
        ...options,
        onEnd: (end) => {
          this.#wires.delete(broken);
          options.onEnd(end);
        },
      });
      const broken = (): void => {
        this.#wires.delete(broken);
        wire.drop();
        options.onEnd({ why: 'away', say: SAY });
      };
      this.#wires.add(broken);
      return {
        publish: (topic, payload, retain) => wire.publish(topic, payload, retain),
        leave: (topic, payload) => {
          this.#wires.delete(broken);
          return wire.leave(topic, payload);
        },
        drop: () => {
          this.#wires.delete(broken);
          wire.drop();
        },
      };
    };
  }
}

function isBreakable(flow: Flow): flow is Flow & Breakable {
  return 'close' in flow && typeof flow.close === 'function';
}
