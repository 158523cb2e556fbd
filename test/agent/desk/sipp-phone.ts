import { SIPP_SDP, sippSend } from '../../support/sipp.ts';

/** A registered desk phone in sipp's words: everything in one scenario, over as many dialogs as it names. */
export class SippPhone {
  readonly #box: string;
  readonly #user: string;
  readonly #password: string;

  constructor(box: string, user: string, password: string) {
    this.#box = box;
    this.#user = user;
    this.#password = password;
  }

  /** Registers, challenged once. sipp signs one URI in a whole run (`-auth_uri`), by default this one. */
  register(contacts = this.#contact, expires = 300): readonly string[] {
    const message = (sequence: number, extra: string): string =>
      [
        ...this.#head(
          `REGISTER sip:${this.#box}:5060`,
          'reg',
          sequence,
          'REGISTER',
          `<sip:${this.#user}@${this.#box}>`,
        ),
        `Contact: ${contacts}`,
        `Expires: ${expires}`,
        ...(extra === '' ? [] : [extra]),
        'Content-Length: 0',
      ].join('\n');
    return [
      sippSend(message(1, ''), 'retrans="500"'),
      '<recv response="401" auth="true"/>',
      sippSend(message(2, this.#credentials), 'retrans="500"'),
    ];
  }

  /** Wants to take a call by a name that means nothing. */
  takesInVain(to: string, replaces: string): readonly string[] {
    const steps = this.call('V', to, [`Replaces: ${replaces}`]);
    const again = steps.findIndex((step) => step.includes('response="200"'));
    return [...steps.slice(0, again), '<recv response="481"/>', this.#ack('V', to, 2, '')];
  }

  /** Is called and answers; keeps the caller's tag and the Call-ID like {@link call}. */
  isCalled(name: string): readonly string[] {
    return [
      `<recv request="INVITE"><action>
         <ereg regexp="tag=([0-9a-f]+)" search_in="hdr" header="From:" assign_to="whole${name},tag${name}"/>
         <ereg regexp="[^ ]+" search_in="hdr" header="Call-ID:" assign_to="call${name}"/>
       </action></recv>`,
      `<Reference variables="whole${name},tag${name},call${name}"/>`,
      this.#reply(
        '200 OK',
        ['Content-Type: application/sdp', 'Content-Length: [len]', '', SIPP_SDP],
        `;tag=${name}1`,
      ),
      '<recv request="ACK"/>',
    ];
  }

  /** Calls: challenged, and answered after as long as it takes. Keeps the box's tag as `[$tagNAME]`. */
  call(name: string, to: string, extra: readonly string[] = []): readonly string[] {
    const message = (sequence: number, more: readonly string[]): string =>
      [
        ...this.#head(`INVITE sip:${to}@${this.#box}`, name, sequence, 'INVITE', `<sip:${to}@${this.#box}>`),
        `Contact: ${this.#contact}`,
        ...extra,
        ...more,
        'Content-Type: application/sdp',
        'Content-Length: [len]',
        '',
        SIPP_SDP,
      ].join('\n');
    return [
      sippSend(message(1, []), 'retrans="500"'),
      '<recv response="100" optional="true"/>',
      '<recv response="407" auth="true"/>',
      this.#ack(name, to, 1, ''),
      sippSend(message(2, [this.#credentials]), 'retrans="500"'),
      '<recv response="100" optional="true"/>',
      '<recv response="180" optional="true"/>',
      `<recv response="200" rtd="true"><action>
         <ereg regexp="tag=([0-9a-f]+)" search_in="hdr" header="To:" assign_to="whole${name},tag${name}"/>
         <ereg regexp="[^ ]+" search_in="hdr" header="Call-ID:" assign_to="call${name}"/>
       </action></recv>`,
      `<Reference variables="whole${name},tag${name},call${name}"/>`,
      this.#ack(name, to, 2, `;tag=[$tag${name}]`),
    ];
  }

  /** A request inside a call. */
  inside(name: string, to: string, method: string, sequence: number, lines: readonly string[]): string {
    return sippSend(
      [
        ...this.#head(
          `${method} sip:${to}@${this.#box}`,
          name,
          sequence,
          method,
          `<sip:${to}@${this.#box}>;tag=[$tag${name}]`,
        ),
        `Contact: ${this.#contact}`,
        ...lines,
      ].join('\n'),
      method === 'ACK' ? '' : 'retrans="500"',
    );
  }

  /** Takes a request of the box and answers it. `tag` for one that begins a dialog. */
  answers(
    method: string,
    status = '200 OK',
    lines: readonly string[] = ['Content-Length: 0'],
    { tag = '', action = '' } = {},
  ): readonly string[] {
    return [`<recv request="${method}">${action}</recv>`, this.#reply(status, lines, tag)];
  }

  #reply(status: string, lines: readonly string[], tag: string): string {
    const head = [`SIP/2.0 ${status}`, '[last_Via:]', '[last_From:]', `[last_To:]${tag}`];
    return sippSend(
      [...head, '[last_Call-ID:]', '[last_CSeq:]', `Contact: ${this.#contact}`, ...lines].join('\n'),
    );
  }

  #ack(name: string, to: string, sequence: number, tag: string): string {
    const head = this.#head(
      `ACK sip:${to}@${this.#box}`,
      name,
      sequence,
      'ACK',
      `<sip:${to}@${this.#box}>${tag}`,
    );
    return sippSend([...head, 'Content-Length: 0'].join('\n'));
  }

  get #contact(): string {
    return `<sip:${this.#user}@[local_ip]:[local_port];transport=[transport]>`;
  }

  get #credentials(): string {
    return `[authentication username=${this.#user} password=${this.#password}]`;
  }

  #head(line: string, name: string, sequence: number, method: string, to: string): readonly string[] {
    return [
      `${line} SIP/2.0`,
      'Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch];rport',
      'Max-Forwards: 70',
      `From: <sip:${this.#user}@${this.#box}>;tag=${name}-[pid]-[call_number]`,
      `To: ${to}`,
      `Call-ID: ${name}///[call_id]`,
      `CSeq: ${sequence} ${method}`,
      'User-Agent: sipp',
    ];
  }
}
