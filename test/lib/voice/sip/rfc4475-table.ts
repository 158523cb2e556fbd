/** What we do with one message of RFC 4475. */
export interface TortureRow {
  readonly name: string;
  readonly section: string;
  /** What the RFC asks of who receives it. */
  readonly wants: string;
  readonly does:
    | { readonly verb: 'takes'; readonly after: number | undefined }
    | { readonly verb: 'refuses'; readonly status: number }
    | { readonly verb: 'drops' };
}

const takes = { verb: 'takes', after: undefined } as const;
const drops = { verb: 'drops' } as const;
const thenRefuses = (after: number) => ({ verb: 'takes', after }) as const;
const refuses = (status: number) => ({ verb: 'refuses', status }) as const;
const row = (name: string, section: string, wants: string, does: TortureRow['does']): TortureRow => ({
  ...{ name, section, wants, does },
});

/** In the order of the RFC. The README of the codec shows the same table, and a test compares the two. */
export const SIP_RFC_4475: readonly TortureRow[] = [
  row('wsinv', '3.1.1.1', 'white space, folding and compact forms are understood', takes),
  row('intmeth', '3.1.1.2', 'every character a token may have; an unknown method', thenRefuses(501)),
  row('esc01', '3.1.1.3', 'escapes in URIs are undone, and none twice', takes),
  row('escnull', '3.1.1.4', 'a NUL that is escaped is a character like others', takes),
  row(
    'esc02',
    '3.1.1.5',
    'a percent sign that is no escape stays; the method is no REGISTER',
    thenRefuses(501),
  ),
  row('lwsdisp', '3.1.1.6', 'no space between display name and bracket', takes),
  row('longreq', '3.1.1.7', 'long values, 34 Vias, folded lines', takes),
  row('dblreq', '3.1.1.8', 'what follows Content-Length in the datagram is left alone', takes),
  row('semiuri', '3.1.1.9', 'a semicolon in the user part is no parameter', takes),
  row('transports', '3.1.1.10', 'unknown transports in Via', takes),
  row('mpart01', '3.1.1.11', 'a multipart body with binary parts', thenRefuses(405)),
  row('unreason', '3.1.1.12', 'a reason phrase in UTF-8', takes),
  row('noreason', '3.1.1.13', 'an empty reason phrase', takes),
  row('badinv01', '3.1.2.1', '400: separators with nothing between them', refuses(400)),
  row('clerr', '3.1.2.2', '400: Content-Length is larger than the datagram', refuses(400)),
  row('ncl', '3.1.2.3', '400: Content-Length is negative', refuses(400)),
  row('scalar02', '3.1.2.4', '400: numbers out of range in a request', refuses(400)),
  row('scalarlg', '3.1.2.5', 'discard: numbers out of range in a response', drops),
  row('quotbal', '3.1.2.6', '400: a quoted string that does not end', refuses(400)),
  row('ltgtruri', '3.1.2.7', '400: a Request-URI in brackets', refuses(400)),
  row('lwsruri', '3.1.2.8', '400: a space in the Request-URI', refuses(400)),
  row('lwsstart', '3.1.2.9', '400 or leniency: several spaces in the Request-Line', refuses(400)),
  row('trws', '3.1.2.10', '400 or leniency: a space at the end of the Request-Line', refuses(400)),
  row('escruri', '3.1.2.11', '400: headers in the Request-URI', refuses(400)),
  row('baddate', '3.1.2.12', '400 or ignored: a Date that is not in GMT', refuses(400)),
  row('regbadct', '3.1.2.13', '400: a Contact URI with a query and without brackets', refuses(400)),
  row('badaspec', '3.1.2.14', '400: spaces within an address', refuses(400)),
  row('baddn', '3.1.2.15', '400 or leniency: a display name that is no token and not quoted', refuses(400)),
  row('badvers', '3.1.2.16', '505: another version', refuses(505)),
  row('mismatch01', '3.1.2.17', '400: CSeq names another method', refuses(400)),
  row('mismatch02', '3.1.2.18', '501 or 400: the same with an unknown method', refuses(400)),
  row('bigcode', '3.1.2.19', 'discard: a status above 699', drops),
  row(
    'badbranch',
    '3.2.1',
    '400, or matched as RFC 2543 does: a branch that is the cookie alone',
    refuses(400),
  ),
  row('insuf', '3.3.1', '400: From, To, Call-ID and CSeq are needed', refuses(400)),
  row('unkscm', '3.3.2', '416: an unknown scheme', thenRefuses(416)),
  row('novelsc', '3.3.3', '416: a scheme that is known elsewhere', thenRefuses(416)),
  row('unksm2', '3.3.4', 'unknown schemes in From, To and Contact are no fault', takes),
  row('bext01', '3.3.5', '420 with Unsupported: unknown extensions', thenRefuses(420)),
  row('invut', '3.3.6', '415 with Accept: an unknown content type', thenRefuses(415)),
  row('regaut01', '3.3.7', '401: an unknown authentication scheme is passed over', takes),
  row('multi01', '3.3.8', '400: headers twice that may stand there once', refuses(400)),
  row('mcl01', '3.3.9', '400: two different lengths', refuses(400)),
  row('bcast', '3.3.10', 'discard: a response whose second Via is the broadcast address', takes),
  row('zeromf', '3.3.11', 'answered by the end, 483 from a proxy', takes),
  row('cparam01', '3.3.12', 'a contact parameter that nobody knows', takes),
  row('cparam02', '3.3.13', 'a URI parameter that nobody knows', takes),
  row('regescrt', '3.3.14', 'a Contact URI with a Route in it', takes),
  row('sdp01', '3.3.15', '406 or an answer in a type that is accepted', thenRefuses(406)),
  row('inv2543', '3.4.1', 'an INVITE of RFC 2543: no branch, no tag, no Max-Forwards', takes),
];
