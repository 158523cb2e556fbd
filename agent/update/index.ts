export { BundleShelf } from './bundle-shelf.ts';
export { Downloader } from './download.ts';
export { memoryFile } from './memory-file.ts';
export { networkProbe } from './probe.ts';
export { RaucSlots } from './rauc.ts';
export type { SlotTool } from './slot-tool.ts';
export { type BoxNow, UpdateRoom, type UpdateView } from './update-room.ts';
