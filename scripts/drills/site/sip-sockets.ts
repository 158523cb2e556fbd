import type { Socket } from 'node:net';
import type { SipAddress, SipCounters, UserAgentOptions } from '../../../lib/voice/sip/api.ts';
import type { MakeSockets } from '../../../lib/voice/sip/core.ts';
import { type Flow, flowKey } from '../../../lib/voice/sip/transport/flow.ts';
import { StreamFlow } from '../../../lib/voice/sip/transport/stream-flow.ts';
import { keyOf, type Net, type Place, type SimSocket } from './network.ts';
import type { Program } from './world.ts';

/** SIP over connections: `listen` at a place, or only open them. Framing and keepalive are the product's own. */
export function streamSockets(
  net: Net,
  program: Program,
  host: string,
  transport: 'tls' | 'tcp',
  listen?: Place,
): MakeSockets {
  return (options, counters, message) => {
    const flows = new Map<string, StreamFlow>();
    const make = (remote: SipAddress, outgoing: boolean): StreamFlow =>
      streamFlow(options, counters, message, flows, {
        remote,
        outgoing,
        sentBy: listen === undefined ? host : keyOf(listen),
      });
    let stop: (() => void) | undefined;
    return {
      start: async () => {
        if (listen === undefined) return;
        stop = net.listen(program, listen, (socket) => {
          const flow = make({ transport, ...socket.remote }, false);
          flows.set(flowKey(flow.remote), flow);
          flow.attach(asSocket(socket));
        });
      },
      stop: async () => {
        stop?.();
        for (const flow of [...flows.values()]) flow.close('stopping');
      },
      flowTo: (address) => {
        if (address.transport !== transport) return undefined;
        const known = flows.get(flowKey(address));
        if (known?.open === true) return known;
        const flow = make(address, true);
        flows.set(flowKey(address), flow);
        const socket = net.connect(program, host, address);
        socket.on('error', (error: Error) => flow.close(error.message));
        socket.on('close', () => flow.close('closed'));
        socket.on('connect', () => flow.attach(asSocket(socket)));
        return flow;
      },
      expectServerName: () => undefined,
      distrust: () => undefined,
    };
  };
}

function streamFlow(
  { clock, random }: UserAgentOptions,
  counters: SipCounters,
  message: (bytes: Buffer, flow: Flow) => void,
  flows: Map<string, StreamFlow>,
  what: { readonly remote: SipAddress; readonly outgoing: boolean; readonly sentBy: string },
): StreamFlow {
  return new StreamFlow({
    ...{ clock, random },
    ...what,
    admit: () => {
      counters.messagesReceived++;
      return true;
    },
    message,
    closed: (flow) => {
      if (flows.get(flowKey(what.remote)) === flow) flows.delete(flowKey(what.remote));
    },
  });
}

/** What a stream flow uses of a socket is there. */
function asSocket(socket: SimSocket): Socket {
  return socket as unknown as Socket;
}

/** SIP over datagrams at one place. */
export function datagramSockets(net: Net, program: Program, place: Place): MakeSockets {
  return (_options, counters, message) => {
    const flowTo = ({ host, port }: Place): Flow => ({
      transport: 'udp',
      reliable: false,
      remote: { transport: 'udp', host, port },
      outgoing: false,
      sentBy: keyOf(place),
      open: true,
      send: (bytes) => net.send(program, bytes, place, { host, port }),
      onClose: () => () => undefined,
    });
    let free: (() => void) | undefined;
    return {
      start: async () => {
        free = net.bind(program, place, (bytes, from) => {
          counters.messagesReceived++;
          message(bytes, flowTo(from));
        });
      },
      stop: async () => free?.(),
      flowTo: (address) => (address.transport === 'udp' ? flowTo(address) : undefined),
      expectServerName: () => undefined,
    };
  };
}
