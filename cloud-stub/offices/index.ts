export { callManner, callMedia, callOrigin } from './call-parts.ts';
export { publishedSchema } from './json-schema.ts';
export {
  asOrder,
  checkAs,
  type DatedOrder,
  type FileRefusal,
  momentOf,
  type OfficeFile,
  officeFileSchema,
  officeOf,
  readFileAs,
  readOfficeFile,
} from './office-file.ts';
export { orderSchema } from './orders.ts';
export { contractId, list, moment, serviceId, telephone, text } from './parts.ts';
