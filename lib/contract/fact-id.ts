import { z } from 'zod';

/** `<gateway>/<boot>/<sequence>`; the same fact always has the same id. */
export const factId = z.string().regex(/^gw-[0-9]{6}\/[0-9a-f]{8}\/[0-9]{1,10}$/);
