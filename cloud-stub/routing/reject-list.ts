import { classify } from '../numbering/index.ts';
import type { InCase } from './in-case.ts';
import type { CallRequest } from './types.ts';

type Incoming = Extract<CallRequest, { direction: 'in' }>;

/** Why the number does not take this caller, or undefined when it does. The caller's number is not repeated. [S0-077] */
export function rejected(one: InCase, request: Incoming): string | undefined {
  const { features, now, number } = one;
  if (features.reject.length === 0) return undefined;
  const hidden = request.withheld || request.from === '';
  // The number itself is there even for a withheld call, but to refuse by it would give it away.
  const caller = hidden ? undefined : classify(request.from, now);
  for (const entry of features.reject) {
    switch (entry.reject) {
      case 'withheld':
        if (hidden) return `${number.number} takes no calls that withhold their number`;
        break;
      case 'number':
        if (caller !== undefined && caller.national === classify(entry.number, now).national) {
          return `${number.number} does not take calls from this number`;
        }
        break;
      case 'class': {
        const payphone = request.origin?.callerClass === 'payphone';
        const is = entry.class === 'payphone' ? payphone : caller?.class === entry.class;
        if (is) return `${number.number} takes no calls of the class ${entry.class}`;
        break;
      }
    }
  }
  return undefined;
}
